import type { DirtyTiles } from './dirty-tiles.ts';
import type { Kernels } from './kernels/kernels.ts';
import type { Offset } from './motion.ts';
import { AnchorSearch } from './motion-search/anchor-search.ts';
import { bandsOf, runsOf } from './motion-search/bands.ts';
import { showsMostlyPhoto } from './motion-search/mostly-photo.ts';
import { OffsetVotes } from './motion-search/offset-votes.ts';
import { StripSearch } from './motion-search/strip-search.ts';
import type { Rect, Size } from './rect.ts';
import { MOST_MOTIONS, type SharedFrame } from './shared-frame.ts';

/** Area below which a change is not searched, in pixels: sending it costs less than searching. */
const LEAST_AREA_PX = 48 * 1024;

/**
 * Bands with content that are searched at least, and bands that are looked at at most to find as much content as
 * WANTED_CONTENT says, in rows of strips. More find motion of smaller parts of the change, and take longer to read and
 * to search. Four bands of a wide screen full of text have enough.
 */
const WANTED_BANDS = 4;
const WANTED_CONTENT = 500;
const MOST_BANDS = 12;

/** Rows of strips with content that make a band worth searching. A line of a few words has more. */
const LEAST_CONTENT = 24;

/**
 * Offsets that are tried, of those with the most votes, and votes that one needs. Offsets by chance cost the time of
 * trying them.
 */
const CANDIDATES = 8;
const LEAST_VOTES = 2;

/**
 * Distance between the rows of a band in which an offset is tried. Odd, because otherwise an offset that is wrong by
 * one pixel would pass in a picture drawn at twice its size.
 */
const TRIED_ROW_STEP = 3;

/** The same for recent motions. Fewer rows are read then. */
const CONTINUED_ROW_STEP = 5;

/** Number of changed pieces, spread over those rows, in which an offset is tried. More take longer. */
const TRIED_PIECES = 256;

/** Number of changed pieces of rows after which recent motions are tried in no further band. */
const ENOUGH_PIECES = 64;

/**
 * A motion is accepted if at least this many changed pieces of the tried rows moved, and at least this share of them.
 * With a smaller share, copies save less than the comparison for them costs.
 */
const LEAST_PIECES = 8;
const LEAST_SHARE = 0.1;

/** Share of the changed pieces from which a motion is accepted without looking for a better one. */
const GOOD_SHARE = 0.7;

/** Recent motions are taken if they explain at least this share of what the last search explained. */
const CONTINUED_SHARE = 0.9;

/**
 * Motions that are kept, and tried before a search. A browser's answer to a turn of the wheel has about four steps of
 * different lengths, which come back with the next turn. More take longer to try.
 */
const MOST_RECENT = 6;

/** Largest change of a motion between frames, in pixels, that is found without a search. */
const STEADY_PX = 1;

/**
 * After this many failed searches, a capture is searched after every LONGEST_PAUSE captures that are not. A larger
 * pause finds motion later; with a smaller one, a film costs more: each search in vain takes 12 % of the time of its
 * JPEGs. The pause ends at once when a film gives way to something that is drawn, such as a page that then scrolls.
 */
const PATIENCE = 3;
const LONGEST_PAUSE = 4;

/** Motions, the one that explains more first, and the share of the change that they explain together. */
interface Explanation {
  readonly motions: readonly Offset[];
  readonly share: number;
}

/** Changed pieces of rows in which motions are tried. */
interface Pieces {
  readonly count: number;
  /** Number of them that moved by one of the one or two motions. */
  moved(motions: readonly Offset[]): number;
}

type Read = (samples: readonly Rect[]) => void;

/**
 * Finds how far content moved between `shown` and `incoming`. Searches propose offsets, and those that explain the most
 * of some rows of the change are taken. Motion that continues or comes back, as most motion does, is confirmed by fewer
 * rows.
 */
export class MotionFinder {
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  readonly #strips: StripSearch;
  readonly #anchors: AnchorSearch;
  readonly #votes = new OffsetVotes();
  /** The last motions, the newest first; none after a search in vain. */
  #recent: readonly Offset[] = [];
  /** Share that the last motions explained when they were searched for. */
  #share = 0;
  #misses = 0;
  #pause = 0;
  /** Whether the pause began with a picture that looked like a photograph. */
  #wasPhoto = false;

  constructor(frame: SharedFrame, kernels: Kernels) {
    this.#frame = frame;
    this.#kernels = kernels;
    this.#strips = new StripSearch(frame, kernels);
    this.#anchors = new AnchorSearch(frame, kernels);
  }

