import { parentPort } from 'node:worker_threads';
import { type HashCost, hashPassword, verifyPassword } from './password.ts';

/** What the hash thread is asked, one at a time. */
export type HashRequest =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: HashCost }
  | { readonly kind: 'verify'; readonly password: string; readonly hash: string };

/** The hash, whether it fits, or why it could not be worked out. */
export type HashReply = { readonly result: string | boolean } | { readonly failure: string };

function answer(request: HashRequest): HashReply {
  try {
    return request.kind === 'hash'
      ? { result: hashPassword(request.password, request.cost) }
      : { result: verifyPassword(request.password, request.hash) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (request: HashRequest) => parentPort?.postMessage(answer(request)));
