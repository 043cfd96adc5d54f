import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';

/**
 * Milliseconds that a thread gets to end by itself, and again to end when it is terminated. A smaller value risks
 * terminating a thread inside native code, which can crash the process; a larger one makes `close` wait longer for
 * a thread that hangs.
 */
const END_LIMIT_MS = 1000;

/**
 * Parts of which a limit consists. After a pause of the whole process a timer may fire before the end of the thread is
 * heard, which only uses up one part. More parts wake this thread more often; with one, such a pause makes a thread
 * that has ended look as if it hung.
 */
const LIMIT_PARTS = 10;

export interface EndOptions {
  readonly limitMs?: number;
  /**
   * Asked before the thread is terminated. If it returns false, the thread gets another `limitMs` to end by itself.
   * Without it the thread may be terminated.
   */
  readonly mayTerminate?: () => boolean;
}

/**
 * Ends a thread and waits until it has ended: sends it `message`, upon which it calls process.exit(), and terminates
 * it if it does not. Without `message` it is terminated at once, for a thread that is known to hang. Resolves to
 * false if the thread hangs where it cannot be terminated, such as in a system call; it then ends with that call or
 * with the process.
 */
export async function endThread(
  worker: Worker,
  message?: unknown,
  { limitMs = END_LIMIT_MS, mayTerminate = () => true }: EndOptions = {},
): Promise<boolean> {
  if (hasEnded(worker)) return true;
  const ended = new Promise<true>((resolve) => worker.once('exit', () => resolve(true)));
  if (message !== undefined) {
    worker.postMessage(message);
    if (await within(ended, limitMs)) return true;
  }
  if (mayTerminate()) void worker.terminate();
  if (await within(ended, limitMs)) return true;
  worker.unref();
  return false;
}

/** Node sets a worker's thread id to -1 when it has ended. */
const hasEnded = (worker: Worker): boolean => worker.threadId === -1;

async function within(ended: Promise<true>, limitMs: number): Promise<boolean> {
  const cancel = new AbortController();
  let hasEndedInTime = false;
  for (let part = 0; part < LIMIT_PARTS && !hasEndedInTime; part++) {
    const late = delay(limitMs / LIMIT_PARTS, false, { signal: cancel.signal }).catch(() => false);
    hasEndedInTime = await Promise.race([ended, late]);
  }
  cancel.abort();
  return hasEndedInTime;
}
