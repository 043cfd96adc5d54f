import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawCursor } from './draw-cursor.ts';

const SIZE = { width: 12, height: 9 };

test('a pointer is blended with the pixels below it, and changes no others', () => {
  const anyPlace = fc.record({
    x: fc.integer({ min: -8, max: 14 }),
    y: fc.integer({ min: -8, max: 12 }),
    width: fc.integer({ min: 0, max: 6 }),
    height: fc.integer({ min: 0, max: 6 }),
  });
  fc.assert(
    fc.property(anyPlace, fc.nat(255), (place, alpha) => {
      const { x, y, width, height } = place;
      // White, premultiplied by alpha, over gray.
      const pixels = new Uint8Array(width * height * 4).fill(alpha);
      const target = new Uint8Array(SIZE.width * SIZE.height * 4).fill(100);
      drawCursor(target, SIZE, { ...place, pixels });
      const blended = alpha + Math.round((100 * (255 - alpha)) / 255);
      for (let ty = 0; ty < SIZE.height; ty++) {
        for (let tx = 0; tx < SIZE.width; tx++) {
          const inside = tx >= x && ty >= y && tx < x + width && ty < y + height;
          const at = (ty * SIZE.width + tx) * 4;
          const wanted = inside ? blended : 100;
          assert.deepEqual([...target.subarray(at, at + 3)], [wanted, wanted, wanted], `at ${tx},${ty}`);
        }
      }
    }),
  );
});

test('a pointer that is brighter than its alpha allows becomes white and does not overflow', () => {
  const target = new Uint8Array(4).fill(200);
  const pixels = Uint8Array.of(250, 100, 0, 10);
  drawCursor(target, { width: 1, height: 1 }, { x: 0, y: 0, width: 1, height: 1, pixels });
  assert.deepEqual([...target.subarray(0, 3)], [255, 255, 192]);
});
