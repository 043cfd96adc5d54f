import { type DirtyTiles, tilesAcross } from './dirty-tiles.ts';
import { anchorsAt, type Kernels, PIECES_EXPLAINED } from './kernels/kernels.ts';
import type { Offset } from './motion.ts';
import type { Rect, Size } from './rect.ts';
import { ANCHORS, type SharedFrame } from './shared-frame.ts';

/**
 * Distance between searched rows, in pixels. Of the previous picture, every sixteenth row is searched; of the new
 * picture, sixteen rows at the top of some runs of damaged tiles. However far content moved, each of these runs
 * then has a row that was searched before. A smaller step finds more of flat content and costs more time.
 */
const ROW_STEP = 16;

/**
 * Number of runs of damaged tiles that are searched in the new picture. If there are more, they are chosen at equal
 * distances.
 */
const SEARCHED_RUNS = 4;

/**
 * Number of anchors wanted from each picture. About one in 64 can meet its counterpart, so a whole picture that
 * moved has sixty matches.
 */
const WANTED_ANCHORS = 4096;

/**
 * Density of anchors: one in 2 ** bits pixels. Small areas get a higher density, but never so high that
 * neighbouring anchors share most of their pixels.
 */
const LEAST_BITS = 3;

/** Area below which a change is not searched, in pixels: sending it costs less than searching. */
const LEAST_AREA_PX = 48 * 1024;

/** Number of anchors that must agree on a motion. Two or three agree by chance. */
const LEAST_VOTES = 8;

/**
 * Distance between the rows of a searched run in which a continuing motion is checked. If the motion continues, no
 * other rows are read. The step is odd, because otherwise a motion that is off by one pixel would pass in a picture
 * drawn at twice its size.
 */
const TRIED_ROW_STEP = 5;

/**
 * A continuing motion is accepted if at least this many changed pieces of those rows moved, and at least the share
 * below.
 */
const LEAST_PIECES = 8;
const LEAST_EXPLAINED = 0.75;

/** Largest change of a motion between frames, in pixels, that is found without a search. */
const STEADY_PX = 1;

/** After this many failed searches, later ones are spaced out, by at most the number of captures below. */
const PATIENCE = 3;
const LONGEST_PAUSE = 4;

/** Slots of the hash table of anchors: twice the number of anchors, so that probes stay short. */
const SLOTS = ANCHORS * 2;
const EMPTY = 0;

/**
 * Finds how far content moved between `shown` and `incoming`. Anchors (see the kernel findAnchors) that look alike
 * in both pictures vote for the distance between them. Motion that continues from the frame before, as most motion
 * does, is confirmed by a few rows.
 */
export class MotionFinder {
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  /** Anchor of `shown` in each slot, counted from 1, by hash. */
  readonly #table = new Uint32Array(SLOTS);
  /** Slots with more than one anchor of the same look: the search cannot tell which of them moved. */
  readonly #isAmbiguous = new Uint8Array(SLOTS);
  #last: Offset | undefined;
  #misses = 0;
  #pause = 0;

  constructor(frame: SharedFrame, kernels: Kernels) {
    this.#frame = frame;
    this.#kernels = kernels;
  }

  /**
   * Returns how far content in `damage` moved, or undefined if that cannot be found or a search would not pay. Only
   * samples of `incoming` must be valid: before the finder reads them, it calls `read` with their rects.
   */
  find(damage: DirtyTiles, read: (samples: readonly Rect[]) => void = () => undefined): Offset | undefined {
    if (damage.areaPx < LEAST_AREA_PX) return undefined;
    if (this.#pause > 0) {
      this.#pause--;
      return undefined;
    }
    const runs = runsOf(damage);
    this.#last = this.#tryLast(damage.size, someOf(runs), read) ?? this.#search(damage, runs, read);
    this.#learn(this.#last !== undefined);
    return this.#last;
  }

