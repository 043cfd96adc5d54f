import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDice } from '../scenes/dice.ts';
import { slopeOf } from './slope.ts';

const MIB = 1 << 20;
const MINUTE_MS = 60_000;

/** A sample each minute, with noise of up to `noiseMib` around a line. */
function noisy(minutes: number, leakMibPerMinute: number, noiseMib: number, seed: number) {
  const dice = createDice(seed);
  return Array.from({ length: minutes }, (_, i) => {
    const noise = (dice.integer(-1000, 1000) / 1000) * noiseMib;
    return { atMs: 1000 + i * MINUTE_MS, bytes: (100 + leakMibPerMinute * i + noise) * MIB };
  });
}

test('a leak of 0.2 MiB a minute differs from none after 20 minutes with noise of 1.5 MiB', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const [none, leak] = [slopeOf(noisy(20, 0, 1.5, seed)), slopeOf(noisy(20, 0.2, 1.5, seed))];
    assert.ok(none.high < 0.2, `seed ${seed}: ${JSON.stringify(none)}`);
    assert.ok(leak.low > 0, `seed ${seed}: ${JSON.stringify(leak)}`);
  }
});

test('the true slope is in the interval of 95 % for nine of ten series and more', () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => seed);
  const hits = seeds.filter((seed) => {
    const { low, high } = slopeOf(noisy(20, 0.3, 3, seed));
    return low <= 0.3 && high >= 0.3;
  });
  assert.ok(hits.length > 180, `${hits.length} of 200`);
});

test('single peaks do not move a slope', () => {
  const samples = noisy(20, 0.1, 0, 1).map((sample, i) =>
    i % 7 === 3 ? { ...sample, bytes: sample.bytes + 50 * MIB } : sample,
  );
  assert.ok(Math.abs(slopeOf(samples).mibPerMinute - 0.1) < 0.02);
});

test('few samples have no limits of their slope, and one has none', () => {
  assert.deepEqual(slopeOf([]), {
    mibPerMinute: 0,
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
  });
  assert.equal(slopeOf(noisy(1, 0, 0, 1)).mibPerMinute, 0);
  const two = slopeOf(noisy(2, 0.1, 0, 1));
  assert.ok(Math.abs(two.mibPerMinute - 0.1) < 1e-6);
  assert.equal(two.high, Number.POSITIVE_INFINITY);
});
