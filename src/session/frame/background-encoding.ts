import type { PlannedRect } from '../../encode/plan/plan-rects.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import { TILE_SIZE, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { areaPx, type Size } from '../../pixels/rect.ts';
import { areEqual } from './own-updates.ts';
import type { Taker } from './taker.ts';

/**
 * Updates in which a viewer that is served in the background is sent the whole picture, however often it is
 * interrupted. With fewer, each of them lets a frame of the other viewers wait for longer: 2 ms of a thread at 1280×720,
 * 3 ms at 1920×1080, 12 ms at 3840×2160. With more, the viewer waits for more frames until it has seen every part.
 */
export const MOST_UPDATES = 32;

/**
 * Encoder threads that are left to all else while there is work in the background. With more, an older viewer has fewer
 * updates on a machine of two cores; with none, the X server and the programs wait for cores, and frames are late.
 */
const FREE_THREADS = 1;

/**
 * Whether updates with that encoding are made in the background while other viewers watch. ZRLE, zlib, Hextile and Raw
 * take three to eight times as long as Tight, or as many bytes, and hardly any two viewers share them.
 */
export const isForBackground = ({ encoding }: Pick<EncodeProfile, 'encoding'>): boolean =>
  encoding !== 'tight';

/** Number of rects that are encoded even if a frame waits for the picture: enough for MOST_UPDATES, and one at least. */
export function leastRects(rects: readonly PlannedRect[], size: Size): number {
  const leastPx = (size.width * size.height) / MOST_UPDATES;
  let px = 0;
  for (const [i, { rect }] of rects.entries()) {
    px += areaPx(rect);
    if (px >= leastPx) return i + 1;
  }
  return rects.length;
}

/** Number of the tile in which a rect begins. */
export const firstTileOf = ({ rect }: PlannedRect, { width }: Size): number =>
  Math.floor(rect.y / TILE_SIZE) * tilesAcross(width) + Math.floor(rect.x / TILE_SIZE);

/**
 * The rects in the order of their tiles, from tile `first` on and round the screen: a part that changes all the time
 * does not delay the others for ever.
 */
export function fromTile<P extends PlannedRect>(rects: readonly P[], first: number, size: Size): P[] {
  const sorted = [...rects].sort((a, b) => firstTileOf(a, size) - firstTileOf(b, size));
  const at = sorted.findIndex((rect) => firstTileOf(rect, size) >= first);
  return at < 0 ? sorted : [...sorted.slice(at), ...sorted.slice(0, at)];
}

export interface BackgroundEncodingOptions {
  readonly threads: number;
  /** Whether a frame waits until the shown picture is not read any more. */
  isPictureWanted(): boolean;
}

/** The takers of a pass. */
export interface ChosenTakers {
  readonly foreground: readonly Taker[];
  /** Takers that are sent the same. */
  readonly background: readonly Taker[];
}

/** Encodes one rect: at once, or on a thread. */
export type Step = () => Promise<void> | undefined;

/**
 * Encodes the rects of viewers with older encodings a few at a time, in the time that the frames of other viewers leave,
 * and stops when such a frame waits for the picture.
 */
export class BackgroundEncoding {
  readonly #options: BackgroundEncodingOptions;
  readonly #most: number;
  /** Number of the choice in which each taker was last chosen. */
  readonly #servedIn = new WeakMap<Taker, number>();
  #choices = 0;
  #works = 0;

  constructor(options: BackgroundEncodingOptions) {
    this.#options = options;
    this.#most = Math.max(1, options.threads - FREE_THREADS);
  }

  /** Whether rects are being encoded in the background. The takers for the background wait then. */
  get isBusy(): boolean {
    return this.#works > 0;
  }

  /**
   * Chooses the takers of a pass. In the background it is the one that has waited longest, with those that are sent the
   * same. The first update of a viewer is not interrupted: programs that connect to take a picture expect all of it.
   */
  choose(takers: readonly Taker[]): ChosenTakers {
    const waiting = takers.filter((taker) => isForBackground(taker) && this.#servedIn.has(taker));
    const background = this.#longestWaiting(waiting);
    const foreground = takers.filter((taker) => !waiting.includes(taker));
    this.#choices++;
    for (const taker of [...foreground, ...background]) this.#servedIn.set(taker, this.#choices);
    return { foreground, background };
  }

  /**
   * Runs steps in their order until a frame waits for the picture, and `least` of them in any case. Resolves with the
   * number of steps that were run, once no encoder reads the picture for them any more. Rejects, then too, with the
   * error of the first step that failed; no step begins after that.
   */
  async run(steps: readonly Step[], least: number): Promise<number> {
    this.#works++;
    let next = 0;
    let failed = false;
    const isOver = (): boolean =>
      failed || next === steps.length || (next >= least && this.#options.isPictureWanted());
    const work = async (): Promise<void> => {
      try {
        while (!isOver()) await steps[next++]!();
      } catch (error) {
        failed = true;
        throw error;
      }
    };
    try {
      const works = await Promise.allSettled(Array.from({ length: this.#most }, work));
      const failure = works.find((one) => one.status === 'rejected');
      if (failure) throw failure.reason;
      return next;
    } finally {
      this.#works--;
    }
  }

  #longestWaiting(takers: readonly Taker[]): Taker[] {
    const [first, ...others] = takers;
    if (!first) return [];
    const lastServed = (taker: Taker): number => this.#servedIn.get(taker) ?? -1;
    const { next } = others.reduce((a, b) => (lastServed(b) < lastServed(a) ? b : a), first);
    return takers.filter((taker) => taker.next.key === next.key && areEqual(taker.next, next));
  }
}
