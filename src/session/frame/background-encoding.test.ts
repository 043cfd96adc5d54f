import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BGR233, RGB565 } from '../../../test/support/pixel-formats.ts';
import { type PlannedRect, planRects } from '../../encode/plan/plan-rects.ts';
import { type EncodeProfile, profileKey } from '../../encode/plan/profile.ts';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import { areaPx, type Size, wholeOf } from '../../pixels/rect.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import {
  BackgroundEncoding,
  firstTileOf,
  fromTile,
  isForBackground,
  leastRects,
  MOST_UPDATES,
} from './background-encoding.ts';
import type { Taker } from './taker.ts';

const HD = { width: 1280, height: 720 };
const UHD = { width: 3840, height: 2160 };
const ZRLE: EncodeProfile = { format: SERVER_PIXEL_FORMAT, encoding: 'zrle', lossy: undefined, zlibLevel: 6 };

const blocks = (size: Size, encoding: EncodeProfile['encoding'] = 'zrle'): PlannedRect[] =>
  planRects(
    DirtyTiles.whole(size),
    { colours: new Uint16Array(tileCount(size)).fill(129), isMoving: () => true },
    { ...ZRLE, encoding },
  );

suite('the rects of an update in the background', () => {
  for (const [encoding, expected] of [
    ['tight', false],
    ['zrle', true],
    ['zlib', true],
    ['hextile', true],
    ['raw', true],
  ] as const)
    test(`a viewer with ${encoding} is served in the ${expected ? 'background' : 'foreground'}`, () =>
      assert.equal(isForBackground({ encoding }), expected));

  for (const size of [{ width: 1, height: 1 }, { width: 640, height: 480 }, HD, UHD]) {
    test(`a picture of ${size.width}×${size.height} needs at most ${MOST_UPDATES} interrupted updates`, () => {
      const rects = blocks(size);
      let at = 0;
      let updates = 0;
      while (at < rects.length) {
        at += leastRects(rects.slice(at), size);
        updates++;
      }
      assert.ok(updates <= MOST_UPDATES, `${updates}`);
    });
  }

  test('a frame waits for one short rect at 1280×720, and for a 32nd of the picture at 3840×2160', () => {
    assert.equal(leastRects(blocks(HD), HD), 1);
    const rects = blocks(UHD);
    const least = rects.slice(0, leastRects(rects, UHD)).reduce((sum, { rect }) => sum + areaPx(rect), 0);
    const share = least / areaPx(wholeOf(UHD));
    assert.ok(share >= 1 / MOST_UPDATES && share < 1.3 / MOST_UPDATES, `${share}`);
  });

  test('rects begin with a given tile and go round the screen', () => {
    const rects = blocks(HD);
    for (const first of [0, 1, 20, 100, 10_000]) {
      const turned = fromTile(rects, first, HD);
      const tiles = turned.map((rect) => firstTileOf(rect, HD));
      assert.deepEqual(new Set(turned), new Set(rects));
      const behind = tiles.filter((tile) => tile >= first);
      assert.deepEqual(
        tiles.slice(0, behind.length),
        behind.toSorted((a, b) => a - b),
      );
      assert.deepEqual(
        tiles.slice(behind.length),
        tiles.filter((tile) => tile < first).toSorted((a, b) => a - b),
      );
    }
    assert.deepEqual(fromTile([], 5, HD), []);
  });
});

