import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PacketLoss } from './packet-loss.ts';

/** Counts four times a second, after `perCount` packets each, of which `lostAt` says how many were lost. */
function count(loss: PacketLoss, counts: number, perCount: number, lostAt: (i: number) => number): boolean[] {
  const state = { sent: 1000, lost: 500 };
  loss.counted(0, state);
  return Array.from({ length: counts }, (_, i) => {
    state.sent += perCount;
    state.lost += lostAt(i);
    loss.counted(250 * (i + 1), { ...state });
    return loss.isLossy;
  });
}

suite('whether a link loses packets', () => {
  const cases: readonly [what: string, perCount: number, lostAt: (i: number) => number, isLossy: boolean][] =
    [
      ['no loss', 50, () => 0, false],
      ['2 % of 2.4 Mbit/s', 50, () => 1, true],
      ['1 % of 2.4 Mbit/s', 50, (i) => i % 2, true],
      ['1 % of 1.2 Mbit/s', 25, (i) => Number(i % 4 === 0), true],
      ['2 % of 20 Mbit/s', 430, () => 9, true],
      ['one of 500 packets', 50, (i) => Number(i % 10 === 0), false],
      ['0.2 % of 20 Mbit/s', 430, () => 1, false],
      ['40 packets at once every 15 s', 50, (i) => (i % 60 === 3 ? 40 : 0), false],
      ['packets that had arrived after all', 50, (i) => (i % 2 ? -1 : 1), false],
      ['the same, and few packets', 5, (i) => (i % 2 ? -1 : 1), false],
    ];
  for (const [what, perCount, lostAt, isLossy] of cases) {
    test(`a link with ${what} counts as ${isLossy ? 'one' : 'none'} that loses packets`, () => {
      const states = count(new PacketLoss(), 240, perCount, lostAt);
      assert.deepEqual(new Set(states.slice(40)), new Set([isLossy]));
    });
  }
});

test('nothing is known of losses before the first count, nor from it: the connection may have been another one', () => {
  const loss = new PacketLoss();
  assert.equal(loss.isLossy, false);
  loss.counted(0, { sent: 1000, lost: 900 });
  assert.equal(loss.isLossy, false);
});

test('losses are noticed within 3 s, and forgotten within 15 s after they have ended', () => {
  const states = count(new PacketLoss(), 200, 50, (i) => (i < 100 ? 1 : 0));
  assert.equal(states[11], true);
  assert.equal(states[99], true);
  assert.equal(states[99 + 60], false);
});

test('a count is due four times a second, also where the kernel does not tell', () => {
  const loss = new PacketLoss();
  assert.equal(loss.wantsCount(0), true);
  loss.counted(0, undefined);
  assert.equal(loss.wantsCount(249), false);
  assert.equal(loss.wantsCount(250), true);
  assert.equal(loss.isLossy, false);
});
