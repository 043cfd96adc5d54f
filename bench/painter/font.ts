import type { TextStyle } from '../scenes/text-style.ts';

/** Bits of a font: its printable ASCII characters side by side, 1 for ink. */
export interface FontBits {
  readonly width: number;
  readonly height: number;
  readonly bits: Uint8Array;
}

/** Ink of one character: red, green and blue of each pixel, 0-255, row by row. */
type GlyphInk = Uint8Array;

/** A font at one size. */
export interface Font {
  readonly cellWidth: number;
  /** Equals the pitch. */
  readonly cellHeight: number;
  /** Distance of a character and the next one, by character code. */
  readonly advances: readonly number[];
  /** By character code, from the first printable one. */
  readonly glyphs: readonly GlyphInk[];
}

export const FIRST_CHARACTER = 0x20;
export const CHARACTERS = 95;
/** Distance of lines that suits the font's bits: letters of 13 rows and three rows between lines. */
const NATURAL_PITCH_PX = 16;
/** Points that are looked at in each third of a pixel, across and down. */
const POINTS = { across: 2, down: 4 };
/** Weights of the thirds of a pixel and of its neighbours for subpixel edges, as FreeType has them. */
const SUBPIXEL_WEIGHTS = [1, 2, 3, 2, 1] as const;

/** Scales the font to lines of `pitchPx`. Its outlines stay sharp at every size. */
export function createFont(font: FontBits, { pitchPx, edges, letters }: Omit<TextStyle, 'theme'>): Font {
  const scale = pitchPx / NATURAL_PITCH_PX;
  const cellWidth = Math.max(3, Math.round(font.width * scale));
  const glyphs = Array.from({ length: CHARACTERS }, (_, index) => {
    const thirds = coverThirds(font, index, scale, cellWidth, pitchPx);
    return edges === 'subpixel' ? subpixelInk(thirds, cellWidth) : plainInk(thirds, edges === 'crisp');
  });
  const advances = glyphs.map((glyph) =>
    letters === 'monospaced' ? cellWidth : inkedWidth(glyph, cellWidth) + Math.max(1, Math.round(scale)),
  );
  return { cellWidth, cellHeight: pitchPx, glyphs, advances };
}

/** Returns the number of columns up to the last one with ink, or half the cell for a blank. */
function inkedWidth(ink: GlyphInk, cellWidth: number): number {
  let width = 0;
  for (let i = 0; i < ink.length; i++)
    if (ink[i]) width = Math.max(width, (Math.floor(i / 3) % cellWidth) + 1);
  return width || Math.ceil(cellWidth / 2);
}

/** Returns how much of each third of a pixel is inked, 0-1. */
function coverThirds(
  { width, height, bits }: FontBits,
  index: number,
  scale: number,
  cellWidth: number,
  cellHeight: number,
): Float32Array {
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : bits[y * width * CHARACTERS + index * width + x]!;
  const top = Math.floor((cellHeight - height * scale) / 2);
  const isInked = (x: number, y: number): boolean => {
    const [column, row] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
    const [across, down] = [x - 0.5 - column, y - 0.5 - row];
    const upper = at(column, row) * (1 - across) + at(column + 1, row) * across;
    const lower = at(column, row + 1) * (1 - across) + at(column + 1, row + 1) * across;
    return upper * (1 - down) + lower * down >= 0.5;
  };
  const thirds = new Float32Array(cellWidth * 3 * cellHeight);
  for (let i = 0; i < thirds.length; i++) {
    const [left, upper] = [(i % (cellWidth * 3)) / 3, Math.floor(i / (cellWidth * 3)) - top];
    let inked = 0;
    for (let point = 0; point < POINTS.across * POINTS.down; point++) {
      const x = left + ((point % POINTS.across) + 0.5) / (3 * POINTS.across);
      const y = upper + (Math.floor(point / POINTS.across) + 0.5) / POINTS.down;
      if (isInked(x / scale, y / scale)) inked++;
    }
    thirds[i] = inked / (POINTS.across * POINTS.down);
  }
  return thirds;
}

function plainInk(thirds: Float32Array, isCrisp: boolean): GlyphInk {
  const ink = new Uint8Array(thirds.length);
  for (let i = 0; i < thirds.length; i += 3) {
    const cover = (thirds[i]! + thirds[i + 1]! + thirds[i + 2]!) / 3;
    ink.fill(isCrisp ? (cover >= 0.5 ? 255 : 0) : Math.round(cover * 255), i, i + 3);
  }
  return ink;
}

function subpixelInk(thirds: Float32Array, cellWidth: number): GlyphInk {
  const rowThirds = cellWidth * 3;
  return Uint8Array.from(thirds, (_, i) => {
    const column = i % rowThirds;
    let sum = 0;
    SUBPIXEL_WEIGHTS.forEach((weight, k) => {
      const from = column + k - 2;
      if (from >= 0 && from < rowThirds) sum += weight * thirds[i + k - 2]!;
    });
    return Math.round((sum / 9) * 255);
  });
}