suite('the choice of takers for the background', () => {
  const takerOf = (profile: EncodeProfile, tiles = DirtyTiles.whole(HD)): Taker =>
    ({
      encoding: profile.encoding,
      next: { key: profileKey(profile), profile, tiles, sharpeningPx: 0 },
    }) as Partial<Taker> as Taker;
  const part = new DirtyTiles(HD);
  part.add({ x: 0, y: 0, width: 100, height: 100 });
  const background = () => new BackgroundEncoding({ threads: 2, isPictureWanted: () => false });
  const tight = takerOf({ ...ZRLE, encoding: 'tight' });

  test('viewers in the foreground are served by every pass', () => {
    assert.deepEqual(background().choose([tight]), { foreground: [tight], background: [] });
    assert.deepEqual(background().choose([]), { foreground: [], background: [] });
  });

  test('the first update of a viewer is sent in the foreground', () => {
    const waiting = background();
    const viewer = takerOf(ZRLE);
    assert.deepEqual(waiting.choose([tight, viewer]), { foreground: [tight, viewer], background: [] });
    assert.deepEqual(waiting.choose([tight, viewer]), { foreground: [tight], background: [viewer] });
  });

  test('viewers that are sent the same are served together', () => {
    const waiting = background();
    const [a, b] = [takerOf(ZRLE), takerOf(ZRLE)];
    const others = [takerOf({ ...ZRLE, format: BGR233 }), takerOf(ZRLE, part)];
    waiting.choose([a, b, ...others]);
    const chosen = waiting.choose([a, tight, b, ...others]);
    assert.deepEqual(chosen, { foreground: [tight], background: [a, b] });
  });

  test('the viewer that has waited longest is served next', () => {
    const waiting = background();
    const takers = [ZRLE, { ...ZRLE, format: BGR233 }, { ...ZRLE, format: RGB565 }].map((one) =>
      takerOf(one),
    );
    waiting.choose(takers);
    const served = Array.from({ length: 6 }, () => waiting.choose([tight, ...takers]).background[0]!);
    assert.deepEqual(served, [...takers, ...takers]);
  });
});

suite('work in the background', () => {
  /** Steps that end when they are told to. */
  function stepsOf(count: number) {
    const ends: (() => void)[] = [];
    const steps = Array.from(
      { length: count },
      () => () => new Promise<void>((resolve) => ends.push(resolve)),
    );
    const end = async (): Promise<void> => {
      ends.shift()!();
      await nextTurn();
    };
    return { steps, end, begun: () => ends.length };
  }

  for (const [threads, expected] of [
    [1, 1],
    [2, 1],
    [4, 3],
  ] as const)
    test(`of ${threads} encoder threads, ${expected} has work in the background at a time`, async () => {
      const background = new BackgroundEncoding({ threads, isPictureWanted: () => false });
      const { steps, end, begun } = stepsOf(6);
      const run = background.run(steps, 1);
      assert.equal(begun(), expected);
      assert.ok(background.isBusy);
      for (let i = 0; i < steps.length; i++) await end();
      assert.equal(await run, steps.length);
      assert.ok(!background.isBusy);
    });

  test('a frame that waits ends the work after the rect that is being encoded', async () => {
    let isWanted = false;
    const background = new BackgroundEncoding({ threads: 2, isPictureWanted: () => isWanted });
    const { steps, end, begun } = stepsOf(6);
    const run = background.run(steps, 1);
    await end();
    isWanted = true;
    assert.equal(begun(), 1);
    await end();
    assert.equal(begun(), 0);
    assert.equal(await run, 2);
  });

  test('the least work is done even if a frame waits all the time', async () => {
    const background = new BackgroundEncoding({ threads: 2, isPictureWanted: () => true });
    const steps = Array.from({ length: 6 }, () => () => undefined);
    assert.equal(await background.run(steps, 3), 3);
  });

  test('a step that fails ends the work once no other step runs', async () => {
    const background = new BackgroundEncoding({ threads: 3, isPictureWanted: () => false });
    const { steps, end, begun } = stepsOf(4);
    const error = new Error('This step was to fail.');
    const run = background.run([() => Promise.reject(error), ...steps], 1);
    let isOver = false;
    void run
      .catch(() => undefined)
      .then(() => {
        isOver = true;
      });
    await nextTurn();
    assert.equal(begun(), 1);
    assert.ok(!isOver, 'the other step still runs');
    await end();
    await assert.rejects(run, error);
    assert.ok(!background.isBusy);
  });
});
