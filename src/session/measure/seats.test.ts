import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seats } from './seats.ts';

test('a connection keeps its seat, and the next one takes the lowest that is free', () => {
  const seats = new Seats();
  assert.deepEqual(
    [...seats.of(['a', 'b', 'c'])],
    [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ],
  );
  assert.deepEqual(Object.fromEntries(seats.of(['a', 'c', 'd'])), { a: 1, c: 3, d: 2 });
  assert.deepEqual(Object.fromEntries(seats.of(['e'])), { e: 1 });
});
