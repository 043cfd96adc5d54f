import type { LossyQuality } from '../../encode/plan/profile.ts';
import { type DirtyTiles, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { areaPx, type Size } from '../../pixels/rect.ts';
import type { SentRect, UsualBytes } from '../frame/taker.ts';
import { UpdateCost, usualBytes } from './update-cost.ts';

/**
 * How long the link is to be busy with one update: quality is given up for it. With a frame's age, encoding, half of a
 * round trip of 50 ms and decoding, what arrives is then 170 to 200 ms old.
 */
const UPDATE_MS = 110;

/**
 * How long it may be, so that what arrives stays under 250 ms. Up to this a viewer that has the quality it wished for keeps
 * it, since a busy machine delays answers as a slow link does, and viewers with the same wishes are to share every byte;
 * and what takes longer than UPDATE_MS even at the least quality is sent whole. Beyond it goes out in pieces.
 */
const MOST_UPDATE_MS = 160;

/** A better quality has to fit by so much, or an estimate's noise would have it change with every frame. */
const BETTER_FITS_SHARE = 0.8;

/**
 * Bytes of a WebP, as a share of the JPEG it replaces. Updates are estimated as if they had no WebP: how much becomes
 * WebP depends on the time there is for it, and an update should never be larger than its estimate.
 */
const WEBP_SHARE_OF_JPEG = 0.5;

/**
 * Tiles with changes in one update; the rest waits for the next one. More would be more rects than the 65,534 that an
 * update's header can count: a tile leads to one rect at most, and up to 1,024 copies and 1,024 sharpened tiles come
 * beside them. Fewer would cut the updates of screens that exist: one of 7680×4320 has 8,160 tiles.
 */
export const MOST_UPDATE_TILES = 16_384;

/** What one update consists of. */
export interface Selection {
  /** What is sent now, and what is left for later. */
  readonly part: DirtyTiles;
  readonly rest: DirtyTiles;
  /** The qualities of its JPEG rects; undefined for a viewer that wants no loss. */
  readonly lossy: LossyQuality | undefined;
  /** What `part` usually takes. */
  readonly usual: UsualBytes;
  /** What it is expected to take. */
  readonly expectedBytes: number;
}

/**
 * How good and how much: fits each update of one viewer to its link. Small changes keep the quality that the viewer
 * wished for whatever the link; large ones get as much as the link carries in UPDATE_MS. Has no clock and knows no
 * pixels: all it is told is plain data.
 */
export class LinkQuality {
  readonly #cost = new UpdateCost();
  /** Qualities the viewer can live with, least first; the last is its wish. None where it wants no loss. */
  #ladder: readonly LossyQuality[] = [];
  #step = 0;
  /** The tile that the next piece begins with, so that every tile has its turn. */
  #nextTile = 0;

  /** What it may choose from from now on. */
  set ladder(ladder: readonly LossyQuality[]) {
    this.#ladder = ladder;
    this.#step = Math.max(0, ladder.length - 1);
  }

  /** What the viewer wishes for; undefined where it wants no loss. */
  get wish(): LossyQuality | undefined {
    return this.#ladder.at(-1);
  }

  /** Whether the link carries a whole photo-like screen as the viewer wishes it. `rate` in bytes a millisecond. */
  isFreeFor(size: Size, rate: number | undefined): boolean {
    return rate === undefined || this.#cost.photo(areaPx(size), this.wish?.changed) <= rate * MOST_UPDATE_MS;
  }

  /** Chooses what to send of what a viewer lacks. `rate` is undefined where the link is not known to limit. */
  choose(lacks: DirtyTiles, colours: Uint16Array, rate: number | undefined): Selection {
    this.#step = this.#bestStep(lacks, colours, rate);
    const lossy = this.#ladder[this.#step];
    const isCarried =
      rate === undefined || sum(this.#cost.all(lacks, colours, lossy?.changed)) <= rate * MOST_UPDATE_MS;
    if (isCarried && lacks.tiles <= MOST_UPDATE_TILES) return this.#all(lacks, colours, lossy);
    return this.#piece(lacks, colours, lossy, isCarried ? Number.POSITIVE_INFINITY : rate * UPDATE_MS);
  }

  /** The rects of an update that usually takes `usual` bytes took these. */
  learn(usual: UsualBytes, rects: readonly SentRect[]): void {
    const took = { jpeg: 0, lossless: 0 };
    for (const { encoder, purpose, bytes } of rects) {
      if (encoder === 'TightJPEGEncoder') took.jpeg += bytes;
      else if (encoder !== 'TightWEBPEncoder') took.lossless += bytes;
      else if (purpose === 'change') took.jpeg += bytes / WEBP_SHARE_OF_JPEG;
    }
    this.#cost.learn(usual, took);
  }

  #bestStep(lacks: DirtyTiles, colours: Uint16Array, rate: number | undefined): number {
    const top = Math.max(0, this.#ladder.length - 1);
    // Text has no quality to give up, and its bytes are shared among viewers that have the same.
    if (rate === undefined || this.#cost.all(lacks, colours, this.wish?.changed).jpeg === 0) return top;
    for (let step = top; step > 0; step--) {
      if (sum(this.#cost.all(lacks, colours, this.#ladder[step]?.changed)) <= rate * this.#mostMs(step))
        return step;
    }
    return 0;
  }

  #mostMs(step: number): number {
    if (step > this.#step) return UPDATE_MS * BETTER_FITS_SHARE;
    return step === this.#ladder.length - 1 ? MOST_UPDATE_MS : UPDATE_MS;
  }

  #all(lacks: DirtyTiles, colours: Uint16Array, lossy: LossyQuality | undefined): Selection {
    const { yes: rest } = lacks.partition(() => false);
    return this.#selected({ part: lacks, rest, lossy }, colours);
  }

  /**
   * As many whole rows of tiles as fit, or where not even one fits as many tiles of it, and one at least; from where
   * the last piece ended, so that what changes all the time does not keep the rest from its turn.
   */
  #piece(
    lacks: DirtyTiles,
    colours: Uint16Array,
    lossy: LossyQuality | undefined,
    roomBytes: number,
  ): Selection {
    const tiles: { at: number; bytes: number }[] = [];
    lacks.forEachBox((at, px) =>
      tiles.push({ at, bytes: this.#cost.tile(colours[at] ?? 0, px, lossy?.changed) }),
    );
    const first = Math.max(
      0,
      tiles.findIndex(({ at }) => at >= this.#nextTile),
    );
    const inTurn = [...tiles.slice(first), ...tiles.slice(0, first)];
    const across = tilesAcross(lacks.size.width);
    const row = (index: number): number => Math.floor((inTurn[index]?.at ?? -across) / across);
    let bytes = 0;
    let count = 0;
    let wholeRows = 0;
    for (const tile of inTurn) {
      bytes += tile.bytes;
      if (bytes > roomBytes || count === MOST_UPDATE_TILES) break;
      count++;
      if (row(count) !== row(count - 1)) wholeRows = count;
    }
    const chosen = inTurn.slice(0, Math.max(1, wholeRows || count));
    this.#nextTile = inTurn[chosen.length]?.at ?? 0;
    const ats = new Set(chosen.map(({ at }) => at));
    const { yes: part, no: rest } = lacks.partition((x, y) => ats.has(y * across + x));
    return this.#selected({ part, rest, lossy }, colours);
  }

  #selected(selection: Pick<Selection, 'part' | 'rest' | 'lossy'>, colours: Uint16Array): Selection {
    const usual = usualBytes(selection.part, colours, selection.lossy?.changed);
    return { ...selection, usual, expectedBytes: sum(this.#cost.corrected(usual)) };
  }
}

const sum = ({ jpeg, lossless }: UsualBytes): number => jpeg + lossless;
