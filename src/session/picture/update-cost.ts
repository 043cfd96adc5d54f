import { isPhotoLike } from '../../encode/plan/policy.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { JpegQuality } from '../../protocol/quality.ts';
import type { UsualBytes } from '../frame/taker.ts';

/**
 * Bytes a pixel that JPEG takes by quality, at the chroma that Tight's levels have there: measured on the bench's
 * photograph at 1920×1080. What is between two of them is taken as on the line from one to the other.
 */
const JPEG_BYTES_PER_PX: readonly (readonly [quality: number, bytesPerPx: number])[] = [
  [1, 0.01],
  [15, 0.039],
  [29, 0.06],
  [41, 0.076],
  [42, 0.085],
  [62, 0.114],
  [77, 0.16],
  [79, 0.191],
  [86, 0.252],
  [92, 0.36],
  [100, 1.41],
];

/**
 * The same without loss, by colours of a tile: plain, two colours, text (measured on the bench's page, 0.09), and a
 * photograph (2.3).
 */
const LOSSLESS_BYTES_PER_PX: readonly (readonly [colours: number, bytesPerPx: number])[] = [
  [1, 0.001],
  [2, 0.03],
  [128, 0.09],
  [Number.POSITIVE_INFINITY, 2.3],
];

/** An update that was expected to take less than this of a kind says little: headers and tables are most of it. */
const LEAST_TO_LEARN_BYTES = 2000;

/** How far an estimate that was too high is corrected by one update; one that was too low is corrected at once. */
const LEARN_DOWN_SHARE = 0.25;

/** No picture is so plain or so wild that estimates are farther off than this. */
const MOST_CORRECTION = 30;

type CostKind = keyof UsualBytes;

/** Bytes by the encoding that a tile's colours lead to. */
export type Cost = UsualBytes;

/** What tiles will take on the wire: what is usual, corrected by what the last updates took. */
export class UpdateCost {
  readonly #correction = { jpeg: 1, lossless: 1 };

  /** A whole picture of so many pixels, were all of it photo-like. */
  photo(areaPx: number, jpeg: JpegQuality | undefined): number {
    return this.tile(Number.POSITIVE_INFINITY, areaPx, jpeg);
  }

  /** Expected bytes of all that is dirty; `colours` as in SharedFrame. */
  all(dirty: DirtyTiles, colours: Uint16Array, jpeg: JpegQuality | undefined): Cost {
    return this.corrected(usualBytes(dirty, colours, jpeg));
  }

  /** Usual bytes, corrected by what the last updates took. */
  corrected({ jpeg, lossless }: UsualBytes): Cost {
    return { jpeg: jpeg * this.#correction.jpeg, lossless: lossless * this.#correction.lossless };
  }

  /** Expected bytes of one tile with `areaPx` dirty pixels. */
  tile(colours: number, areaPx: number, jpeg: JpegQuality | undefined): number {
    return usualTileBytes(colours, areaPx, jpeg) * this.#correction[kindOf(colours, jpeg)];
  }

  /** Corrects the estimates by an update that usually takes `usual` bytes and took `took`. */
  learn(usual: UsualBytes, took: Cost): void {
    for (const kind of ['jpeg', 'lossless'] as const) {
      const known = this.#correction[kind];
      if (usual[kind] * known < LEAST_TO_LEARN_BYTES) continue;
      const right = took[kind] / usual[kind];
      const next = right > known ? right : known + (right - known) * LEARN_DOWN_SHARE;
      this.#correction[kind] = Math.min(MOST_CORRECTION, Math.max(1 / MOST_CORRECTION, next));
    }
  }
}

/** Bytes that all that is dirty takes in a usual picture; `colours` as in SharedFrame. */
export function usualBytes(
  dirty: DirtyTiles,
  colours: Uint16Array,
  jpeg: JpegQuality | undefined,
): UsualBytes {
  const usual = { jpeg: 0, lossless: 0 };
  dirty.forEachBox((at, areaPx) => {
    const count = colours[at] ?? 0;
    usual[kindOf(count, jpeg)] += usualTileBytes(count, areaPx, jpeg);
  });
  return usual;
}

function usualTileBytes(colours: number, areaPx: number, jpeg: JpegQuality | undefined): number {
  const bytesPerPx =
    jpeg && isPhotoLike(colours)
      ? between(JPEG_BYTES_PER_PX, jpeg.quality)
      : LOSSLESS_BYTES_PER_PX.find(([most]) => colours <= most)![1];
  return areaPx * bytesPerPx;
}

const kindOf = (colours: number, jpeg: JpegQuality | undefined): CostKind =>
  jpeg && isPhotoLike(colours) ? 'jpeg' : 'lossless';

function between(table: readonly (readonly [number, number])[], x: number): number {
  const at = Math.max(
    1,
    table.findIndex(([known]) => known >= x),
  );
  const [x0, y0] = table[at - 1]!;
  const [x1, y1] = table[at]!;
  return y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
}
