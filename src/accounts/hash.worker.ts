import { parentPort } from 'node:worker_threads';
import { END, type PoolMessage } from '../threads/pool-messages.ts';
import { type HashCost, hashPassword, verifyPassword } from './password-hash.ts';

// The hash thread: hashes and compares passwords, one at a time.

/** Requests to the hash thread. */
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
