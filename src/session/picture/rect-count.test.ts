import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { planCopies } from '../../encode/plan/plan-copies.ts';
import { DirtyTiles, TILE_SIZE, tileCount } from '../../pixels/dirty-tiles.ts';
import * as wire from '../../protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { parseEncodings } from '../../protocol/settings-from-encodings.ts';
import { planUpdate } from '../frame/plan-update.ts';
import type { ShownFrame } from '../frame/taker.ts';
import { ViewerPicture } from './viewer-picture.ts';

/** A screen of 72,333 tiles: more than the 65,535 that a header counts. */
const HUGE = { width: 32_767, height: 9_000 };
const SMALL = { width: 1_900, height: 1_000 };

/** Rects of an update in addition to the planned ones: a cursor shape and the note of key events. */
const VIEWERS_OWN_RECTS = 2;
const MOST_RECTS = wire.RECTS_UNTIL_LAST - 1 - VIEWERS_OWN_RECTS;

const SETTINGS = {
  'takes Raw only': [],
  'takes no loss': [wire.ENCODING_TIGHT],
  'takes JPEG': [wire.ENCODING_TIGHT, wire.PSEUDO_QUALITY_FIRST + 5],
  'takes WebP': [
    wire.ENCODING_TIGHT,
    wire.PSEUDO_QUALITY_FIRST + 3,
    wire.PSEUDO_WEBP,
    wire.PSEUDO_PREFER_BANDWIDTH,
  ],
  'takes copies': [wire.ENCODING_TIGHT, wire.ENCODING_COPY_RECT, wire.PSEUDO_QUALITY_FIRST + 5],
} as const;

/** Tiles where numbers of a cheap generator fall below a share, each with a small box or its whole area. */
function scattered(size: { width: number; height: number }, share: number, seed: number): DirtyTiles {
  const tiles = new DirtyTiles(size);
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let y = 0; y < size.height; y += TILE_SIZE) {
    for (let x = 0; x < size.width; x += TILE_SIZE) {
      if (random() >= share) continue;
      const side = random() < 0.7 ? 1 : TILE_SIZE;
      tiles.add({ x: x + (side === 1 ? 60 : 0), y: y + (side === 1 ? 5 : 0), width: side, height: side });
    }
  }
  return tiles;
}

function shownOf(size: { width: number; height: number }, seed: number): ShownFrame {
  return {
    size,
    colours: new Uint16Array(tileCount(size)).map((_, at) => ((at * seed) % 3 === 0 ? 129 : 5)),
    isMoving: (tileX, tileY) => (tileX + tileY) % 2 === 0,
    isStill: () => true,
    cursor: undefined,
    webpPx: 1e7,
  };
}

function pictureOf(size: { width: number; height: number }, encodings: readonly number[]): ViewerPicture {
  const picture = new ViewerPicture(size, {
    areaPercent: 100,
    timeMs: 5000,
    outTimeMs: 3000,
    qualityLevel: 5,
    maxSize: SMALL,
    filter: 'area',
  });
  picture.wants(parseEncodings([...encodings]), SERVER_PIXEL_FORMAT);
  return picture;
}

suite('the number of rects in an update', () => {
  for (const [name, encodings] of Object.entries(SETTINGS)) {
    test(`an update of 72,000 scattered changes fits the rect count of its header: a viewer that ${name}`, () => {
      const picture = pictureOf(HUGE, encodings);
      const shown = shownOf(HUGE, 7);
      const all = new DirtyTiles(HUGE);
      // A box of one pixel in every tile: neighbours are too far apart to become one rect.
      for (let y = 5; y < HUGE.height; y += TILE_SIZE)
        for (let x = 60; x < HUGE.width; x += TILE_SIZE) all.add({ x, y, width: 1, height: 1 + (x % 3) });
      picture.changed(all, undefined);
      const sent = new DirtyTiles(HUGE);
      let updates = 0;
      for (; picture.lacksSomething; updates++) {
        assert.ok(updates < 100);
        const plan = picture.take(shown, undefined);
        const rects = planUpdate(plan, shown, shown.webpPx);
        assert.ok(rects.length <= MOST_RECTS, `${rects.length} rects`);
        picture.sends(rects);
        sent.merge(plan.owed.tiles);
      }
      assert.ok(updates > 1);
      assert.ok(sent.equals(all), 'every change is sent in the end');
    });
  }

  test('an update has at most one rect for each tile, and one more at the end of the WebP budget', () => {
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    const seed = fc.integer({ min: 1, max: 1e6 });
    const encodings = fc.constantFrom(...Object.values(SETTINGS));
    const webpPx = fc.integer({ min: 0, max: 3e6 });
    fc.assert(
      fc.property(share, seed, encodings, webpPx, (density, start, listed, budgetPx) => {
        const picture = pictureOf(SMALL, listed);
        const shown = shownOf(SMALL, start);
        picture.changed(scattered(SMALL, density, start), undefined);
        for (let update = 0; update < 3; update++) {
          const plan = picture.take(shown, undefined);
          const rects = planUpdate(plan, shown, budgetPx);
          const { tiles, sharpening } = plan.owed;
          assert.ok(rects.length <= tiles.tiles + (sharpening?.tiles ?? 0) + 1);
          picture.sends(rects);
          picture.sharpen(shown.isStill, undefined, 0);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('an update has at most 1,024 copies', () => {
    const picture = pictureOf(HUGE, SETTINGS['takes copies']);
    for (let step = 0; step < 20; step++) {
      const copies = scattered(HUGE, 0.05, step + 1);
      const moves = [{ dx: 0, dy: 1, copies }];
      const motion = { moves, rest: new DirtyTiles(HUGE), changed: copies };
      picture.changed(copies, planCopies(motion));
    }
    const { copies } = picture.take(shownOf(HUGE, 7), undefined).owed;
    assert.ok(copies.reduce((sum, step) => sum + step.copies.length, 0) <= 1024);
  });
});
