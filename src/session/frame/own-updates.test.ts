import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RGB565 } from '../../../test/support/pixel-formats.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import { EncoderBudget } from './encoder-budget.ts';
import { chooseTakers, cutToTime, LEAST_PIECE_PX, PassTime, soleBudget } from './own-updates.ts';
import type { Taker } from './taker.ts';

const SIZE = { width: 1920, height: 1080 };
const WHOLE = DirtyTiles.whole(SIZE);
const PHOTO = new Uint16Array(tileCount(SIZE)).fill(129);
const TEXT = new Uint16Array(tileCount(SIZE)).fill(2);
const LOSSLESS: EncodeProfile = { format: RGB565, encoding: 'tight', lossy: undefined, zlibLevel: 9 };
const JPEG: EncodeProfile = {
  ...LOSSLESS,
  lossy: {
    moving: { quality: 77, subsampling: '4:2:0' },
    changed: { quality: 77, subsampling: '4:2:0' },
    still: undefined,
  },
};

const budgetOf = (threads = 2): EncoderBudget =>
  new EncoderBudget({ threads, nowMs: () => 0, wake: () => undefined });

/** A part of a photograph that takes two threads 6 ms at zlib's level 9. */
const PART = new DirtyTiles(SIZE);
PART.add({ x: 0, y: 0, width: 400, height: 250 });

const takerOf = (encoder: EncoderBudget | undefined, key: string, tiles = PART): Taker =>
  ({ encoder, next: { key, profile: LOSSLESS, tiles } }) as Partial<Taker> as Taker;

const owed = (tiles: DirtyTiles) => ({ copies: [], tiles });

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
      takers: [...Array.from({ length: 30 }, () => takerOf(ada, 'a')), takerOf(bob, 'b')],
      chosen: 31,
    },
    {
      name: 'as many of thirty profiles of one user as fit into the time',
      takers: [...Array.from({ length: 30 }, (_, i) => takerOf(ada, `${i}`)), takerOf(bob, 'b')],
      chosen: 6,
    },
    {
      name: 'the measurement of a frame',
      takers: [takerOf(undefined, 'a')],
      chosen: 1,
    },
  ]) {
    test(`a pass serves ${name}`, () => assert.equal(chooseTakers(takers, PHOTO).length, chosen));
  }

  test('expensive profiles of one user take turns, and one is in each pass', () => {
    const budget = budgetOf();
    const takers = ['a', 'b', 'c'].map((key) => takerOf(budget, key, WHOLE));
    for (const [pass, key] of ['a', 'b', 'c', 'a', 'b'].entries()) {
      assert.deepEqual(
        chooseTakers(takers, PHOTO).map(({ next }) => next.key),
        [key],
      );
      budget.took(key, 0, 1, pass);
    }
  });

  test('takers belong to one user if all have the same budget', () => {
    const [one, other] = [budgetOf(), budgetOf()];
    assert.equal(soleBudget([]), undefined);
    assert.equal(soleBudget([{ encoder: one }, { encoder: one }]), one);
    assert.equal(soleBudget([{ encoder: one }, { encoder: other }]), undefined);
    assert.equal(soleBudget([{ encoder: undefined }]), undefined);
  });
});

suite('a piece of an update', () => {
  for (const { name, profile, colours, mostCpuMs, leastPx, mostPx } of [
    { name: 'all of a screen of text', profile: LOSSLESS, colours: TEXT, mostCpuMs: 60, leastPx: 2_073_600 },
    { name: 'all of a photograph as JPEG', profile: JPEG, colours: PHOTO, mostCpuMs: 60, leastPx: 2_073_600 },
    {
      name: 'a part of a photograph without loss',
      profile: LOSSLESS,
      colours: PHOTO,
      mostCpuMs: 60,
      leastPx: 400_000,
      mostPx: 520_000,
    },
    {
      name: 'at least some tiles',
      profile: LOSSLESS,
      colours: PHOTO,
      mostCpuMs: 0,
      leastPx: LEAST_PIECE_PX,
      mostPx: LEAST_PIECE_PX + 64 * 64,
    },
  ]) {
    test(`a piece of an update that may take ${mostCpuMs} ms is ${name}`, () => {
      const { part, rest } = cutToTime({ owed: owed(WHOLE), profile }, colours, 0, mostCpuMs);
      assert.ok(part.areaPx >= leastPx && part.areaPx <= (mostPx ?? leastPx), `${part.areaPx} px`);
      assert.equal(part.areaPx + rest.areaPx, WHOLE.areaPx);
    });
  }

  test('pieces of a screen that keeps changing go round it', () => {
    const seen = new DirtyTiles(SIZE);
    let next = 0;
    for (let i = 0; i < 6; i++) {
      const { part, nextTile } = cutToTime({ owed: owed(WHOLE), profile: LOSSLESS }, PHOTO, next, 60);
      seen.merge(part);
      next = nextTile;
    }
    assert.ok(seen.equals(WHOLE));
  });

  test('two updates of one user share the time of a pass, and another user has a time of their own', () => {
    const [ada, bob] = [budgetOf(), budgetOf()];
    const time = new PassTime();
    const plan = { owed: owed(WHOLE), profile: LOSSLESS, key: 'key' };
    const first = time.take(ada, plan, PHOTO, 0).part.areaPx;
    assert.ok(first > 10 * LEAST_PIECE_PX);
    assert.ok(time.take(ada, plan, PHOTO, 0).part.areaPx < 2 * LEAST_PIECE_PX);
    assert.equal(time.take(bob, plan, PHOTO, 0).part.areaPx, first);
  });
});
