import type { Rect } from '../../src/pixels/rect.ts';

/** Returns numbers in [0, 1). */
export type Random = () => number;

/** Content larger than the screen, which repeats beyond its edges. */
export interface Document {
  readonly width: number;
  readonly height: number;
  /** Pixels, 0xrrggbb. */
  readonly pixels: Uint32Array;
}

interface Look {
  /**
   * `text`: lines of any length, some empty. `columns`: two columns of text. `log`: lines that begin alike. `cells`: a
   * ruled table, half of it empty. `page`: paragraphs and pictures. `photo`: no two places alike.
   */
  readonly kind: 'text' | 'columns' | 'log' | 'cells' | 'page' | 'photo';
  readonly width: number;
  /** Distance of two lines. */
  readonly pitch: number;
  readonly dark: boolean;
  /** Width of a cell. */
  readonly cell?: number;
}

/** Lines and rows of a document, at least. A screen that shows more than one document shows places twice. */
const LEAST_LINES = 130;
const LEAST_ROWS = 2400;
const LETTERS = 40;

const GREYS = { dark: [0x1e2227, 0x7c7f83, 0xd8dce0], light: [0xffffff, 0x999999, 0x202020] } as const;
const ACCENTS = [0x3c78d8, 0xb45f06, 0x38761d];

/** Draws a document with the letters, words and colours that `random` says. */
export function drawDocument(random: Random, look: Look): Document {
  const { kind, width, pitch, dark, cell = 80 } = look;
  if (kind === 'photo') return drawPhoto(random, width);
  const lines = Math.max(LEAST_LINES, Math.ceil(LEAST_ROWS / pitch));
  const height = lines * pitch;
  const [paper] = dark ? GREYS.dark : GREYS.light;
  const document = { width, height, pixels: new Uint32Array(width * height).fill(paper) };
  const letters = createLetters(random, pitch);
  const prefix = Array.from({ length: 9 }, () => Math.floor(random() * LETTERS));
  for (let line = 0; line < lines; line++) {
    const top = line * pitch;
    const write = (left: number, right: number, start: readonly number[] = []): void =>
      writeLine(document, letters, random, dark, { left, right, top, start });
    const isEmpty = random() < 0.125;
    if (kind === 'cells') {
      drawCells(document, letters, random, look, line);
    } else if (kind === 'log') {
      write(2, width * (0.2 + 0.6 * random()), prefix);
    } else if (isEmpty) {
    } else if (kind === 'columns') {
      const middle = width >> 1;
      write(60, middle - 30 - random() * 80);
      write(middle + 30, width - 60 - random() * 80);
    } else if (kind === 'page') {
      write(width * 0.2, width * (0.7 + 0.1 * random()));
    } else {
      const indent = 8 + 32 * Math.floor(random() * 5);
      write(indent, width * (0.15 + 0.8 * random() ** 2));
    }
  }
  if (kind === 'page') {
    for (let at = 10; at + 20 < lines; at += 25) {
      const picture = { x: Math.floor(width * 0.25), y: at * pitch, width: width >> 2, height: 8 * pitch };
      drawPicture(document, picture, random);
    }
  }
  if (kind === 'cells') drawRules(document, pitch, cell, dark);
  return document;
}

interface Letters {
  readonly width: number;
  readonly height: number;
  /** Cover of each pixel of each letter: 0-2. */
  readonly covers: readonly Uint8Array[];
}

/** Letters of strokes: mostly empty, with half-covered edges. */
function createLetters(random: Random, pitch: number): Letters {
  const height = Math.max(5, Math.min(pitch - 2, Math.round(pitch * (0.45 + random() * 0.3))));
  const width = Math.max(4, Math.round(height * 0.6));
  const covers = Array.from({ length: LETTERS }, () => {
    const cover = new Uint8Array(width * height);
    for (let stroke = 0; stroke < 3; stroke++) {
      const isUpright = random() < 0.6;
      const x = Math.floor(random() * (width - 1));
      const y = Math.floor(random() * height);
      const from = Math.floor((random() * height) / 2);
      for (let i = isUpright ? from : 0; i < (isUpright ? height : width - 1); i++) {
        if (isUpright) cover[i * width + x] = 2;
        else cover[y * width + i] = 2;
      }
      if (isUpright && x + 1 < width) cover[from * width + x + 1] ||= 1;
    }
    return cover;
  });
  return { width, height, covers };
}

interface Line {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly start: readonly number[];
}

/** Writes words from `left` to about `right`. They begin with the letters of `start`. */
function writeLine(
  { width, pixels }: Document,
  letters: Letters,
  random: Random,
  dark: boolean,
  { left, right, top, start }: Line,
): void {
  const [, edge, ink] = dark ? GREYS.dark : GREYS.light;
  let x = Math.floor(left);
  let next = 0;
  let wordEnds = 0;
  let colour: number = ink;
  while (x + letters.width < Math.min(right, width)) {
    const isStart = next < start.length;
    if (!isStart && next >= wordEnds) {
      wordEnds = next + 2 + Math.floor(random() * 8);
      colour = random() < 0.2 ? ACCENTS[Math.floor(random() * ACCENTS.length)]! : ink;
      x += letters.width;
      if (x + letters.width >= Math.min(right, width)) return;
    }
    const cover = letters.covers[isStart ? start[next]! : Math.floor(random() * LETTERS)]!;
    for (let i = 0; i < cover.length; i++) {
      if (cover[i] === 0) continue;
      const y = top + 1 + Math.floor(i / letters.width);
      pixels[y * width + x + (i % letters.width)] = cover[i] === 2 ? colour : edge;
    }
    x += letters.width;
    next++;
  }
}

function drawCells(
  document: Document,
  letters: Letters,
  random: Random,
  { dark, pitch, cell = 80 }: Look,
  line: number,
): void {
  for (let x = 0; x + cell <= document.width; x += cell) {
    if (random() < 0.5) continue;
    const left = x + cell * (0.3 + 0.4 * random());
    writeLine(document, letters, random, dark, { left, right: x + cell - 4, top: line * pitch, start: [] });
  }
}

function drawRules({ width, height, pixels }: Document, pitch: number, cell: number, dark: boolean): void {
  const colour = dark ? 0x404448 : 0xc8c8c8;
  for (let y = pitch - 1; y < height; y += pitch) pixels.fill(colour, y * width, (y + 1) * width);
  for (let x = cell - 1; x < width; x += cell) {
    for (let y = 0; y < height; y++) pixels[y * width + x] = colour;
  }
}

/** A picture in which hardly any two places look alike. */
function drawPicture(
  { width, pixels }: Document,
  { x, y, width: across, height }: Rect,
  random: Random,
): void {
  const seed = Math.floor(random() * 0x7fffffff);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < across; column++) {
      const noise = Math.imul(
        Math.imul(row + 1, 0x9e3779b1) ^ Math.imul(column + 7, 0x85ebca6b) ^ seed,
        0x27d4eb2f,
      );
      const level = ((row + column) >> 1) & 0x7f;
      pixels[(y + row) * width + x + column] =
        (0x404040 + level * 0x10101 + ((noise >>> 9) & 0x0f0f0f)) & 0xffffff;
    }
  }
}

function drawPhoto(random: Random, width: number): Document {
  const height = LEAST_ROWS;
  const document = { width, height, pixels: new Uint32Array(width * height) };
  drawPicture(document, { x: 0, y: 0, width, height }, random);
  return document;
}
