import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DirtyTiles, TILE_SIZE, tileCount, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { areaPx, intersect, type Rect, type Size, wholeOf } from '../../pixels/rect.ts';
import { PACKED_MOST_PX } from '../../pixels/shared-frame.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { type JpegQuality, jpegQualityOf } from '../../protocol/quality.ts';
import { TIGHT_MAX_WIDTH } from '../../protocol/tight.ts';
import {
  cutIntoStrips,
  FIRST_STRIP_PX,
  hasLoss,
  OLDER_RECT_PX,
  type PictureKnowledge,
  type PlannedRect,
  planRects,
  planSharpening,
  STRIP_PX,
} from './plan-rects.ts';
import type { EncodeProfile } from './profile.ts';
import { webpQualityOf } from './webp-quality.ts';

const LOSSY: EncodeProfile = {
  format: SERVER_PIXEL_FORMAT,
  encoding: 'tight',
  lossy: { moving: jpegQualityOf(3), changed: jpegQualityOf(5), still: jpegQualityOf(9) },
  zlibLevel: 1,
};
const LOSSLESS: EncodeProfile = { ...LOSSY, lossy: undefined };
const WEBP: EncodeProfile = { ...LOSSY, webp: { changes: true } };
const RAW: EncodeProfile = { ...LOSSY, encoding: 'raw' };
const ZRLE: EncodeProfile = { ...LOSSY, encoding: 'zrle' };

const FLAT = 2;
const TEXT = 128;
const PHOTO = 129;

/** Colour counts of a picture whose tiles all have the same count. */
const colours = (size: Size, count: number): Uint16Array => new Uint16Array(tileCount(size)).fill(count);

const known = (
  kinds: Uint16Array,
  isMoving: PictureKnowledge['isMoving'] = () => false,
): PictureKnowledge => ({
  colours: kinds,
  isMoving,
});

const FULL_HD = { width: 1920, height: 1080 };

test('planned rects cover all dirty pixels, lie inside the picture and are not too wide for Tight', () => {
  const anyCase = fc
    .record({
      width: fc.integer({ min: 1, max: 4000 }),
      height: fc.integer({ min: 1, max: 500 }),
      seed: fc.nat(),
      count: fc.integer({ min: 0, max: 6 }),
      profile: fc.constantFrom(LOSSY, WEBP, LOSSLESS, RAW, ZRLE),
      webpPx: fc.nat(500_000),
    })
    .map(({ width, height, seed, count, profile, webpPx }) => {
      let state = seed >>> 0;
      const next = (below: number): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * below);
      };
      const added = Array.from({ length: count }, () => ({
        x: next(width),
        y: next(height),
        width: 1 + next(width),
        height: 1 + next(height),
      }));
      const size = { width, height };
      const kinds = Uint16Array.from({ length: tileCount(size) }, () => [FLAT, TEXT, PHOTO, 257][next(4)]!);
      return { size, added, kinds, profile, webpPx };
    });
  fc.assert(
    fc.property(anyCase, ({ size, added, kinds, profile, webpPx }) => {
      const dirty = new DirtyTiles(size);
      for (const rect of added) dirty.add(rect);
      const covered = new Uint8Array(areaPx(size));
      const mark = (into: Uint8Array, rect: Rect): void => {
        for (let y = rect.y; y < rect.y + rect.height; y++) {
          into.fill(1, y * size.width + rect.x, y * size.width + rect.x + rect.width);
        }
      };
      for (const { rect, method } of planRects(dirty, known(kinds), profile, webpPx)) {
        assert.deepEqual(intersect(rect, wholeOf(size)), rect);
        assert.ok(rect.width <= 2048);
        if (profile === RAW) assert.equal(method.name, 'raw');
        if (profile === ZRLE) assert.equal(method.name, 'zrle');
        if (profile === LOSSLESS) assert.equal(method.name, 'lossless');
        mark(covered, rect);
      }
      const wanted = new Uint8Array(areaPx(size));
      for (const rect of added) mark(wanted, intersect(rect, wholeOf(size))!);
      assert.equal(
        wanted.findIndex((is, i) => is === 1 && covered[i] === 0),
        -1,
      );
    }),
    { numRuns: 60 },
  );
});

for (const { profile, mostPx } of [
  { profile: ZRLE, mostPx: OLDER_RECT_PX.others },
  { profile: RAW, mostPx: OLDER_RECT_PX.raw },
]) {
  test(`a screen is cut into short pieces of whole tiles for ${profile.encoding}`, () => {
    const sizes = [
      FULL_HD,
      { width: 1280, height: 720 },
      { width: 5000, height: 40 },
      { width: 50, height: 5000 },
    ];
    for (const size of sizes) {
      const whole = DirtyTiles.whole(size);
      const kinds = known(colours(size, PHOTO));
      for (const planned of [planRects(whole, kinds, profile), planSharpening(whole, kinds, profile)]) {
        assert.equal(
          planned.reduce((sum, { rect }) => sum + areaPx(rect), 0),
          areaPx(wholeOf(size)),
        );
        for (const { rect, method } of planned) {
          assert.equal(method.name, profile.encoding);
          assert.ok(areaPx(rect) <= mostPx, `${rect.width}×${rect.height}`);
          assert.equal((rect.x | rect.y) % TILE_SIZE, 0);
        }
        assert.ok(
          planned.length <= Math.ceil((2 * areaPx(wholeOf(size))) / mostPx) + 8,
          `${planned.length} rects`,
        );
      }
    }
  });
}

