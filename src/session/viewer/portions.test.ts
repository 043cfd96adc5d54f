import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPortionBytes, type PortionFacts, Portions } from './portions.ts';

const FREE: PortionFacts = {
  isInUpdate: false,
  bufferedBytes: 0,
  followsUpdate: false,
  hasRoom: true,
  frameWaits: false,
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
  ['nothing leaves while an update is about to', { frameWaits: true }, 0],
  [
    'a portion follows an update although the next one waits',
    { frameWaits: true, followsUpdate: true },
    49_152,
  ],
] as const) {
  test(`of a long message, ${what}`, () => {
    assert.equal(nextPortionBytes({ ...FREE, ...facts }), bytes);
  });
}

test('a long message does not wait for ever for an update that does not come', () => {
  let sentBytes = 0;
  let waits: (() => void)[] = [];
  const portions = new Portions(
    {
      takesPortions: () => true,
      hasRoom: () => true,
      frameWaits: () => true,
      limitingRate: () => undefined,
      sent: (bytes) => {
        sentBytes += bytes;
      },
    },
    () => undefined,
    () => void portions.serve({ isInUpdate: false, bufferedBytes: 0 }),
    (ms, callback) => {
      assert.equal(ms, 100);
      waits.push(callback);
      return () => {
        waits = waits.filter((one) => one !== callback);
      };
    },
  );
  const bytes = new Uint8Array(100_000);
  portions.begin({ kind: 'clipboard', make: () => bytes, bytes, over: () => undefined });
  for (let portion = 0; portion < 2; portion++) {
    for (let i = 0; i < 3; i++) portions.serve({ isInUpdate: false, bufferedBytes: 0 });
    assert.deepEqual([sentBytes, waits.length], [portion * (48 * 1024 + 8), 1]);
    waits.shift()!();
  }
  portions.serve({ isInUpdate: false, bufferedBytes: 0 });
  portions.close();
  assert.equal(waits.length, 0);
});
