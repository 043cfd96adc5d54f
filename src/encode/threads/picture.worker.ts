import { parentPort, workerData } from 'node:worker_threads';
import type { SharedFrame } from '../../pixels/shared-frame.ts';
import { makePicture, type PictureJob } from '../make/picture.ts';
import { END } from './worker-pool.ts';

// The thread that makes pictures for the API, one at a time, away from the viewers' frames.

const frame = workerData as SharedFrame;
const port = parentPort;
if (!port) throw new Error('picture.worker runs as a worker thread only');

port.on('message', async (jobs: readonly { id: number; job: PictureJob }[] | typeof END) => {
  if (jobs === END) process.exit();
  for (const { id, job } of jobs) {
    try {
      const encoded = await makePicture(frame, job, () => port.postMessage([{ id, read: true }]));
      port.postMessage([{ id, encoded }], [encoded.bytes.buffer as ArrayBuffer]);
    } catch (error) {
      port.postMessage([{ id, error }]);
    }
  }
});
