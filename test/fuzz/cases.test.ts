import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCorpus } from './corpus.ts';
import { ignoreReached } from './fuzz-target.ts';
import { runCases } from './run-cases.ts';
import { TARGETS } from './targets.ts';

const MIB = 1 << 20;

/**
 * Seed of all cases, so that a failure on one machine happens on every other. FUZZ_SEED gives another: a run with each
 * new seed tries new inputs.
 */
const SEED = Number(process.env.FUZZ_SEED ?? 1);

/** Factor of the numbers of cases, by FUZZ_SHARE: 0.01 for a quick look, 10 for a night. */
const SHARE = Number(process.env.FUZZ_SHARE ?? 1);

/** Cases of all targets together, in one test run. */
const LEAST_CASES = 1_000_000;

/** Longest run of one target, in ms. It takes some seconds on an idle core. */
const LIMIT_MS = 175_000;

/**
 * Growth of a thread's memory between the first quarter of its cases and the last, in bytes, after garbage collections.
 * Compiled code and caches grow by some 100 KB; a leak of 50 bytes in each case would be above it.
 */
const MOST_GROWTH_BYTES = 4 * MIB;

/**
 * Share of the cases of a target that must reach each part that it names. Damage ends most cases early. A smaller share
 * would let a part go untested; a larger one would leave less to damage.
 */
const LEAST_REACHED_SHARE = 0.002;

test('the fuzz targets make a million cases in a test run', () => {
  const cases = TARGETS.reduce((sum, target) => sum + target.cases, 0);
  assert.ok(cases >= LEAST_CASES, `${cases}`);
});

for (const target of TARGETS) {
  test(`inputs of ${target.name} that were kept are accepted, or refused with a code`, async (t) => {
    const corpus = readCorpus(target.name);
    assert.ok(corpus.length > 0, `test/fuzz/corpus/${target.name} is empty`);
    await target.prepare?.();
    for (const { name, input } of corpus) await t.test(name, () => target.run(input, ignoreReached));
  });

  const cases = Math.ceil(target.cases * SHARE);
  test(`${cases} random inputs of ${target.name} crash nothing, hang nothing and leave no memory`, {
    timeout: LIMIT_MS,
  }, async (t) => {
    const { slowestMs, grownBytes, reached } = await runCases(target.name, SEED, cases);
    t.diagnostic(`slowest ${slowestMs.toFixed(1)} ms, memory ${(grownBytes / MIB).toFixed(2)} MiB more`);
    t.diagnostic(`reached ${JSON.stringify(reached)}`);
    const missed = target.reaches.filter((what) => (reached[what] ?? 0) < cases * LEAST_REACHED_SHARE);
    assert.deepEqual(missed, [], 'these parts were hardly reached');
    assert.ok(grownBytes < MOST_GROWTH_BYTES, `${(grownBytes / MIB).toFixed(1)} MiB more; seed ${SEED}`);
  });
}
