import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { END, type PoolMessage } from '../threads/pool-messages.ts';
import { type HashCost, hashPassword, verifyPassword } from './password-hash.ts';

// A hash thread: hashes and compares passwords, one at a time.

/** Data that a hash thread starts with. */
export interface HashThreadData {
  /** 0 for the priority of the process; more takes less of a core on which other threads run. */
  readonly niceness: number;
}

/** Requests to a hash thread. */
export type HashRequest =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: HashCost }
  | {
      readonly kind: 'verify';
      readonly password: string;
      readonly hash: string;
      readonly decoys: readonly string[];
    };

/** The hash, or whether the password fits it. */
export type HashResult = string | boolean;

const port = parentPort;
if (!port) throw new Error('hash.worker runs as a worker thread only');

// On Linux, this is the niceness of the calling thread alone.
const { niceness } = workerData as HashThreadData;
if (niceness > getPriority()) setPriority(niceness);

port.on('message', (tasks: PoolMessage<HashRequest>) => {
  if (tasks === END) process.exit();
  for (const { id, job } of tasks) {
    try {
      port.postMessage([{ id, result: answer(job) }]);
    } catch (error) {
      port.postMessage([{ id, error }]);
    }
  }
});
port.postMessage([]);

function answer(request: HashRequest): HashResult {
  return request.kind === 'hash'
    ? hashPassword(request.password, request.cost)
    : verifyPassword(request.password, request.hash, request.decoys);
}
