import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
const DEFAULT_LIMIT_MS = 10_000;

/**
 * Calls `probe` repeatedly until it returns something other than undefined or false, and resolves with that.
 * Rejects after `limitMs` with an error that names `what`. Errors of the probe pass through.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<Exclude<T, undefined | false>> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > endMs) throw new Error(`Waited ${limitMs} ms in vain for ${what}.`);
    await sleep(POLL_MS);
  }
}
