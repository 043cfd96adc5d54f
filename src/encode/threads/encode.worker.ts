import { parentPort, workerData } from 'node:worker_threads';
import { areaPx } from '../../pixels/rect.ts';
import { joinBytes } from '../../protocol/join-bytes.ts';
import { loadWebpEncoder, type WebpEncoder } from '../encoders/webp.ts';
import { encodeParts } from '../make/encode-rect.ts';
import type { EncodeJob } from '../make/job.ts';
import type { AnsweredRect, EncodeThreadData } from './encode-messages.ts';
import { EncodedArena } from './encoded-arena.ts';
import { createThreadScaler } from './thread-scaler.ts';
import { type Answer, END } from './worker-pool.ts';

// One encoder thread: takes jobs, reads the shared frame, answers with bytes as each is done.

/**
 * Rects of up to so many pixels are answered together with what follows them: a message costs both threads about as
 * much as encoding one of them. Larger ones do not wait for others, nor do others for them.
 */
const SMALL_PX = 16 * 1024;

const { frame, lane, arena: arenaMemory } = workerData as EncodeThreadData;
const arena = new EncodedArena(arenaMemory);
const scale = createThreadScaler(frame, lane);
const port = parentPort;
if (!port) throw new Error('encode.worker runs as a worker thread only');

let answers: Answer<AnsweredRect>[] = [];

function encode(id: number, job: EncodeJob, webp?: WebpEncoder): Answer<AnsweredRect> {
  try {
    const { parts, ...rect } = encodeParts(frame, job, { scale, webp });
    const place = arena.put(parts);
    return { id, encoded: { ...rect, bytes: place ? { lane, place } : joinBytes(parts) } };
  } catch (error) {
    return { id, error: error as Error };
  }
}

function answer(): void {
  if (answers.length === 0) return;
  const buffers = answers.flatMap(({ encoded }) =>
    encoded && 'buffer' in encoded.bytes ? encoded.bytes.buffer : [],
  );
  port?.postMessage(answers, buffers);
  answers = [];
}

port.on('message', (jobs: readonly { id: number; job: EncodeJob }[] | typeof END) => {
  if (jobs === END) process.exit();
  for (const { id, job } of jobs) {
    if (job.method.name === 'webp') {
      void answerWithWebp(id, job);
      continue;
    }
    const isSmall = areaPx(job.rect) <= SMALL_PX;
    if (!isSmall) answer();
    answers.push(encode(id, job));
    if (!isSmall) answer();
  }
  answer();
});

/** After everything else of its message: no JPEG waits for the encoder, which is loaded for the first of these. */
async function answerWithWebp(id: number, job: EncodeJob): Promise<void> {
  const webp = await loadWebpEncoder().catch((error: Error) => error);
  answers.push(webp instanceof Error ? { id, error: webp } : encode(id, job, webp));
  answer();
}
