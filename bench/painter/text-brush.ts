import type { Rect } from '../../src/pixels/rect.ts';
import type { TextStyle } from '../scenes/text-style.ts';
import { CHARACTERS, createFont, FIRST_CHARACTER, type Font, type FontBits } from './font.ts';
import type { Picture } from './picture.ts';

/** Colours of a theme, as 0xRRGGBB. */
export interface Theme {
  readonly paper: number;
  /** Paper of marked lines, headers and bars. */
  readonly shade: number;
  /** The first is that of ordinary text. */
  readonly inks: readonly number[];
}

const THEMES: Readonly<Record<TextStyle['theme'], Theme>> = {
  dark: {
    paper: 0x1e2227,
    shade: 0x2c323c,
    inks: [0xd8dce0, 0x7fb4f0, 0xe5b567, 0x8cc26b, 0xc678dd, 0x7f848e],
  },
  light: {
    paper: 0xffffff,
    shade: 0xeaeef2,
    inks: [0x24292f, 0x0550ae, 0x953800, 0x116329, 0x8250df, 0x6e7781],
  },
};

/** Writes text of one style into pictures. */
export class TextBrush {
  readonly theme: Theme;
  readonly #font: Font;
  /** Pixels of characters by paper, ink and character. */
  readonly #cells = new Map<number, Uint32Array[]>();

  constructor(bits: FontBits, style: TextStyle) {
    this.#font = createFont(bits, style);
    this.theme = THEMES[style.theme];
  }

  get cellWidth(): number {
    return this.#font.cellWidth;
  }

  get cellHeight(): number {
    return this.#font.cellHeight;
  }

  /** Returns the distance from the beginning of `text` to that of what follows it. */
  widthOf(text: string): number {
    let width = 0;
    for (const character of text) width += this.#font.advances[glyphIndex(character)]!;
    return width;
  }

  /** Writes as many characters of `text` as fit whole between (x, y) and `right`. */
  write(
    picture: Picture,
    x: number,
    y: number,
    text: string,
    inkIndex = 0,
    paper = this.theme.paper,
    right = picture.width,
  ): void {
    const { cellWidth, cellHeight, advances } = this.#font;
    if (y < 0 || y + cellHeight > picture.height) return;
    const cells = this.#cellsOf(inkIndex, paper);
    let left = x;
    for (const character of text) {
      if (left + cellWidth > right) return;
      const index = glyphIndex(character);
      if (character !== ' ' && left >= 0) stamp(picture, cells[index]!, cellWidth, left, y);
      left += advances[index]!;
    }
  }

  #cellsOf(inkIndex: number, paper: number): Uint32Array[] {
    const ink = this.theme.inks[inkIndex]!;
    const key = paper * 16 + inkIndex;
    const known = this.#cells.get(key);
    if (known) return known;
    const cells = this.#font.glyphs.map((glyph) => {
      const cell = new Uint32Array(glyph.length / 3);
      for (let i = 0; i < cell.length; i++) {
        const mix = (shift: number, cover: number): number => {
          const [from, to] = [(paper >> shift) & 0xff, (ink >> shift) & 0xff];
          return Math.round(from + ((to - from) * cover) / 255) << shift;
        };
        cell[i] = mix(16, glyph[i * 3]!) | mix(8, glyph[i * 3 + 1]!) | mix(0, glyph[i * 3 + 2]!);
      }
      return cell;
    });
    this.#cells.set(key, cells);
    return cells;
  }
}

const glyphIndex = (character: string): number => (character.charCodeAt(0) - FIRST_CHARACTER) % CHARACTERS;

function stamp(
  { pixels, width }: Picture,
  cell: Uint32Array,
  cellWidth: number,
  left: number,
  top: number,
): void {
  for (let at = 0, to = top * width + left; at < cell.length; at += cellWidth, to += width) {
    pixels.set(cell.subarray(at, at + cellWidth), to);
  }
}

/** Fills a part of a picture, cut at the picture's edges, with one colour. */
export function fill(picture: Picture, { x, y, width, height }: Rect, colour: number): void {
  const [left, right] = [Math.max(0, x), Math.min(picture.width, x + width)];
  const bottom = Math.min(picture.height, y + height);
  if (left >= right) return;
  for (let row = Math.max(0, y); row < bottom; row++) {
    picture.pixels.fill(colour, row * picture.width + left, row * picture.width + right);
  }
}
