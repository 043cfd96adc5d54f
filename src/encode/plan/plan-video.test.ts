import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { areaPx, intersect, type Size } from '../../pixels/rect.ts';
import { SCALED_MOST_PX } from '../../pixels/shared-frame.ts';
import { isScaledDown, planVideo, type VideoBand } from './plan-video.ts';
import type { VideoScaling } from './video-scaling.ts';

const FULL_HD: VideoScaling = { maxSize: { width: 1920, height: 1080 }, filter: 'area' };
const UHD = { width: 3840, height: 2160 };

/** Two rects that overlap, if there are any. */
function overlap(bands: readonly VideoBand[]): string | undefined {
  for (const [i, a] of bands.entries())
    for (const b of bands.slice(0, i)) if (intersect(a.rect, b.rect)) return JSON.stringify([a, b]);
  return undefined;
}

test('a whole 4K screen becomes bands of exactly half its size', () => {
  const bands = planVideo(DirtyTiles.whole(UHD), FULL_HD);
  assert.equal(bands.length, 9);
  let y = 0;
  for (const { rect, scaledTo } of bands) {
    assert.deepEqual([rect.x, rect.y, rect.width], [0, y, 3840]);
    assert.deepEqual(scaledTo, { width: 1920, height: rect.height / 2, filter: 'area' });
    y += rect.height;
  }
  assert.equal(y, 2160);
});

test('at a ratio of 4:3, bands end with whole rows of both pictures', () => {
  for (const { rect, scaledTo } of planVideo(DirtyTiles.whole({ width: 2560, height: 1440 }), FULL_HD)) {
    assert.equal(scaledTo.width, 1920);
    assert.equal(scaledTo.height * 4, rect.height * 3);
  }
});

test('bands leave out rows and columns of tiles that have not changed', () => {
  const dirty = new DirtyTiles(UHD);
  dirty.add({ x: 130, y: 70, width: 1000, height: 100 });
  dirty.add({ x: 700, y: 1000, width: 10, height: 10 });
  assert.deepEqual(planVideo(dirty, FULL_HD), [
    {
      rect: { x: 128, y: 64, width: 1024, height: 128 },
      scaledTo: { width: 512, height: 64, filter: 'area' },
    },
    {
      rect: { x: 640, y: 960, width: 128, height: 64 },
      scaledTo: { width: 64, height: 32, filter: 'area' },
    },
  ]);
  assert.deepEqual(planVideo(new DirtyTiles(UHD), FULL_HD), []);
});

test('bands of the top of a frame do not reach into the rest of it', () => {
  const dirty = DirtyTiles.whole(UHD);
  const top = planVideo(dirty.takeTop(6), FULL_HD);
  assert.ok(top.every(({ rect }) => rect.y + rect.height <= 6 * 64));
  assert.equal(overlap([...top, ...planVideo(dirty, FULL_HD)]), undefined);
});

test('bands cover all dirty tiles once, and no band is larger than its rect or than a scaler takes', () => {
  const side = fc.integer({ min: 64, max: 16_384 });
  const size: fc.Arbitrary<Size> = fc.record({ width: side, height: side });
  const place = fc.double({ min: 0, max: 0.999, noNaN: true });
  const rects = fc.array(fc.tuple(place, place, place, place), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(size, size, rects, (whole, maxSize, places) => {
      const dirty = new DirtyTiles(whole);
      for (const [x, y, width, height] of places) {
        dirty.add({
          x: Math.floor(x * whole.width),
          y: Math.floor(y * whole.height),
          width: 1 + Math.floor(width * whole.width * 0.3),
          height: 1 + Math.floor(height * whole.height * 0.3),
        });
      }
      const bands = planVideo(dirty, { maxSize, filter: 'nearest' });
      const uncovered = dirty.clone();
      let coveredPx = 0;
      for (const { rect, scaledTo } of bands) {
        assert.ok(scaledTo.width >= 1 && scaledTo.height >= 1);
        assert.ok(scaledTo.width <= rect.width && scaledTo.height <= rect.height);
        assert.ok(areaPx(scaledTo) <= SCALED_MOST_PX, `${scaledTo.width}x${scaledTo.height}`);
        assert.equal(scaledTo.filter, 'nearest');
        for (const dirtyRect of uncovered.rects(whole.width)) {
          const part = intersect(dirtyRect, rect);
          if (part) coveredPx += areaPx(part);
        }
      }
      assert.equal(overlap(bands), undefined);
      assert.equal(
        coveredPx,
        dirty.rects(whole.width).reduce((sum, rect) => sum + areaPx(rect), 0),
      );
    }),
    { numRuns: 60 },
  );
});

test('only a screen larger than the maximum size of video is scaled down', () => {
  assert.ok(isScaledDown(UHD, FULL_HD));
  assert.ok(isScaledDown({ width: 1000, height: 1081 }, FULL_HD));
  assert.ok(!isScaledDown(FULL_HD.maxSize, FULL_HD));
  assert.ok(!isScaledDown({ width: 640, height: 480 }, FULL_HD));
});
