import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from './tally.ts';

test('a tally counts by key and in total, and what has no key in total alone', () => {
  const tally = new Tally();
  const release = [tally.add('a'), tally.add('a'), tally.add('b'), tally.add(undefined)];
  assert.deepEqual([tally.of('a'), tally.of('b'), tally.of('c'), tally.of(undefined)], [2, 1, 0, 0]);
  assert.equal(tally.total, 4);
  for (const end of release) end();
  assert.deepEqual([tally.of('a'), tally.of('b'), tally.total], [0, 0, 0]);
});

test('what was counted once is taken back once, however often its end is reported', () => {
  const tally = new Tally();
  const first = tally.add('a');
  tally.add('a');
  first();
  first();
  assert.deepEqual([tally.of('a'), tally.total], [1, 1]);
});