test('tiles of few colours are sent without loss beside a photograph', () => {
  const kinds = colours(FULL_HD, TEXT);
  const across = tilesAcross(FULL_HD.width);
  for (const tile of [2 * across + 3, 2 * across + 4, 3 * across + 3, 3 * across + 4]) kinds[tile] = PHOTO;
  const planned = planRects(DirtyTiles.whole(FULL_HD), known(kinds), LOSSY);
  const jpegs = planned.filter(({ method }) => method.name === 'jpeg');
  assert.deepEqual(
    jpegs.map(({ rect }) => rect),
    [{ x: 192, y: 128, width: 128, height: 128 }],
  );
  assert.ok(planned.length > 1 && planned.every(({ method }) => method.name !== 'raw'));
});

test('a photograph is cut into strips for all threads', () => {
  const planned = planRects(DirtyTiles.whole(FULL_HD), known(colours(FULL_HD, 257)), LOSSY);
  assert.ok(planned.length >= 5, `${planned.length} strips`);
  assert.ok(planned.every(({ method, rect }) => method.name === 'jpeg' && rect.width === 1920));
});

test('a small part of a photograph is sent without loss', () => {
  const method = (width: number, height: number) => {
    const dirty = new DirtyTiles(FULL_HD);
    dirty.add({ x: 70, y: 70, width, height });
    return planRects(dirty, known(colours(FULL_HD, 257)), LOSSY).map((planned) => planned.method.name);
  };
  assert.deepEqual(method(31, 33), ['lossless']);
  assert.deepEqual(method(32, 32), ['jpeg']);
});

test('tiles that keep changing are sent at the quality for moving content', () => {
  const kinds = colours(FULL_HD, PHOTO);
  kinds[0] = TEXT;
  const isMoving = (tileX: number, tileY: number): boolean => tileX < 4 && tileY < 2;
  const planned = planRects(DirtyTiles.whole(FULL_HD), known(kinds, isMoving), LOSSY);
  const areaOf = (jpeg: JpegQuality): number =>
    planned
      .filter(({ method }) => method.name === 'jpeg' && method.jpeg === jpeg)
      .reduce((sum, { rect }) => sum + areaPx(rect), 0);
  assert.equal(areaOf(LOSSY.lossy!.moving), 7 * 64 * 64);
  assert.equal(areaOf(LOSSY.lossy!.changed), areaPx(FULL_HD) - 8 * 64 * 64);
});

test('still tiles are sharpened as JPEG of the best quality or without loss, as the profile says', () => {
  const blurred = new DirtyTiles(FULL_HD);
  blurred.add({ x: 10, y: 10, width: 500, height: 200 });
  const methods = (profile: EncodeProfile, kind: number): string[] =>
    planSharpening(blurred, known(colours(FULL_HD, kind)), profile).map(({ method }) =>
      method.name === 'jpeg' ? `jpeg ${method.jpeg.quality}` : method.name,
    );
  assert.deepEqual(methods(LOSSY, PHOTO), ['jpeg 100']);
  assert.deepEqual(methods(LOSSY, TEXT), ['lossless']);
  assert.deepEqual(methods({ ...LOSSY, lossy: { ...LOSSY.lossy!, still: undefined } }, PHOTO), ['lossless']);
});

/** Pixels that become WebP and JPEG. */
function areas(planned: readonly PlannedRect[]): { webp: number; jpeg: number } {
  const area = (name: string): number =>
    planned.filter(({ method }) => method.name === name).reduce((sum, { rect }) => sum + areaPx(rect), 0);
  return { webp: area('webp'), jpeg: area('jpeg') };
}

test('WebP replaces as much of the JPEG as the budget allows', () => {
  const photo = known(colours(FULL_HD, PHOTO));
  const whole = DirtyTiles.whole(FULL_HD);
  for (const webpPx of [0, 60_000, 200_000, 1_000_000, Number.POSITIVE_INFINITY]) {
    const { webp, jpeg } = areas(planRects(whole, photo, WEBP, webpPx));
    assert.ok(webp <= webpPx, `${webp} of ${webpPx}`);
    // Whole rows of JPEG blocks, from the top.
    assert.ok(webp > Math.min(areaPx(FULL_HD), webpPx) - 32 * 1920, `${webp} of ${webpPx}`);
    assert.equal(webp + jpeg, areaPx(FULL_HD));
  }
});

