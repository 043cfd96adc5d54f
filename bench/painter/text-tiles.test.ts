import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPhotoLike } from '../../src/pixels/photo-like.ts';
import { fixedFont } from '../../test/support/fixed-font.ts';
import { countColours } from '../micro/support/shown.ts';
import type { TextStyle } from '../scenes/text-style.ts';
import { createPhoto } from './photo.ts';
import { createPicture, type Picture } from './picture.ts';
import { createRandom } from './random.ts';
import { writeColumns } from './stages/scroll-stage.ts';
import { fill, TextBrush } from './text-brush.ts';
import type { Writing } from './writing.ts';

// What counts as a photograph is sent with loss while it changes, also text that scrolls.

const SIZE = { width: 640, height: 448 };
/** Distances of lines at which the sampled rows go through the middle of the same letters, and others. */
const PITCHES_PX = [8, 9, 10, 11, 12, 13, 16, 21];
/** Places to which text is scrolled: tiles begin in the middle of letters and lines. */
const SCROLLED_PX = [
  [0, 0],
  [29, 2],
] as const;

const photoTiles = (picture: Picture): number => [...countColours(picture)].filter(isPhotoLike).length;

function drawText(style: TextStyle, kind: Writing, [left, top]: readonly [number, number]): Picture {
  const brush = new TextBrush(fixedFont(), style);
  const page = createPicture(SIZE.width + left, SIZE.height + top);
  fill(page, { x: 0, y: 0, ...page }, brush.theme.paper);
  writeColumns(page, page, 1, brush, kind, createRandom(style.pitchPx));
  const shown = createPicture(SIZE.width, SIZE.height);
  for (let y = 0; y < SIZE.height; y++) {
    const from = (y + top) * page.width + left;
    shown.pixels.set(page.pixels.subarray(from, from + SIZE.width), y * SIZE.width);
  }
  return shown;
}

for (const edges of ['grey', 'subpixel'] as const)
  for (const theme of ['dark', 'light'] as const)
    test(`no tile of ${theme} text with ${edges} edges counts as a photograph, however small and wherever scrolled`, () => {
      for (const pitchPx of PITCHES_PX)
        for (const letters of ['monospaced', 'proportional'] as const)
          for (const place of SCROLLED_PX) {
            const found = photoTiles(drawText({ pitchPx, theme, edges, letters }, 'log', place));
            assert.equal(found, 0, `${pitchPx} px, ${letters}, at ${place}`);
          }
    });

test('every tile of a photograph counts as one, also of a dark one and of one that was scaled up', () => {
  const photo = createPhoto(SIZE.width, SIZE.height);
  const tiles = (SIZE.width / 64) * (SIZE.height / 64);
  assert.equal(photoTiles(photo), tiles);
  const dark = { ...photo, pixels: photo.pixels.map((pixel) => (pixel >>> 1) & 0x7f7f7f) };
  assert.equal(photoTiles(dark), tiles);
  const scaled = createPicture(SIZE.width, SIZE.height);
  scaled.pixels.forEach((_, i) => {
    const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)];
    scaled.pixels[i] = photo.pixels[Math.floor(y / 1.5) * SIZE.width + Math.floor(x / 1.5)]!;
  });
  assert.equal(photoTiles(scaled), tiles);
});
