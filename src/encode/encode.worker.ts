import { parentPort, workerData } from 'node:worker_threads';
import type { SharedFrame } from '../pixels/shared-frame.ts';
import { encodeRect } from './encode-rect.ts';
import type { EncodeJob } from './job.ts';
import { createThreadScaler } from './thread-scaler.ts';

// One encoder thread: takes jobs, reads the shared frame, answers with bytes as each is done.

const { frame, lane } = workerData as { frame: SharedFrame; lane: number };
const scale = createThreadScaler(frame, lane);
const port = parentPort;
if (!port) throw new Error('encode.worker runs as a worker thread only');

port.on('message', (jobs: readonly { id: number; job: EncodeJob }[]) => {
  for (const { id, job } of jobs) {
    try {
      const encoded = encodeRect(frame, job, scale);
      port.postMessage({ id, encoded }, [encoded.bytes.buffer as ArrayBuffer]);
    } catch (error) {
      port.postMessage({ id, error });
    }
  }
});
