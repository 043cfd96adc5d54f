import { DeskwireError } from './errors.ts';

/** Wait before the first retry in ms. A larger one is slower after a short fault, a smaller one asks a busy server more. */
const FIRST_WAIT_MS = 500;

/** Longest wait in ms. A larger one notices later that the server is back, a smaller one asks it more often. */
const LONGEST_WAIT_MS = 30_000;

/** Answers of a server, or of a proxy before it, that has no time or no room now. */
const BUSY_STATUSES = [429, 502, 503, 504];

/** Whether the same request may succeed a little later. */
export function isPassing(error: unknown): error is DeskwireError {
  if (!(error instanceof DeskwireError)) return false;
  if (error.code === 'SDK_UNREACHABLE' || error.code === 'SDK_TIMED_OUT') return true;
  return error.status !== undefined && BUSY_STATUSES.includes(error.status);
}

/**
 * Time to wait before a retry: twice as long after each failure, shortened by up to one half at random, so that many
 * clients do not come back at once. Never shorter than the server asks for.
 */
export function waitBefore(
  failures: number,
  retryAfterMs: number | undefined,
  random: number,
  firstMs = FIRST_WAIT_MS,
): number {
  const longest = Math.min(LONGEST_WAIT_MS, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.max(retryAfterMs ?? 0, longest * (1 - random / 2));
}
