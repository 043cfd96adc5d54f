import { parentPort } from 'node:worker_threads';

// An encoder thread that answers later by the milliseconds of its address, ?ms=40. It computes nothing meanwhile.

const delayMs = Number(new URL(import.meta.url).searchParams.get('ms'));
const port = parentPort!;
const post = port.postMessage.bind(port);
const asleep = new Int32Array(new SharedArrayBuffer(4));

port.postMessage = (answers: readonly unknown[], transfer?) => {
  // The first message has no answers: it says that the thread has started.
  if (answers.length > 0) Atomics.wait(asleep, 0, 0, delayMs);
  post(answers, transfer as []);
};
await import('../../src/encode/threads/encode.worker.ts');
