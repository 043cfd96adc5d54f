import { parentPort, workerData } from 'node:worker_threads';
import { PICTURE_SCALER } from '../../pixels/shared-frame.ts';
import { openNativeGate } from '../../threads/native-gate.ts';
import { END, type PoolMessage } from '../../threads/pool-messages.ts';
import { makePicture, type PictureJob } from '../make/picture.ts';
import { NOTHING, type PictureThreadData } from './encode-messages.ts';
import { createThreadScaler } from './thread-scaler.ts';

// The picture thread: makes pictures for the API, one at a time, apart from the encoding of the viewers' frames.

const { frame, gate } = workerData as PictureThreadData;
const scale = createThreadScaler(frame, PICTURE_SCALER);
const port = parentPort;
if (!port) throw new Error('picture.worker runs as a worker thread only');

port.on('message', async (tasks: PoolMessage<PictureJob | typeof NOTHING>) => {
  if (tasks === END) process.exit();
  for (const { id, job } of tasks) {
    if (job === NOTHING) {
      port.postMessage([{ id, result: NOTHING }]);
      continue;
    }
    try {
      const result = await makePicture(frame, job, () => port.postMessage([{ id, read: true }]), scale);
      port.postMessage([{ id, result }], [result.bytes.buffer as ArrayBuffer]);
    } catch (error) {
      port.postMessage([{ id, error }]);
    }
  }
});
openNativeGate(gate);
port.postMessage([]);
