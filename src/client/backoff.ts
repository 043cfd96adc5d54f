/** The first retry comes quickly: most breaks are a server that restarts. */
const FIRST_DELAY_MS = 500;
/** Nobody should sit longer than this before a server that is back. */
const LONGEST_DELAY_MS = 10_000;
/** Spreads the viewers of one server over time, so that they don't all come back in the same instant. */
const JITTER = 0.25;

/** How long to wait before retry number `attempt` (from 0). `random` is in 0..1. */
export function backoffDelayMs(attempt: number, random: number): number {
  const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.round(delayMs * (1 - JITTER * random));
}
