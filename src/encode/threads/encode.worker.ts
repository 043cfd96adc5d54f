import { parentPort, workerData } from 'node:worker_threads';
import { areaPx } from '../../pixels/rect.ts';
import { joinBytes } from '../../protocol/join-bytes.ts';
import { openNativeGate } from '../../threads/native-gate.ts';
import { type Answer, END, type PoolMessage } from '../../threads/pool-messages.ts';
import { loadWebpEncoder, type WebpEncoder } from '../encoders/webp.ts';
import { makeNewContexts } from '../encoders/zstd.ts';
import { encodeParts } from '../make/encode-rect.ts';
import type { EncodeJob } from '../make/job.ts';
import type { AnsweredRect, EncodeThreadData } from './encode-messages.ts';
import { EncodedArena } from './encoded-arena.ts';
import { createThreadPacker } from './thread-packer.ts';
import { createThreadScaler } from './thread-scaler.ts';

// An encoder thread: takes jobs, reads the shared frame, and answers with the bytes of each rect when it is encoded.

/**
 * Largest rect, in pixels, that is answered together with the rects that follow it: a message costs both threads about
 * as much as encoding one of these. With a larger value a rect waits longer for the ones behind it; with a smaller one
 * more messages are sent.
 */
const SMALL_PX = 16 * 1024;

const { frame, lane, arena: arenaMemory, gate, keepsZstd } = workerData as EncodeThreadData;
if (!keepsZstd) makeNewContexts();
const arena = new EncodedArena(arenaMemory);
const packer = createThreadPacker(frame, lane);
const scale = createThreadScaler(frame, lane);
const port = parentPort;
if (!port) throw new Error('encode.worker runs as a worker thread only');

let answers: Answer<AnsweredRect>[] = [];

function encode(id: number, job: EncodeJob, webp?: WebpEncoder): Answer<AnsweredRect> {
  try {
    const { parts, ...rect } = encodeParts(frame, job, { packer, scale, webp });
    const place = arena.put(parts);
    return { id, result: { ...rect, bytes: place ? { lane, place } : joinBytes(parts) } };
  } catch (error) {
    return { id, error: error as Error };
  }
}

function answer(): void {
  if (answers.length === 0) return;
  const buffers = answers.flatMap((one) =>
    'result' in one && 'buffer' in one.result.bytes ? one.result.bytes.buffer : [],
  );
  port?.postMessage(answers, buffers);
  answers = [];
}

port.on('message', (tasks: PoolMessage<EncodeJob>) => {
  if (tasks === END) process.exit();
  for (const { id, job } of tasks) {
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
openNativeGate(gate);
port.postMessage([]);

/** Runs after the other jobs of the message, so that no JPEG waits while the WebP encoder is loaded. */
async function answerWithWebp(id: number, job: EncodeJob): Promise<void> {
  const webp = await loadWebpEncoder().catch((error: Error) => error);
  answers.push(webp instanceof Error ? { id, error: webp } : encode(id, job, webp));
  answer();
}
