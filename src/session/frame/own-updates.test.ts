import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RGB565 } from '../../../test/support/pixel-formats.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import { LEAST_PIECE_PX } from './encode-time.ts';
import { EncoderBudget } from './encoder-budget.ts';
import { planPass } from './own-updates.ts';
import { MOST_PASS_MS, MOST_USER_MS } from './pass-shares.ts';
import type { Taker } from './taker.ts';

const SIZE = { width: 1920, height: 1080 };
const WHOLE = DirtyTiles.whole(SIZE);
const PHOTO = new Uint16Array(tileCount(SIZE)).fill(129);
const LOSSLESS: EncodeProfile = { format: RGB565, encoding: 'tight', lossy: undefined, zlibLevel: 9 };
/** CPU time of a megapixel of it, as estimated. */
const CPU_MS_PER_MPX = 120;
const THREADS = 2;
const GUESTS = 3;

const budgetOf = (): EncoderBudget =>
  new EncoderBudget({ threads: THREADS, nowMs: () => 0, wake: () => undefined });

/** A part of a photograph that takes two threads 6 ms at zlib's level 9. */
const PART = partOf(400);

function partOf(width: number): DirtyTiles {
  const part = new DirtyTiles(SIZE);
  part.add({ x: 0, y: 0, width, height: 250 });
  return part;
}

const takerOf = (encoder: EncoderBudget | undefined, key: string, tiles = PART, sharpeningPx = 0): Taker =>
  ({
    encoder,
    next: { key, profile: LOSSLESS, tiles, sharpeningPx },
    nextTile: 0,
  }) as Partial<Taker> as Taker;

const planOf = ({ next }: Taker) => ({ owed: { copies: [], tiles: next.tiles }, ...next });

const many = (count: number, create: (i: number) => Taker): Taker[] =>
  Array.from({ length: count }, (_, i) => create(i));

suite('takers of one pass', () => {
  const [ada, bob] = [budgetOf(), budgetOf()];
  for (const { name, takers, chosen } of [
    { name: 'no taker', takers: [], chosen: 0 },
    {
      name: 'viewers of two users with one profile',
      takers: [takerOf(ada, 'a'), takerOf(bob, 'a')],
      chosen: 2,
    },
    {
      name: 'viewers of two users with two profiles',
      takers: [takerOf(ada, 'a'), takerOf(bob, 'b')],
      chosen: 2,
    },
    {
      name: 'thirty viewers of a user with one profile',
      takers: [...many(30, () => takerOf(ada, 'a')), takerOf(bob, 'b')],
      chosen: 31,
    },
    {
      name: 'as many of thirty profiles of one user as fit into the time',
      takers: [...many(30, (i) => takerOf(ada, `${i}`)), takerOf(bob, 'b')],
      chosen: 6,
    },
    {
      name: 'as many of thirty different updates of one profile as fit into the time',
      takers: [...many(30, (i) => takerOf(ada, 'a', partOf(400 + i))), takerOf(bob, 'b')],
      chosen: 5,
    },
    {
      name: 'as many of thirty profiles of one user as can be sharpened in the time',
      takers: [...many(30, (i) => takerOf(ada, `${i}`, new DirtyTiles(SIZE), 100_000)), takerOf(bob, 'b')],
      chosen: 6,
    },
    {
      name: 'as many of thirty profiles that two users share as fit into the time',
      takers: [...many(60, (i) => takerOf([ada, bob][i % 2], `${i >> 1}`)), takerOf(budgetOf(), 'c')],
      chosen: 9,
    },
    {
      name: 'the measurement of a frame',
      takers: [takerOf(undefined, 'a')],
      chosen: 1,
    },
  ]) {
    test(`a pass serves ${name}`, () =>
      assert.equal(planPass(takers, PHOTO, GUESTS, []).takers.length, chosen));
  }

  test('different updates of one profile take turns', () => {
    const takers = many(7, (i) => takerOf(ada, 'a', partOf(1700 + i)));
    const served = new Set<Taker>();
    for (let pass = 0; pass < takers.length; pass++) {
      const { takers: chosen, time } = planPass(takers, PHOTO, GUESTS, []);
      for (const taker of chosen) {
        served.add(taker);
        const piece = time.take([taker], planOf(taker), PHOTO)!;
        time.took([taker], 'a', piece, piece.usualCpuMs);
      }
    }
    ada.close();
    assert.equal(served.size, takers.length);
  });

  test('a user with a share of the costs pays for that share', () => {
    const [cyd, dan, eva] = [budgetOf(), budgetOf(), budgetOf()];
    const both = [takerOf(cyd, 'a', WHOLE), takerOf(dan, 'a', WHOLE)];
    const alone = takerOf(eva, 'b', WHOLE);
    for (const takers of [both, [alone]]) {
      const { time } = planPass(takers, PHOTO, GUESTS, []);
      const piece = time.take(takers, planOf(takers[0]!), PHOTO)!;
      // Two threads take half a second for this.
      time.took(takers, takers[0]!.next.key, piece, 1000);
    }
    assert.deepEqual([cyd.waitMs(0), dan.waitMs(0)], [0, 0]);
    assert.ok(eva.waitMs(0) > 0);
    for (const budget of [cyd, dan, eva]) budget.close();
  });
});

