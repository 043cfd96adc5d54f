import { CELL_HEIGHT, CELL_WIDTH, type Glyphs, glyphIndex } from './glyphs.ts';
import { createPicture, type Picture } from './picture.ts';
import { createRandom } from './random.ts';

const BACKGROUND = [0x1e, 0x22, 0x27] as const;
const COLOURS = [
  [0xd8, 0xdc, 0xe0],
  [0xd8, 0xdc, 0xe0],
  [0x7f, 0xb4, 0xf0],
  [0xe5, 0xb5, 0x67],
  [0x8c, 0xc2, 0x6b],
] as const;
const WORDS =
  'const let return viewer frame damage region tile if (size.width > 0) { } => [i + 1] "ready" import from 0x7f await session.encode(rect, quality); // Only damaged rows are copied. export function';

/**
 * Creates a page like source code in an editor, light on dark in four colours. It has `periodLines` lines, which
 * repeat below, so that a window of `height` can scroll through it without end.
 */
export function createTextPage(width: number, height: number, periodLines: number, glyphs: Glyphs): Picture {
  const periodPx = periodLines * CELL_HEIGHT;
  const page = createPicture(width, periodPx + height);
  page.pixels.fill(blend(COLOURS[0], 0));
  const random = createRandom(11);
  for (let line = 0; line < periodLines; line++) {
    drawLine(page, line * CELL_HEIGHT, Math.floor(width / CELL_WIDTH), glyphs, random);
  }
  page.pixels.copyWithin(periodPx * width, 0, height * width);
  return page;
}

/** Distance that the page scrolls before it shows the same again. */
export const periodPx = (periodLines: number): number => periodLines * CELL_HEIGHT;

function drawLine(page: Picture, top: number, columns: number, glyphs: Glyphs, random: () => number): void {
  const words = WORDS.split(' ');
  // Most lines are short, a few fill the width, every eighth is empty.
  const end = random() < 0.125 ? 0 : Math.floor(columns * (0.15 + 0.8 * random() ** 2));
  let column = 2 + 4 * Math.floor(random() * 5);
  while (column < end) {
    const word = words[Math.floor(random() * words.length)]!;
    const colour = COLOURS[Math.floor(random() * COLOURS.length)]!;
    for (const character of word) {
      if (column < columns) drawGlyph(page, column * CELL_WIDTH, top, glyphs[glyphIndex(character)]!, colour);
      column++;
    }
    column++;
  }
}

function drawGlyph(
  page: Picture,
  left: number,
  top: number,
  glyph: Float32Array,
  colour: readonly [number, number, number],
): void {
  for (let i = 0; i < glyph.length; i++) {
    if (glyph[i]! > 0) {
      const y = top + Math.floor(i / CELL_WIDTH);
      page.pixels[y * page.width + left + (i % CELL_WIDTH)] = blend(colour, glyph[i]!);
    }
  }
}

function blend(colour: readonly [number, number, number], cover: number): number {
  const level = (channel: 0 | 1 | 2): number =>
    Math.round(BACKGROUND[channel] + (colour[channel] - BACKGROUND[channel]) * cover);
  return (0xff000000 | (level(0) << 16) | (level(1) << 8) | level(2)) >>> 0;
}