test('no WebP is planned for a profile without WebP for changes, nor for text', () => {
  const photo = known(colours(FULL_HD, PHOTO));
  const whole = DirtyTiles.whole(FULL_HD);
  for (const profile of [LOSSY, LOSSLESS, RAW, { ...LOSSY, webp: { changes: false } }]) {
    assert.equal(areas(planRects(whole, photo, profile, 1e9)).webp, 0);
  }
  assert.equal(
    areas(planRects(whole, known(colours(FULL_HD, TEXT)), WEBP, 1e9)).webp,
    0,
    'text is not sent as WebP',
  );
  for (const profile of [LOSSY, LOSSLESS]) assert.equal(areas(planSharpening(whole, photo, profile)).webp, 0);
});

test('WebP has the quality of the JPEG that it replaces, or its own if that is lower', () => {
  const isMoving = (tileX: number): boolean => tileX < 10;
  const qualities = (profile: EncodeProfile): Set<unknown> =>
    new Set(
      planRects(DirtyTiles.whole(FULL_HD), known(colours(FULL_HD, PHOTO), isMoving), profile, 1e9).map(
        ({ method }) => method.name === 'webp' && method.webp,
      ),
    );
  const [moving, changed] = [3, 5].map((level) => webpQualityOf(jpegQualityOf(level).quality));
  assert.ok(moving! < changed!);
  assert.deepEqual(qualities(WEBP), new Set([moving, changed]));
  const mostQuality = jpegQualityOf(3).quality;
  assert.deepEqual(qualities({ ...WEBP, webp: { changes: true, mostQuality } }), new Set([moving]));
});

test('a scaled picture becomes WebP as a whole or stays JPEG', () => {
  const size = { width: 3840, height: 2160 };
  const video = { maxSize: FULL_HD, filter: 'area' } as const;
  const plan = (webpPx: number) =>
    planRects(DirtyTiles.whole(size), known(colours(size, PHOTO)), { ...WEBP, video }, webpPx);
  const bands = plan(0);
  for (const webpPx of [0, 400_000, 1e9]) {
    const planned = plan(webpPx);
    assert.deepEqual(
      planned.map(({ rect, scaledTo }) => ({ rect, scaledTo })),
      bands.map(({ rect, scaledTo }) => ({ rect, scaledTo })),
    );
    const webp = planned.filter(({ method }) => method.name === 'webp');
    assert.ok(webp.reduce((sum, { scaledTo }) => sum + areaPx(scaledTo!), 0) <= webpPx);
    assert.equal(webp.length > 0, webpPx > 0);
  }
});

test('still photographs are sharpened as WebP without loss for a viewer that supports WebP', () => {
  const blurred = DirtyTiles.whole(FULL_HD);
  for (const webp of [{ changes: true }, { changes: false }]) {
    const planned = planSharpening(blurred, known(colours(FULL_HD, PHOTO)), { ...LOSSY, webp });
    assert.ok(planned.every(({ method }) => method.name === 'webp' && method.webp === 'lossless'));
    assert.ok(planned.every(({ method }) => !hasLoss(method)));
    assert.ok(planned.every(({ rect }) => areaPx(rect) <= 64 * 1024));
    assert.equal(areas(planned).webp, areaPx(FULL_HD));
  }
  const text = planSharpening(blurred, known(colours(FULL_HD, TEXT)), WEBP);
  assert.ok(text.every(({ method }) => method.name === 'lossless'));
});

test('no rect is planned if nothing is dirty', () => {
  for (const profile of [LOSSY, WEBP, LOSSLESS, RAW]) {
    assert.deepEqual(planRects(new DirtyTiles(FULL_HD), known(colours(FULL_HD, 9)), profile), []);
  }
});

test('strips of a rect have no gap and no overlap, and begin on whole JPEG blocks', () => {
  fc.assert(
    fc.property(
      fc.nat(3000),
      fc.nat(2000),
      fc.integer({ min: 1, max: 2048 }),
      fc.integer({ min: 1, max: 4320 }),
      (x, y, width, height) => {
        const rect = { x, y, width, height };
        const strips = cutIntoStrips(rect);
        let bottom = y;
        for (const strip of strips) {
          assert.deepEqual([strip.x, strip.width, strip.y], [x, width, bottom]);
          assert.equal((strip.y - y) % 32, 0);
          assert.ok(areaPx(strip) <= STRIP_PX + 32 * width);
          if (width <= TIGHT_MAX_WIDTH) assert.ok(areaPx(strip) <= PACKED_MOST_PX);
          bottom += strip.height;
        }
        assert.equal(bottom, y + height);
        if (areaPx(rect) <= FIRST_STRIP_PX * 2) assert.equal(strips.length, 1);
      },
    ),
  );
});
