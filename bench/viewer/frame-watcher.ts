import type { Size } from '../../src/pixels/rect.ts';
import { readFrameNumber } from '../frame-number.ts';
import type { ViewerRecord } from '../round.ts';
import type { Layout } from '../workloads.ts';

/** Reads frame numbers from a picture after each update, and records when each was first shown whole. */
export class FrameWatcher {
  readonly #groups: Layout['groups'];
  readonly #seen = new Map<number, number>();
  readonly #updates: [number, number][] = [];
  readonly #torn: number[] = [];
  readonly #stridePx: number;

  constructor(groups: Layout['groups'], size: Size) {
    this.#groups = groups;
    this.#stridePx = size.width;
  }

  /**
   * Looks at `pixels`, which show an update that was complete at `ms` and took `bytes`. Returns the frame that they
   * first show whole.
   */
  look(pixels: Uint8Array, ms: number, bytes: number): number | undefined {
    this.#updates.push([ms, bytes]);
    let shown: number | undefined;
    for (const group of this.#groups) {
      const numbers = group.map((marker) => readFrameNumber(pixels, this.#stridePx, marker));
      const first = numbers[0];
      // Before the first frame there is no number anywhere.
      if (numbers.every((number) => number === undefined)) continue;
      if (first === undefined || numbers.some((number) => number !== first)) this.#torn.push(ms);
      else if (!this.#seen.has(first)) {
        this.#seen.set(first, ms);
        shown = first;
      }
    }
    return shown;
  }

  get record(): ViewerRecord {
    return { seen: [...this.#seen], updates: this.#updates, torn: this.#torn };
  }
}
