import type { Picture } from '../../bench/painter/picture.ts';
import type { SyntheticDesktop } from '../../src/desktop/synthetic/synthetic-desktop.ts';
import { intersect, type Rect, wholeOf } from '../../src/pixels/rect.ts';
import type { Brush } from './random-painting.ts';

/** Cell of a character, as in X's font `fixed`. */
const CELL = { width: 6, height: 13 };
const PAPER = 0xffffff;

/** Paints on a synthetic desktop what programs paint on a real one. */
export class SyntheticBrush implements Brush {
  readonly #desktop: SyntheticDesktop;
  readonly #photo: Picture;

  constructor(desktop: SyntheticDesktop, photo: Picture) {
    this.#desktop = desktop;
    this.#photo = photo;
  }

  fill(colour: number, ...rects: readonly Rect[]): void {
    for (const rect of rects) this.#desktop.paint(rect, colour);
  }

  /** Draws an invented letter for each character, always the same. */
  text(colour: number, x: number, y: number, text: string): void {
    const width = text.length * CELL.width;
    const pixels = new Uint32Array(width * CELL.height).fill(PAPER);
    for (let i = 0; i < text.length; i++) {
      for (let dot = 0; dot < (CELL.width - 1) * (CELL.height - 2); dot++) {
        const hash = Math.imul(text.charCodeAt(i) * 131 + dot, 0x9e3779b1) >>> 16;
        const [column, row] = [dot % (CELL.width - 1), Math.floor(dot / (CELL.width - 1))];
        if (hash % 3 === 0) pixels[row * width + i * CELL.width + column] = colour;
      }
    }
    this.#desktop.paint({ x, y: y - CELL.height + 2, width, height: CELL.height }, pixels);
  }

  /** Moves pixels. A part whose source is outside the screen stays unchanged. */
  move(srcX: number, srcY: number, target: Rect): void {
    const screen = wholeOf(this.#desktop.screenSize);
    const [dx, dy] = [target.x - srcX, target.y - srcY];
    const painted = intersect(target, screen);
    const part = painted && intersect(painted, { ...screen, x: dx, y: dy });
    if (!part) return;
    const pixels = Uint32Array.from({ length: part.width * part.height }, (_, i) =>
      this.#desktop.colourAt(part.x - dx + (i % part.width), part.y - dy + Math.floor(i / part.width)),
    );
    this.#desktop.paint(part, pixels);
  }

  photo(srcX: number, srcY: number, { x, y, width, height }: Rect): void {
    const part = intersect({ x: srcX, y: srcY, width, height }, wholeOf(this.#photo));
    if (!part) return;
    const pixels = Uint32Array.from(
      { length: part.width * part.height },
      (_, i) =>
        this.#photo.pixels[
          (part.y + Math.floor(i / part.width)) * this.#photo.width + part.x + (i % part.width)
        ]! & 0xffffff,
    );
    this.#desktop.paint({ x, y, width: part.width, height: part.height }, pixels);
  }
}