  /** Returns the last motion, or one nearly the same, if it explains this change. */
  #tryLast(size: Size, runs: readonly Rect[], read: (samples: readonly Rect[]) => void): Offset | undefined {
    if (!this.#last) return undefined;
    const rows = runs.flatMap(triedRows);
    read(rows);
    for (const motion of nearly(this.#last)) {
      let pieces = 0;
      for (const row of rows) pieces += this.#kernels.movedPieces(size, row, motion);
      const explained = Math.floor(pieces / PIECES_EXPLAINED);
      const changed = pieces % PIECES_EXPLAINED;
      if (explained >= Math.max(LEAST_PIECES, changed * LEAST_EXPLAINED)) return motion;
    }
    return undefined;
  }

  /** Returns the motion that most anchors agree on, or undefined if fewer than eight do. */
  #search(
    damage: DirtyTiles,
    runs: readonly Rect[],
    read: (samples: readonly Rect[]) => void,
  ): Offset | undefined {
    const { size } = damage;
    const bits = Math.max(LEAST_BITS, Math.ceil(Math.log2(damage.areaPx / ROW_STEP / WANTED_ANCHORS)));
    const samples = someOf(runs).map((run) => ({ ...run, height: Math.min(ROW_STEP, run.height) }));
    read(samples);
    let before = 0;
    let now = 0;
    for (const run of runs) {
      for (let y = Math.ceil(run.y / ROW_STEP) * ROW_STEP; y < run.y + run.height; y += ROW_STEP) {
        before = this.#kernels.anchors(size, 'shown', { ...run, y }, bits, before);
      }
    }
    for (const sample of samples) {
      for (let y = sample.y; y < sample.y + sample.height; y++) {
        now = this.#kernels.anchors(size, 'incoming', { ...sample, y }, bits, now);
      }
    }
    return mostVotes(this.#votes(before, now));
  }

  #learn(found: boolean): void {
    this.#misses = found ? 0 : this.#misses + 1;
    if (this.#misses > PATIENCE) this.#pause = LONGEST_PAUSE;
  }

  /** Counts the anchors that agree on each motion, by `dx | dy` packed (see packOffset). */
  #votes(before: number, now: number): Map<number, number> {
    const { memory } = this.#frame;
    const old = new Uint32Array(memory.buffer, anchorsAt(this.#frame, 'shown'), before * 2);
    const fresh = new Uint32Array(memory.buffer, anchorsAt(this.#frame, 'incoming'), now * 2);
    const table = this.#table.fill(EMPTY);
    const isAmbiguous = this.#isAmbiguous.fill(0);
    const slotOf = (hash: number): number => {
      let slot = hash % SLOTS;
      while (table[slot] !== EMPTY && old[(table[slot]! - 1) * 2] !== hash) slot = (slot + 1) % SLOTS;
      return slot;
    };
    for (let i = 0; i < before; i++) {
      const slot = slotOf(old[i * 2]!);
      if (table[slot] === EMPTY) table[slot] = i + 1;
      else isAmbiguous[slot] = 1;
    }
    const votes = new Map<number, number>();
    for (let i = 0; i < now; i++) {
      const slot = slotOf(fresh[i * 2]!);
      if (table[slot] === EMPTY || isAmbiguous[slot]) continue;
      const from = old[(table[slot]! - 1) * 2 + 1]!;
      const to = fresh[i * 2 + 1]!;
      if (from === to) continue;
      const key = packOffset(to, from);
      votes.set(key, (votes.get(key) ?? 0) + 1);
    }
    return votes;
  }
}

/** Returns the runs of damaged tiles, one row of tiles after the other. */
function runsOf(damage: DirtyTiles): Rect[] {
  const runs: Rect[] = [];
  for (let row = 0; row < tilesAcross(damage.size.height); row++) {
    runs.push(...damage.rowRects(row, damage.size.width));
  }
  return runs;
}

/** Chooses runs from all over the change, always the same ones for the same change. */
function someOf(runs: readonly Rect[]): Rect[] {
  const step = Math.max(1, Math.floor(runs.length / SEARCHED_RUNS));
  return runs.filter((_, i) => i % step === 0);
}

function triedRows(run: Rect): Rect[] {
  const rows: Rect[] = [];
  for (let y = 0; y < Math.min(ROW_STEP, run.height); y += TRIED_ROW_STEP) {
    rows.push({ x: run.x, y: run.y + y, width: run.width, height: 1 });
  }
  return rows;
}

/** Returns a motion and those of its neighbours that are motions too. */
function nearly({ dx, dy }: Offset): Offset[] {
  const motions: Offset[] = [{ dx, dy }];
  for (let y = dy - STEADY_PX; y <= dy + STEADY_PX; y++) {
    for (let x = dx - STEADY_PX; x <= dx + STEADY_PX; x++) {
      if ((x !== dx || y !== dy) && (x !== 0 || y !== 0)) motions.push({ dx: x, dy: y });
    }
  }
  return motions;
}

/** X coordinates end at 32767, so this exceeds every distance. */
const OFFSET_RANGE = 0x10000;
const OFFSET_ZERO = OFFSET_RANGE / 2;

/** Packs the distance between two places, `x | y << 16` each, into one number. */
const packOffset = (to: number, from: number): number =>
  ((to >>> 16) - (from >>> 16) + OFFSET_ZERO) * OFFSET_RANGE + (to & 0xffff) - (from & 0xffff) + OFFSET_ZERO;

function mostVotes(votes: ReadonlyMap<number, number>): Offset | undefined {
  let winner = 0;
  let most = LEAST_VOTES - 1;
  for (const [key, count] of votes) {
    if (count <= most) continue;
    most = count;
    winner = key;
  }
  if (most < LEAST_VOTES) return undefined;
  return {
    dx: (winner % OFFSET_RANGE) - OFFSET_ZERO,
    dy: Math.floor(winner / OFFSET_RANGE) - OFFSET_ZERO,
  };
}
