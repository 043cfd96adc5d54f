import { type Curve, interpolate } from '../../common/interpolate.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { isPhotoLike } from '../../pixels/photo-like.ts';
import type { JpegQuality } from '../../protocol/quality.ts';
import type { UsualBytes } from '../frame/taker.ts';

/**
 * Bytes per pixel of JPEG by quality, at the chroma that Tight's levels have: measured on the benchmark's photograph at
 * 1920×1080.
 */
const JPEG_BYTES_PER_PX: Curve = [
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
 * Bytes per pixel without loss, by the highest number of colours in a tile: plain, two colours, text (measured on the
 * benchmark's page, 0.09), photograph (2.42 to 2.62 by bench/micro/pieces.ts).
 */
const LOSSLESS_BYTES_PER_PX: readonly (readonly [mostColours: number, bytesPerPx: number])[] = [
  [1, 0.001],
  [2, 0.03],
  [128, 0.09],
  [Number.POSITIVE_INFINITY, 2.5],
];

/** Bytes per pixel of a photograph as WebP without loss, by bench/micro/webp.ts. */
export const WEBP_BYTES_PER_PX = 1.2;

/**
 * Bytes that an update must be expected to take before estimates are corrected by it. Less would learn from headers and
 * tables, more would ignore updates that tell of the picture.
 */
const LEAST_TO_LEARN_BYTES = 2000;

/**
 * Share, 0 to 1, by which one update corrects an estimate that was too high. An estimate that was too low is corrected
 * at once. A larger share lets the quality go up and down with every picture; a smaller one keeps it low for longer.
 */
const LEARN_DOWN_SHARE = 0.25;

/** Highest factor of a correction, up or down. No picture is so plain or so noisy that it needs more. */
const MOST_CORRECTION = 30;

/** Pixels and colours of some tiles: all that their usual bytes follow from, at any quality. */
export interface TileContent {
  readonly photoPx: number;
  /** Bytes without loss of the tiles that are not photo-like. */
  readonly flatBytes: number;
}

/** Estimates what tiles will take on the wire: the usual bytes, corrected by what the last updates took. */
export class UpdateCost {
  readonly #correction = { jpeg: 1, lossless: 1 };

  /** Bytes of a picture that is photo-like everywhere. */
  photo(areaPx: number, jpeg: JpegQuality | undefined): number {
    return this.tile(Number.POSITIVE_INFINITY, areaPx, jpeg);
  }

  all(content: TileContent, jpeg: JpegQuality | undefined): UsualBytes {
    return this.corrected(usualBytes(content, jpeg));
  }

  corrected({ jpeg, lossless }: UsualBytes): UsualBytes {
    return { jpeg: jpeg * this.#correction.jpeg, lossless: lossless * this.#correction.lossless };
  }

  /** Bytes of one tile with `areaPx` dirty pixels. */
  tile(colours: number, areaPx: number, jpeg: JpegQuality | undefined): number {
    const kind = jpeg && isPhotoLike(colours) ? 'jpeg' : 'lossless';
    return areaPx * usualBytesPerPx(colours, jpeg) * this.#correction[kind];
  }

  /** Corrects the estimates by an update that usually takes `usual` bytes and took `took`. */
  learn(usual: UsualBytes, took: UsualBytes): void {
    for (const kind of ['jpeg', 'lossless'] as const) {
      const known = this.#correction[kind];
      if (usual[kind] * known < LEAST_TO_LEARN_BYTES) continue;
      const right = took[kind] / usual[kind];
      const next = right > known ? right : known + (right - known) * LEARN_DOWN_SHARE;
      this.#correction[kind] = Math.min(MOST_CORRECTION, Math.max(1 / MOST_CORRECTION, next));
    }
  }
}

/** Measures the dirty pixels; `colours` as in SharedFrame. */
export function contentOf(dirty: DirtyTiles, colours: Uint16Array): TileContent {
  let photoPx = 0;
  let flatBytes = 0;
  dirty.forEachBox((at, areaPx) => {
    const count = colours[at] ?? 0;
    if (isPhotoLike(count)) photoPx += areaPx;
    else flatBytes += areaPx * usualBytesPerPx(count, undefined);
  });
  return { photoPx, flatBytes };
}

/** Bytes that these tiles take in the pictures that the tables were measured on; without `jpeg`, without loss. */
export function usualBytes({ photoPx, flatBytes }: TileContent, jpeg: JpegQuality | undefined): UsualBytes {
  const photoBytes = photoPx * usualBytesPerPx(Number.POSITIVE_INFINITY, jpeg);
  return jpeg ? { jpeg: photoBytes, lossless: flatBytes } : { jpeg: 0, lossless: flatBytes + photoBytes };
}

/** Bytes per pixel of a tile with this number of colours; `jpeg` is undefined if it is sent without loss. */
export function usualBytesPerPx(colours: number, jpeg: JpegQuality | undefined): number {
  if (jpeg && isPhotoLike(colours)) return interpolate(JPEG_BYTES_PER_PX, jpeg.quality);
  return LOSSLESS_BYTES_PER_PX.find(([most]) => colours <= most)![1];
}
