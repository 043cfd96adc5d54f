import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPhoto } from './photo.ts';
import { createZoomLevels, zoomLevel, zoomSource } from './zoom.ts';

const LEVEL = { width: 192, height: 128 };
/** Larger than the distance between any two levels of this size. */
const REACH_PX = 12;
const BLOCK_PX = 16;

const source = zoomSource(LEVEL);
const levels = createZoomLevels(createPhoto(source.width, source.height), LEVEL);
const count = levels.height / LEVEL.height;

/** Largest share of a block of level `a` that equals level `b`, over all movements by whole pixels. */
function bestShare(a: number, b: number, left: number, top: number): number {
  const at = (level: number, x: number, y: number): number =>
    levels.pixels[(level * LEVEL.height + y) * LEVEL.width + x]!;
  let best = 0;
  for (let dy = -REACH_PX; dy <= REACH_PX; dy++) {
    for (let dx = -REACH_PX; dx <= REACH_PX; dx++) {
      let same = 0;
      for (let y = top; y < top + BLOCK_PX; y++) {
        for (let x = left; x < left + BLOCK_PX; x++) if (at(a, x, y) === at(b, x + dx, y + dy)) same++;
      }
      best = Math.max(best, same / BLOCK_PX ** 2);
    }
  }
  return best;
}

test('no movement by whole pixels turns a part of one zoom level into the next level', () => {
  for (let level = 1; level < count; level++) {
    for (let top = 16; top + BLOCK_PX + 16 <= LEVEL.height; top += 32) {
      for (let left = 16; left + BLOCK_PX + 16 <= LEVEL.width; left += 32) {
        const share = bestShare(level - 1, level, left, top);
        assert.ok(share < 0.5, `${share} of the block at ${left},${top} of level ${level}`);
      }
    }
  }
});

test('zoom levels go up and down by one step per frame', () => {
  const seen = new Set<number>();
  for (let number = 0; number < 100; number++) {
    const level = zoomLevel(number);
    seen.add(level);
    assert.equal(Math.abs(zoomLevel(number + 1) - level), 1);
  }
  assert.deepEqual(
    [...seen].sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i),
  );
});
