import type { Rect, Size } from '../../src/pixels/rect.ts';

/**
 * Painting operations of an XPainter or of another desktop. Rects may lie partly or completely outside the screen.
 */
export interface Brush {
  fill(colour: number, ...rects: readonly Rect[]): void;
  /** At most 255 characters, on white. */
  text(colour: number, x: number, y: number, text: string): void;
  /** Moves what is at (`srcX`, `srcY`) to `target`, as scrolling does. */
  move(srcX: number, srcY: number, target: Rect): void;
  /** Paints the part of a photograph at (`srcX`, `srcY`) over `target`. */
  photo(srcX: number, srcY: number, target: Rect): void;
}

const WORDS = 'the quick brown fox jumps over the lazy dog 0123456789 {}[]()<>/\\';
/** Most steps of one run of scrolling. */
const LONGEST_SCROLL = 6;
const MOST_DOTS = 200;

/** Paints at random everything that programs paint. The same `random` gives the same picture. */
export class RandomPainting {
  readonly #painter: Brush;
  readonly #random: () => number;
  readonly #photo: Size;
  /** Size of the screen. Painting outside the real screen is cut off. */
  size: Size;

  constructor(painter: Brush, random: () => number, size: Size, photo: Size) {
    this.#painter = painter;
    this.#random = random;
    this.size = size;
    this.#photo = photo;
  }

  /** Writes one step into the connection's buffer. It is visible when the painter's `settled` resolves. */
  step(): void {
    const kind = this.#random();
    if (kind < 0.2) this.#painter.fill(this.#colour(), this.#rect(1));
    else if (kind < 0.4) this.#paragraph();
    else if (kind < 0.6) this.#scroll();
    else if (kind < 0.75) this.#picture(this.#rect(0.7));
    else if (kind < 0.9) this.#dots();
    else if (kind < 0.95) this.#picture({ x: 0, y: 0, ...this.size });
    else this.#painter.fill(this.#colour(), { x: 0, y: 0, ...this.size });
  }

  #paragraph(): void {
    const { width, height } = this.size;
    const [x, y, colour] = [this.#upTo(width) - 50, this.#upTo(height), this.#colour()];
    for (let line = 0; line <= this.#upTo(12); line++) {
      const from = this.#upTo(WORDS.length);
      this.#painter.text(colour, x, y + line * 13, WORDS.slice(from) + WORDS.slice(0, from));
    }
  }

  #scroll(): void {
    const area = this.#rect(1);
    const [dx, dy] = [this.#upTo(3) === 0 ? this.#upTo(41) - 20 : 0, this.#upTo(41) - 20];
    for (let i = 0; i <= this.#upTo(LONGEST_SCROLL); i++) {
      this.#painter.move(area.x + dx, area.y + dy, area);
      this.#painter.text(this.#colour(), area.x, area.y + area.height, `${WORDS.slice(this.#upTo(40))}`);
    }
  }

  #picture(target: Size & { x: number; y: number }): void {
    const { width, height } = this.#photo;
    this.#painter.photo(this.#upTo(width / 2), this.#upTo(height / 2), {
      ...target,
      width: Math.min(target.width, Math.floor(width / 2)),
      height: Math.min(target.height, Math.floor(height / 2)),
    });
  }

  #dots(): void {
    const { width, height } = this.size;
    for (let i = 0; i < this.#upTo(MOST_DOTS); i++) {
      const side = { width: 1 + this.#upTo(9), height: 1 + this.#upTo(9) };
      this.#painter.fill(this.#colour(), { x: this.#upTo(width), y: this.#upTo(height), ...side });
    }
  }

  /** Returns a rect anywhere, possibly partly outside, of at most `share` of the screen a side. */
  #rect(share: number): Size & { x: number; y: number } {
    const width = 1 + this.#upTo(this.size.width * share);
    const height = 1 + this.#upTo(this.size.height * share);
    return {
      x: this.#upTo(this.size.width) - (width >> 2),
      y: this.#upTo(this.size.height) - (height >> 2),
      width,
      height,
    };
  }

  #colour(): number {
    return this.#upTo(0x1000000);
  }

  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
