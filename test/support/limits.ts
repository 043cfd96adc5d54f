import assert from 'node:assert/strict';

/**
 * Factor by which tests multiply promised time limits. A loaded machine may be this much slower before a test
 * fails. The bench measures exactly.
 */
const CONTRACT_SLACK = 5;

/**
 * Most measurements of one thing. Other programs may keep the processor from the test or from the product during one of
 * them, which is no fault of the product. With more, a product that seldom meets its promise passes.
 */
const MOST_MEASUREMENTS = 3;

/** Returns the limit that tests assert for a promised time limit. */
export const withSlack = (contractMs: number): number => contractMs * CONTRACT_SLACK;

/**
 * Repeats a check until it finds nothing wrong, at most MOST_MEASUREMENTS times. Fails with all that was wrong
 * otherwise. `check` gets the number of its round, from 0 on, and resolves with what is wrong.
 */
export async function passesOnce(check: (round: number) => Promise<string | undefined>): Promise<void> {
  const wrong: string[] = [];
  while (wrong.length < MOST_MEASUREMENTS) {
    const found = await check(wrong.length);
    if (found === undefined) return;
    wrong.push(found);
  }
  assert.fail(wrong.join('; '));
}

/** Measures a time until it is below a limit, as `passesOnce`. */
export const least = (limitMs: number, measure: (round: number) => Promise<number>): Promise<void> =>
  passesOnce(async (round) => {
    const tookMs = await measure(round);
    return tookMs < limitMs ? undefined : `${Math.round(tookMs)} ms; the limit is ${limitMs} ms`;
  });
