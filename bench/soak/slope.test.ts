import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lowsOf, slopeMibPerMinute } from './slope.ts';

const MIB = 1 << 20;
const MINUTE_MS = 60_000;

/** Samples each five seconds for 20 minutes, with garbage that is collected each 40 seconds. */
const sawtooth = (leakMibPerMinute: number) =>
  Array.from({ length: 240 }, (_, i) => {
    const atMs = 1000 + i * 5000;
    return { atMs, bytes: (100 + (i % 8) * 5 + (leakMibPerMinute * i * 5) / 60) * MIB };
  });

test('memory that rises and falls has no slope', () => {
  assert.ok(Math.abs(slopeMibPerMinute(lowsOf(sawtooth(0), MINUTE_MS))) < 0.01);
});

test('a leak of 0.3 MiB a minute below garbage of 35 MiB has its slope', () => {
  const slope = slopeMibPerMinute(lowsOf(sawtooth(0.3), MINUTE_MS));
  assert.ok(Math.abs(slope - 0.3) < 0.05, `${slope}`);
});

test('one sample, and none, have no slope', () => {
  assert.equal(slopeMibPerMinute([]), 0);
  assert.equal(slopeMibPerMinute(lowsOf([{ atMs: 5, bytes: 7 }], MINUTE_MS)), 0);
});
