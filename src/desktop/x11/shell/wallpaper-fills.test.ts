import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Size } from '../../../pixels/rect.ts';
import { wallpaperFills } from './wallpaper-fills.ts';

/** Draws the fills as the X server does. */
function draw(size: Size): Uint32Array {
  const pixels = new Uint32Array(size.width * size.height).fill(0xff00ff);
  for (const { colour, alpha, rects } of wallpaperFills(size)) {
    for (let at = 0; at < rects.length; at += 4) {
      const [x = 0, y = 0, width = 0, height = 0] = rects.slice(at, at + 4);
      assert.ok(width > 0 && height > 0 && x >= 0 && y >= 0, `${x},${y} ${width}x${height}`);
      for (let row = y; row < Math.min(size.height, y + height); row++)
        for (let column = x; column < Math.min(size.width, x + width); column++)
          pixels[row * size.width + column] = mix(pixels[row * size.width + column]!, colour, alpha);
    }
  }
  return pixels;
}

function mix(under: number, over: number, alpha: number): number {
  const part = (shift: number): number => {
    const [a, b] = [(under >> shift) & 0xff, (over >> shift) & 0xff];
    return Math.round(a + (b - a) * alpha) << shift;
  };
  return part(16) | part(8) | part(0);
}

test('the wallpaper covers every pixel of a screen of any size', () => {
  for (const size of [
    { width: 64, height: 64 },
    { width: 390, height: 844 },
    { width: 1281, height: 721 },
    { width: 3000, height: 64 },
  ]) {
    assert.ok(!draw(size).includes(0xff00ff), `${size.width}x${size.height}`);
  }
});

test('no tile of the wallpaper has so many colours that it is sent as a photo', () => {
  const size = { width: 1920, height: 1080 };
  const pixels = draw(size);
  for (let top = 0; top + 64 <= size.height; top += 64) {
    for (let left = 0; left + 64 <= size.width; left += 64) {
      const colours = new Set<number>();
      for (let y = top; y < top + 64; y++)
        for (let x = left; x < left + 64; x++) colours.add(pixels[y * size.width + x]!);
      assert.ok(colours.size <= 128, `${colours.size} colours at ${left},${top}`);
    }
  }
});

test('a request for the wallpaper is short enough for any X server', () => {
  for (const { rects } of wallpaperFills({ width: 3840, height: 2160 }))
    assert.ok(rects.every((number) => Number.isInteger(number) && number <= 0x7fff));
});
