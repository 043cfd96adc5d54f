import type { Rect } from '../../src/pixels/rect.ts';
import type { Picture } from './picture.ts';
import { fill, type TextBrush } from './text-brush.ts';

type Random = () => number;

/** Kinds of text: they differ in how full their lines are and in how many colours they have. */
export type Writing = 'code' | 'prose' | 'log';

const CODE =
  'const let return viewer frame damage region tile if (size.width > 0) { } => [i + 1] "ready" import from 0x7f await session.encode(rect, quality); // Only damaged rows are copied. export function';
const PROSE =
  'The server keeps what each viewer still lacks and sends it when the link allows, so that a slow viewer never delays a fast one; nothing waits for pictures that are out of date already, and text stays sharp.';
const WORDS = { code: CODE.split(' '), prose: PROSE.split(' '), log: CODE.split(' ') };
const LEVELS = ['INFO', 'INFO', 'INFO', 'WARN', 'ERROR', 'DEBUG'];

/** Share of empty lines. */
const EMPTY = 0.1;

/** Fills `place` with lines of text, on the brush's paper. Returns the number of lines. */
export function writeLines(
  picture: Picture,
  place: Rect,
  brush: TextBrush,
  kind: Writing,
  random: Random,
): number {
  fill(picture, place, brush.theme.paper);
  const lines = Math.floor(place.height / brush.cellHeight);
  for (let line = 0; line < lines; line++) {
    writeLine(picture, { ...place, y: place.y + line * brush.cellHeight }, brush, kind, random, line);
  }
  return lines;
}

/** Writes one line at the top of `place`. A log's line begins with its number. */
export function writeLine(
  picture: Picture,
  place: Rect,
  brush: TextBrush,
  kind: Writing,
  random: Random,
  line: number,
  paper = brush.theme.paper,
): void {
  const right = place.x + place.width;
  const spacePx = brush.widthOf(' ');
  let x = place.x;
  const put = (text: string, ink: number): void => {
    brush.write(picture, x, place.y, text, ink, paper, right);
    x += brush.widthOf(text) + spacePx;
  };
  if (kind === 'log') {
    put(String(line).padStart(6, '0'), 5);
    const level = LEVELS[Math.floor(random() * LEVELS.length)]!;
    put(level, LEVELS.indexOf(level) >= 3 ? 2 : 3);
  } else if (random() < EMPTY) {
    return;
  }
  if (kind === 'code') x += spacePx * (1 + 2 * Math.floor(random() * 5));
  const share = kind === 'prose' ? (random() < 0.15 ? random() : 1) : 0.15 + 0.8 * random() ** 2;
  const words = WORDS[kind];
  while (x < place.x + place.width * share) {
    const word = words[Math.floor(random() * words.length)]!;
    const isMarked = kind === 'code' && random() < 0.6;
    put(word, isMarked ? 1 + Math.floor(random() * 5) : 0);
  }
}

/** Copies what is left of or above `periodPx` behind it, so that the picture repeats. */
export function repeat({ pixels, width, height }: Picture, axis: 'down' | 'across', periodPx: number): void {
  if (axis === 'down') {
    pixels.copyWithin(periodPx * width, 0, (height - periodPx) * width);
    return;
  }
  for (let row = 0; row < height; row++) {
    const start = row * width;
    pixels.copyWithin(start + periodPx, start, start + width - periodPx);
  }
}
