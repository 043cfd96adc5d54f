import type { Kernels } from '../kernels/kernels.ts';
import { ENTRY_WORDS, entriesOf } from '../kernels/place-lists.ts';
import { areaPx, type Rect, type Size } from '../rect.ts';
import { ANCHORS, type SharedFrame } from '../shared-frame.ts';
import { AnchorTable, NONE } from './anchor-table.ts';
import type { OffsetVotes } from './offset-votes.ts';

/**
 * Distance between the rows of `shown` that are searched, in pixels. A band of `incoming` has three or four rows that
 * come from one of them. The step is prime, so that these rows lie at different heights of lines of text, however far
 * the lines are apart. A smaller step finds more and costs more time.
 */
const ROW_STEP = 5;

/**
 * The same for pictures in which at least this share of the pixels are edges, such as photographs. In those every row
 * has content, so that one row of each band is enough.
 */
const BUSY_ROW_STEP = 15;
const BUSY_SHARE = 0.5;

/**
 * Number of anchors wanted from each picture. With fewer, the votes are fewer; with more, counting them takes longer.
 */
const WANTED_ANCHORS = 2048;

/**
 * Density of anchors: one in 2 ** bits edges. At the highest one, neighbouring anchors share most of their pixels. At
 * the lowest one, hashes of the gate have no more bits.
 */
const LEAST_BITS = 1;
const MOST_BITS = 15;

/**
 * Density with which anchors are counted in some rows, before the right density is chosen, and distance of those rows.
 */
const PROBE_BITS = 3;
const PROBE_ROW_STEP = 8;

/**
 * Most places in `shown` for which one anchor of `incoming` votes. Rows of the same letters look alike, so few anchors
 * of text are unique. One that is found more often is part of a pattern, and says little.
 */
const MOST_PLACES = 4;

/**
 * Looks for content that moved in any direction: anchors (see the kernel findAnchors) that look alike in both pictures
 * vote for the distance between them.
 */
export class AnchorSearch {
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  /** The anchors of `shown`, counted from 1. */
  readonly #table = new AnchorTable(ANCHORS);
  /** For each of them an earlier one of the same hash, or NONE. */
  readonly #earlier = new Uint16Array(ANCHORS + 1);

  constructor(frame: SharedFrame, kernels: Kernels) {
    this.#frame = frame;
    this.#kernels = kernels;
  }

  /** Adds the votes of all anchors in these bands of a change, which come from anywhere in its runs. */
  vote(size: Size, runs: readonly Rect[], bands: readonly Rect[], votes: OffsetVotes): void {
    const { bits, rowStep } = this.#densityFor(size, runs, bands);
    let before = 0;
    let now = 0;
    for (const run of runs) {
      for (let y = Math.ceil(run.y / rowStep) * rowStep; y < run.y + run.height; y += rowStep) {
        before = this.#kernels.anchors(size, 'shown', { ...run, y }, bits, before);
      }
    }
    for (const band of bands) now = this.#anchorsOf(size, band, 1, bits, now);
    this.#count(before, now, votes);
  }

  /** Chooses rows of `shown`, and the density with which both pictures have about as many anchors as wanted. */
  #densityFor(
    size: Size,
    runs: readonly Rect[],
    bands: readonly Rect[],
  ): { readonly bits: number; readonly rowStep: number } {
    let probed = 0;
    for (const band of bands) probed = this.#anchorsOf(size, band, PROBE_ROW_STEP, PROBE_BITS, probed);
    const bandsPx = sumPx(bands);
    const edgesShare = (probed * 2 ** PROBE_BITS * PROBE_ROW_STEP) / bandsPx;
    const rowStep = edgesShare >= BUSY_SHARE ? BUSY_ROW_STEP : ROW_STEP;
    const edges = Math.max(sumPx(runs) / rowStep, bandsPx) * edgesShare;
    const bits = Math.ceil(Math.log2(edges / WANTED_ANCHORS));
    return { bits: Math.max(LEAST_BITS, Math.min(MOST_BITS, bits)), rowStep };
  }

  /** Appends the anchors of some rows of a band of `incoming`, and returns their new number. */
  #anchorsOf(size: Size, band: Rect, rowStep: number, bits: number, count: number): number {
    let anchors = count;
    for (let y = band.y; y < band.y + band.height; y += rowStep) {
      anchors = this.#kernels.anchors(size, 'incoming', { ...band, y }, bits, anchors);
    }
    return anchors;
  }

  #count(before: number, now: number, votes: OffsetVotes): void {
    const old = entriesOf(this.#frame, 'shown', before);
    const fresh = entriesOf(this.#frame, 'incoming', now);
    const table = this.#table;
    const earlier = this.#earlier;
    table.clear();
    for (let i = 0; i < before; i++) earlier[i + 1] = table.put(old[i * ENTRY_WORDS]!, i + 1);
    for (let i = 0; i < now; i++) {
      const last = table.latest(fresh[i * ENTRY_WORDS]!);
      let places = 0;
      for (let at = last; at !== NONE && places <= MOST_PLACES; at = earlier[at]!) places++;
      if (places > MOST_PLACES) continue;
      const to = fresh[i * ENTRY_WORDS + 1]!;
      for (let at = last; at !== NONE; at = earlier[at]!) {
        const from = old[(at - 1) * ENTRY_WORDS + 1]!;
        votes.add((to & 0xffff) - (from & 0xffff), (to >>> 16) - (from >>> 16));
      }
    }
  }
}

const sumPx = (rects: readonly Rect[]): number => rects.reduce((sum, rect) => sum + areaPx(rect), 0);
