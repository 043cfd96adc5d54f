import type { LossyQuality } from '../../encode/plan/profile.ts';
import { DirtyTiles, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { areaPx, type Size } from '../../pixels/rect.ts';
import type { SentRect, UsualBytes } from '../frame/taker.ts';
import { contentOf, type TileContent, UpdateCost, usualBytes } from './update-cost.ts';

/**
 * Time that one update may keep the link busy, in milliseconds; the quality is lowered to meet it. With the age of the
 * frame, encoding, half of a round trip of 50 ms and decoding, an update is then 170 to 200 ms old when it is drawn. A
 * larger value makes the picture older, a smaller one makes it worse. Table: docs/encoding.md.
 */
const UPDATE_MS = 110;

/**
 * Longest time that one update may keep the link busy, in milliseconds: it is then under 250 ms old when it is drawn.
 * An update that takes longer is sent in pieces. Between UPDATE_MS and this value, a viewer keeps the quality that it
 * set: a busy machine delays answers like a slow link does, and viewers with equal settings share every byte. An update
 * that takes so long even at the lowest quality is sent whole.
 */
const MOST_UPDATE_MS = 160;

/**
 * UPDATE_MS on a link that loses packets, where an update waits until TCP has sent what was lost again. A larger value
 * makes pictures older, a smaller one leaves part of the link unused: docs/links.md.
 */
const LOSSY_UPDATE_MS = 40;

/**
 * Bytes of an update that a link which loses packets may be busy with for up to UPDATE_MS: four packets, the fewest of
 * which TCP repairs a loss without waiting for a timeout. A larger value makes pictures on very slow links older; with
 * a smaller one updates arrive later, so that the link seems slower, and the next ones are smaller still.
 */
const LOSSY_UPDATE_BYTES = 6000;

/**
 * Share of UPDATE_MS that a better quality must fit into before it is taken. A larger share lets the noise of an
 * estimate change the quality with every frame; a smaller one leaves part of the link unused.
 */
const BETTER_FITS_SHARE = 0.8;

/**
 * Bytes of a WebP, as a share of the JPEG that it replaces. Updates are estimated as if all of it were JPEG: how much
 * becomes WebP depends on the time for encoding, and an update should not be larger than its estimate.
 */
const WEBP_SHARE_OF_JPEG = 0.5;

/**
 * Most tiles with changes in one update; the rest is sent with the next one. A tile leads to one rect at most, and up
 * to 1,024 copies and 1,024 sharpened tiles are sent with them. With a value near 65,534 the header could not count
 * all rects. A value below 8,160, the tiles of 7680×4320, would split updates of real screens.
 */
const MOST_UPDATE_TILES = 16_384;

/** Bytes of an update that fits a link of this rate, in bytes per millisecond. `isLossy`: whether it loses packets. */
export function fittingBytes(rate: number, isLossy: boolean): number {
  const most = rate * UPDATE_MS;
  return isLossy ? Math.min(most, Math.max(rate * LOSSY_UPDATE_MS, LOSSY_UPDATE_BYTES)) : most;
}

/** The rate that carries these bytes in UPDATE_MS. */
const fittedRate = (rate: number, isLossy: boolean): number => fittingBytes(rate, isLossy) / UPDATE_MS;

/** Content of one update. */
export interface Selection {
  /** Tiles that are sent now. */
  readonly part: DirtyTiles;
  /** Tiles that are postponed. */
  readonly rest: DirtyTiles;
  /** Qualities of its JPEG rects; undefined for a viewer that wants no loss. */
  readonly lossy: LossyQuality | undefined;
  /** Bytes that `part` usually takes. */
  readonly usual: UsualBytes;
  /** Bytes that `part` is expected to take in this picture. */
  readonly expectedBytes: number;
}

/**
 * Fits each update of one viewer to its link: chooses the quality, and how many tiles are sent now. Small changes keep
 * the quality that the viewer set; large ones get the best quality that the link carries in UPDATE_MS. It has no clock
 * and reads no pixels.
 */
export class LinkQuality {
  readonly #cost = new UpdateCost();
  /** Qualities that the viewer accepts, from the lowest to the one that it set; none if it wants no loss. */
  #ladder: readonly LossyQuality[] = [];
  /** Index of the last update's quality. */
  #step = 0;
  /**
   * Number of the tile that the next piece begins with. Pieces go round the screen, so that every tile gets its turn.
   */
  #nextTile = 0;

  /** Qualities to choose from, as made by `qualityLadder`. The next update begins with the last one. */
  set ladder(ladder: readonly LossyQuality[]) {
    this.#ladder = ladder;
    this.#step = Math.max(0, ladder.length - 1);
  }

  /** The quality that the viewer set; undefined if it wants no loss. */
  get wish(): LossyQuality | undefined {
    return this.#ladder.at(-1);
  }

  /**
   * Whether the link carries a whole photo-like screen in one update at the best quality. `rate`: bytes per
   * millisecond. `isLossy`: as for `choose`.
   */
  isFreeFor(size: Size, rate: number | undefined, isLossy = false): boolean {
    if (rate === undefined) return true;
    return this.#cost.photo(areaPx(size), this.wish?.changed) <= fittedRate(rate, isLossy) * MOST_UPDATE_MS;
  }

  /**
   * Chooses what to send of the tiles that a viewer lacks. `rateOfLink` is undefined if the link is not known to be the
   * limit. `isLossy`: whether it loses packets.
   */
  choose(
    lacks: DirtyTiles,
    colours: Uint16Array,
    rateOfLink: number | undefined,
    isLossy = false,
  ): Selection {
    const rate = rateOfLink && fittedRate(rateOfLink, isLossy);
    const content = contentOf(lacks, colours);
    this.#step = this.#bestStep(content, rate);
    const lossy = this.#ladder[this.#step];
    const isCarried =
      rate === undefined || sum(this.#cost.all(content, lossy?.changed)) <= rate * MOST_UPDATE_MS;
    if (isCarried && lacks.tiles <= MOST_UPDATE_TILES)
      return this.#selected({ part: lacks, rest: new DirtyTiles(lacks.size), lossy }, content);
    return this.#piece(lacks, colours, lossy, isCarried ? Number.POSITIVE_INFINITY : rate * UPDATE_MS);
  }

  /** Corrects the estimates by the rects of an update that usually takes `usual` bytes. */
  learn(usual: UsualBytes, rects: readonly SentRect[]): void {
    const took = { jpeg: 0, lossless: 0 };
    for (const { encoder, purpose, bytes } of rects) {
      if (encoder === 'TightJPEGEncoder') took.jpeg += bytes;
      else if (encoder !== 'TightWEBPEncoder') took.lossless += bytes;
      else if (purpose === 'change') took.jpeg += bytes / WEBP_SHARE_OF_JPEG;
    }
    this.#cost.learn(usual, took);
  }

  #bestStep(content: TileContent, rate: number | undefined): number {
    const top = Math.max(0, this.#ladder.length - 1);
    // Text has no quality to lower, and viewers with equal qualities share its bytes.
    if (rate === undefined || this.#cost.all(content, this.wish?.changed).jpeg === 0) return top;
    for (let step = top; step > 0; step--) {
      if (sum(this.#cost.all(content, this.#ladder[step]?.changed)) <= rate * this.#mostMs(step)) return step;
    }
    return 0;
  }

  #mostMs(step: number): number {
    if (step > this.#step) return UPDATE_MS * BETTER_FITS_SHARE;
    return step === this.#ladder.length - 1 ? MOST_UPDATE_MS : UPDATE_MS;
  }

  /**
   * Selects as many whole rows of tiles as fit; if no row fits, as many tiles as do, and at least one. Begins where the
   * last piece ended, so that tiles that change all the time do not delay the others for ever.
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
    return this.#selected({ part, rest, lossy }, contentOf(part, colours));
  }

  #selected(selection: Pick<Selection, 'part' | 'rest' | 'lossy'>, content: TileContent): Selection {
    const usual = usualBytes(content, selection.lossy?.changed);
    return { ...selection, usual, expectedBytes: sum(this.#cost.corrected(usual)) };
  }
}

const sum = ({ jpeg, lossless }: UsualBytes): number => jpeg + lossless;
