import type { Kernels } from '../kernels/kernels.ts';
import { ENTRY_WORDS, entriesOf } from '../kernels/place-lists.ts';
import { STRIP_PX, type StripRows } from '../kernels/strip-kernels.ts';
import { bounds, type Rect, type Size } from '../rect.ts';
import type { SharedFrame } from '../shared-frame.ts';
import type { OffsetVotes } from './offset-votes.ts';

/**
 * Number of strips that are searched: the ones with the most content in as many equal parts of the change. With fewer,
 * narrow panes have none; with more, a search takes longer.
 */
const STRIPS = 12;

/** Rows with content that a strip must have in all bands together. With fewer it has hardly a window. */
const LEAST_CONTENT = 4;

/**
 * Most places in `shown` for which one window of `incoming` votes. A window that is found more often is part of a
 * pattern, and says little.
 */
const MOST_PLACES = 4;

/**
 * Looks for content that moved up or down. In a few strips of columns, windows of some rows of `incoming` are looked
 * for in every row of `shown` between the upper and the lower end of the change. Whatever the distance of lines and
 * however far they moved, each window that has content and is still on the screen is found.
 */
export class StripSearch {
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  /** Row of each wanted window by its hash. */
  readonly #wanted = new Map<number, number>();
  /** Hashes that several windows of `incoming` have. */
  readonly #ambiguous = new Set<number>();
  /** Places in `shown` of each wanted window by its row. */
  readonly #places = new Map<number, number[]>();

  constructor(frame: SharedFrame, kernels: Kernels) {
    this.#frame = frame;
    this.#kernels = kernels;
  }

  /** Adds the votes of all strips in the runs of a change. `strips.content` has the content of these bands. */
  vote(size: Size, runs: readonly Rect[], bands: readonly Rect[], votes: OffsetVotes): void {
    const { y, height } = runs.reduce(bounds);
    for (const strip of this.#chosen(bands.reduce(bounds))) {
      this.#want(size, strip, bands);
      if (this.#wanted.size > 0) this.#find(size, { strip, y, height }, votes);
    }
  }

  #chosen({ x, width }: Rect): number[] {
    const { content } = this.#kernels.strips;
    const first = Math.ceil(x / STRIP_PX);
    const count = Math.floor((x + width) / STRIP_PX) - first;
    const chosen: number[] = [];
    const sections = Math.min(STRIPS, count);
    for (let section = 0; section < sections; section++) {
      let best = -1;
      let most = LEAST_CONTENT - 1;
      const end = first + Math.floor(((section + 1) * count) / sections);
      for (let strip = first + Math.floor((section * count) / sections); strip < end; strip++) {
        if (content[strip]! <= most) continue;
        most = content[strip]!;
        best = strip;
      }
      if (best >= 0) chosen.push(best);
    }
    return chosen;
  }

  #want(size: Size, strip: number, bands: readonly Rect[]): void {
    const { strips } = this.#kernels;
    const x = strip * STRIP_PX;
    let count = 0;
    for (const band of bands) {
      if (band.x > x || band.x + band.width < x + STRIP_PX) continue;
      count = strips.list(size, { strip, y: band.y, height: band.height }, count);
    }
    const windows = entriesOf(this.#frame, 'incoming', count);
    const wanted = this.#wanted;
    const ambiguous = this.#ambiguous;
    wanted.clear();
    ambiguous.clear();
    for (let i = 0; i < windows.length; i += ENTRY_WORDS) {
      const hash = windows[i]!;
      if (wanted.has(hash)) ambiguous.add(hash);
      else wanted.set(hash, windows[i + 1]!);
    }
    for (const hash of ambiguous) wanted.delete(hash);
    strips.want(wanted.keys());
  }

  #find(size: Size, column: StripRows, votes: OffsetVotes): void {
    const count = this.#kernels.strips.find(size, column);
    const found = entriesOf(this.#frame, 'shown', count);
    const places = this.#places;
    places.clear();
    for (let i = 0; i < found.length; i += ENTRY_WORDS) {
      const to = this.#wanted.get(found[i]!);
      if (to === undefined) continue;
      const from = places.get(to);
      if (from) from.push(found[i + 1]!);
      else places.set(to, [found[i + 1]!]);
    }
    for (const [to, from] of places) {
      if (from.length <= MOST_PLACES) for (const row of from) votes.add(0, to - row);
    }
  }
}