  /**
   * Returns how far content in `damage` moved: at most MOST_MOTIONS offsets, the one that explains most first. Returns
   * none if none can be found or a search would not pay. Only samples of `incoming` must be valid: before the finder
   * reads them, it calls `read` with their rects.
   */
  find(damage: DirtyTiles, read: Read = () => undefined): readonly Offset[] {
    if (damage.areaPx < LEAST_AREA_PX) return [];
    if (this.#pauses(damage)) return [];
    const runs = runsOf(damage);
    const recent = this.#tryRecent(damage.size, runs, read);
    const found = recent ?? this.#search(damage.size, runs, read);
    // Of recent motions, fewer rows are tried. The share of a search is more exact.
    if (found && !recent) this.#share = found.share;
    this.#learn(found?.motions ?? [], damage);
    return found?.motions ?? [];
  }

  /** Whether this capture is not searched. */
  #pauses(damage: DirtyTiles): boolean {
    if (this.#pause === 0) return false;
    this.#pause--;
    if (!this.#wasPhoto || showsMostlyPhoto(this.#frame, damage)) return true;
    this.#pause = 0;
    this.#misses = 0;
    return false;
  }

  /** Returns recent motions, or one nearly the same as the last one, if they explain this change. */
  #tryRecent(size: Size, runs: readonly Rect[], read: Read): Explanation | undefined {
    const [last] = this.#recent;
    if (!last) return undefined;
    let listed = 0;
    let bands = 0;
    for (const band of bandsOf(runs)) {
      const rows = rowsOf(band, CONTINUED_ROW_STEP);
      read(rows);
      for (const row of rows) listed = this.#kernels.pieces(size, row, listed);
      if (listed >= ENOUGH_PIECES || ++bands === MOST_BANDS) break;
    }
    const found = bestOf(this.#sample(size, listed), [...this.#recent, ...nearby(last)]);
    return found && found.share >= this.#share * CONTINUED_SHARE ? found : undefined;
  }

  /** Returns the motions that explain the most of the change, or undefined if none explains enough. */
  #search(size: Size, runs: readonly Rect[], read: Read): Explanation | undefined {
    const bands = this.#readBands(size, runs, read);
    if (bands.length === 0) return undefined;
    let listed = 0;
    for (const row of bands.flatMap((band) => rowsOf(band, TRIED_ROW_STEP))) {
      listed = this.#kernels.pieces(size, row, listed);
    }
    const pieces = this.#sample(size, listed);
    this.#votes.clear();
    this.#strips.vote(size, runs, bands, this.#votes);
    const upOrDown = this.#votes.best(CANDIDATES, LEAST_VOTES);
    const found = bestOf(pieces, upOrDown);
    if (found && found.share >= GOOD_SHARE) return found;
    this.#votes.clear();
    this.#anchors.vote(size, runs, bands, this.#votes);
    return bestOf(pieces, [...upOrDown, ...this.#votes.best(CANDIDATES, LEAST_VOTES)]);
  }

  /** Reads bands until some have content, and returns those. */
  #readBands(size: Size, runs: readonly Rect[], read: Read): Rect[] {
    const { strips } = this.#kernels;
    const bands: Rect[] = [];
    let looked = 0;
    let content = 0;
    strips.clearContent();
    for (const band of bandsOf(runs)) {
      read([band]);
      const inBand = strips.countContent(size, band);
      if (inBand >= LEAST_CONTENT) bands.push(band);
      content += inBand;
      if ((bands.length >= WANTED_BANDS && content >= WANTED_CONTENT) || ++looked === MOST_BANDS) break;
    }
    return bands;
  }

  /** Takes some of the listed pieces. */
  #sample(size: Size, listed: number): Pieces {
    // An odd step does not take the same columns of each row.
    const step = Math.max(1, Math.floor(listed / TRIED_PIECES)) | 1;
    return {
      count: Math.ceil(listed / step),
      moved: (motions) => this.#kernels.movedPieces(size, listed, step, motions),
    };
  }

  #learn(found: readonly Offset[], damage: DirtyTiles): void {
    const isNew = (a: Offset): boolean => !found.some((b) => a.dx === b.dx && a.dy === b.dy);
    const isFound = found.length > 0;
    this.#recent = isFound ? [...found, ...this.#recent.filter(isNew)].slice(0, MOST_RECENT) : [];
    this.#misses = isFound ? 0 : this.#misses + 1;
    if (this.#misses <= PATIENCE) return;
    this.#pause = LONGEST_PAUSE;
    this.#wasPhoto = showsMostlyPhoto(this.#frame, damage);
  }
}

/** Returns the candidate that explains most, together with the one that explains most of what is left. */
function bestOf({ count, moved }: Pieces, candidates: readonly Offset[]): Explanation | undefined {
  const least = Math.max(LEAST_PIECES, count * LEAST_SHARE);
  let motions: readonly Offset[] = [];
  let explained = 0;
  let left = candidates;
  while (motions.length < MOST_MOTIONS && count - explained >= least) {
    const tried = left.map((motion) => ({ motion, gain: moved([...motions, motion]) - explained }));
    // What explains too little now does not explain more beside others.
    const useful = tried.filter(({ gain }) => gain >= least);
    if (useful.length === 0) break;
    const best = useful.reduce((a, b) => (b.gain > a.gain ? b : a));
    motions = [...motions, best.motion];
    explained += best.gain;
    left = useful.filter((other) => other !== best).map(({ motion }) => motion);
  }
  return motions.length === 0 ? undefined : { motions, share: explained / count };
}

/** Returns some rows of a band. */
function rowsOf(band: Rect, step: number): Rect[] {
  const rows: Rect[] = [];
  for (let y = 0; y < band.height; y += step) rows.push({ ...band, y: band.y + y, height: 1 });
  return rows;
}

/** Returns those neighbours of a motion that are motions too. */
function nearby({ dx, dy }: Offset): Offset[] {
  const motions: Offset[] = [];
  for (let y = dy - STEADY_PX; y <= dy + STEADY_PX; y++) {
    for (let x = dx - STEADY_PX; x <= dx + STEADY_PX; x++) {
      if ((x !== dx || y !== dy) && (x !== 0 || y !== 0)) motions.push({ dx: x, dy: y });
    }
  }
  return motions;
}
