import { parentPort, workerData } from 'node:worker_threads';
import type { SharedFrame } from '../pixels/shared-frame.ts';
import { encodeRect } from './encode-rect.ts';
import type { EncodeJob } from './job.ts';

// One encoder thread: takes jobs, reads the shared frame, answers with bytes.

const frame = workerData as SharedFrame;
const port = parentPort;
if (!port) throw new Error('encode.worker runs as a worker thread only');

port.on('message', ({ id, job }: { id: number; job: EncodeJob }) => {
  try {
    const encoded = encodeRect(frame, job);
    port.postMessage({ id, encoded }, [encoded.bytes.buffer as ArrayBuffer]);
  } catch (error) {
    port.postMessage({ id, error });
  }
});
