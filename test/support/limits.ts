import assert from 'node:assert/strict';

/**
 * Factor by which tests multiply promised time limits. A loaded machine may be this much slower before a test
 * fails. The bench measures exactly.
 */
const CONTRACT_SLACK = 5;

/**
 * Most measurements of one time. The test's own process may stand still during one of them, which is no fault of the
 * product. With more, a product that seldom meets its promise passes.
 */
const MOST_MEASUREMENTS = 3;

/** Returns the limit that tests assert for a promised time limit. */
export const withSlack = (contractMs: number): number => contractMs * CONTRACT_SLACK;

/**
 * Measures a time until it is below a limit, at most MOST_MEASUREMENTS times. Fails if it never is. `measure` gets the
 * number of its measurement, from 0 on.
 */
export async function least(limitMs: number, measure: (round: number) => Promise<number>): Promise<void> {
  const tookMs: number[] = [];
  while (tookMs.length < MOST_MEASUREMENTS && !tookMs.some((ms) => ms < limitMs))
    tookMs.push(await measure(tookMs.length));
  assert.ok(
    Math.min(...tookMs) < limitMs,
    `${tookMs.map(Math.round).join(', ')} ms; the limit is ${limitMs} ms`,
  );
}