suite('the time of a pass', () => {
  /** Time that the pieces of all takers take, as estimated. */
  function passMs(takers: readonly Taker[], users: number): number {
    const { takers: chosen, time } = planPass(takers, PHOTO, users, []);
    const px = chosen.reduce(
      (sum, taker) => sum + (time.take([taker], planOf(taker), PHOTO)?.part ?? WHOLE).areaPx,
      0,
    );
    return ((px / 1e6) * CPU_MS_PER_MPX) / THREADS;
  }
  /** Pieces end with whole tiles, and have LEAST_PIECE_PX at least. */
  const LEAST_PIECE_MS = ((LEAST_PIECE_PX / 1e6) * CPU_MS_PER_MPX) / THREADS;

  test('two updates of one user share the time of a pass', () => {
    const ms = passMs(
      many(2, () => takerOf(budgetOf(), 'a', WHOLE)),
      GUESTS,
    );
    assert.ok(ms > 20 && ms <= MOST_PASS_MS + 2 * LEAST_PIECE_MS, `${ms} ms`);
  });

  for (const users of [1, 2, 5, 20]) {
    test(`the time of a pass is not exceeded by ${users} users with expensive profiles`, () => {
      const takers = many(users, (i) => takerOf(budgetOf(), `${i}`, WHOLE));
      const mostMs = users === 1 ? MOST_USER_MS : MOST_PASS_MS;
      const ms = passMs([...takers, takerOf(budgetOf(), 'cheap')], users + 1);
      assert.ok(ms > 15 && ms <= mostMs + 6 + LEAST_PIECE_MS, `${ms} ms`);
    });
  }

  test('updates in the background have the time of one user, and take nothing from the others', () => {
    const ordinary = many(2, () => takerOf(budgetOf(), 'a', WHOLE));
    const background = takerOf(budgetOf(), 'b', WHOLE);
    const pxOf = ({ time }: ReturnType<typeof planPass>, taker: Taker): number =>
      time.take([taker], planOf(taker), PHOTO)!.part.areaPx;
    const alone = planPass(ordinary, PHOTO, GUESTS, []);
    const beside = planPass(ordinary, PHOTO, GUESTS, [background]);
    assert.deepEqual(beside.takers, [...ordinary, background]);
    for (const taker of ordinary) assert.equal(pxOf(beside, taker), pxOf(alone, taker));
    const ms = ((pxOf(beside, background) / 1e6) * CPU_MS_PER_MPX) / THREADS;
    assert.ok(ms > MOST_USER_MS / 2 && ms <= MOST_USER_MS + LEAST_PIECE_MS, `${ms} ms`);
  });

  test('what all users are sent is not cut', () => {
    const takers = many(3, () => takerOf(budgetOf(), 'a', WHOLE));
    const { takers: chosen, time } = planPass(takers, PHOTO, 3, []);
    assert.equal(chosen.length, 3);
    assert.equal(time.take(takers, planOf(takers[0]!), PHOTO), undefined);
  });
});
