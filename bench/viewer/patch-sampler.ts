import type { Rect, Size } from '../../src/pixels/rect.ts';
import { cutOut } from '../painter/picture.ts';

/** Pixels that a viewer showed of one frame in each sampled place, one BGRX word per pixel. */
export interface ShownFrame {
  readonly number: number;
  readonly ms: number;
  readonly places: readonly Uint32Array[];
}

/**
 * Time between samples, in ms. Four per second suffice to judge a round. Copies are cheap; judging them is not, and
 * is done later.
 */
const INTERVAL_MS = 250;

/** Keeps parts of some frames, to compare them later with what was painted. */
export class PatchSampler {
  readonly #places: readonly Rect[];
  readonly #size: Size;
  readonly #frames: ShownFrame[] = [];

  constructor(places: readonly Rect[], size: Size) {
    this.#places = places;
    this.#size = size;
  }

  /** Takes `pixels`, which show frame `number` whole. */
  offer(number: number, pixels: Uint8Array, ms: number): void {
    const last = this.#frames.at(-1);
    if (!this.#places.length || (last && ms - last.ms < INTERVAL_MS)) return;
    const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.byteLength / 4);
    const picture = { ...this.#size, pixels: words };
    this.#frames.push({ number, ms, places: this.#places.map((place) => cutOut(picture, place)) });
  }

  get frames(): readonly ShownFrame[] {
    return this.#frames;
  }
}
