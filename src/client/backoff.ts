/** Delay before the first retry, in ms. Short, because most breaks are a server that restarts. */
const FIRST_DELAY_MS = 500;
/**
 * Longest delay, in ms. A larger value makes the user wait longer for a server that is back; a smaller one sends
 * more requests to a server that is down.
 */
const LONGEST_DELAY_MS = 10_000;
/**
 * Share by which a delay is shortened at random, so that the viewers of one server do not all reconnect at the same
 * moment.
 */
const JITTER = 0.25;

/** Returns the delay in ms before a retry at a time that the server has named, `afterS` seconds from now. */
export const promisedDelayMs = (afterS: number, random: number): number =>
  Math.round(Math.min(LONGEST_DELAY_MS, Math.max(FIRST_DELAY_MS, afterS * 1000)) * (1 - JITTER * random));

/** Returns the delay in ms before retry number `attempt`, counted from 0. `random` is in 0..1. */
export function backoffDelayMs(attempt: number, random: number): number {
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.round(delayMs * (1 - JITTER * random));
}
