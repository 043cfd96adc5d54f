import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPortionBytes, type PortionFacts } from './portions.ts';

const FREE: PortionFacts = {
  isInUpdate: false,
  bufferedBytes: 0,
  followsUpdate: false,
  hasRoom: true,
  limitingRate: undefined,
};

for (const [what, facts, bytes] of [
  ['48 KiB leave on a link that has not been the limit', {}, 48 * 1024],
  ['what the link carries in 10 ms leaves on a known link', { limitingRate: 1250 }, 12_500],
  ['no more than 48 KiB leave on the fastest link', { limitingRate: 100_000 }, 48 * 1024],
  ['2 KiB leave on the slowest link', { limitingRate: 7 }, 2048],
  ['nothing leaves within an update', { isInUpdate: true }, 0],
  ['nothing leaves while the socket has bytes', { bufferedBytes: 1 }, 0],
  ['nothing leaves while the link has no room', { hasRoom: false }, 0],
  [
    'a portion follows an update although the link has no room',
    { hasRoom: false, followsUpdate: true },
    49_152,
  ],
] as const) {
  test(`of a long message, ${what}`, () => {
    assert.equal(nextPortionBytes({ ...FREE, ...facts }), bytes);
  });
}
