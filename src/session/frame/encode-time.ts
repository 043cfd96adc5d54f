import type { EncodeProfile } from '../../encode/plan/profile.ts';
import { DirtyTiles, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { isPhotoLike } from '../../pixels/photo-like.ts';

/**
 * CPU time of a core per megapixel, in milliseconds, by what is encoded: noise and a photograph at 1920×1080 on a
 * machine of 2024. What updates take corrects it.
 */
const CPU_MS_PER_MPX = {
  raw: 8,
  /** Text, lines and areas of one colour. */
  flat: 5,
  jpeg: 14,
  /** A photograph without loss: zstd, or zlib's lower levels. */
  lossless: 30,
  /** The same with the higher levels of zlib, which only rects of up to 32 Kpx get. */
  lossless9: 120,
  /** ZRLE, zlib and Hextile. */
  older: 40,
};

/** The lowest zlib level that costs `lossless9`. */
const HIGH_ZLIB_LEVEL = 4;

/**
 * Least pixels of a piece, however expensive they are, so that every update brings a viewer further. A larger value
 * takes longer than a share of a pass allows; a smaller one sends a screen in more than a hundred pieces.
 */
export const LEAST_PIECE_PX = 32 * 1024;

/** CPU time that these tiles usually take, in milliseconds. `colours` as in SharedFrame. */
export function usualCpuMs(tiles: DirtyTiles, profile: EncodeProfile, colours: Uint16Array): number {
  let ms = 0;
  tiles.forEachBox((at, px) => {
    ms += cpuMsPerMpx(profile, colours[at] ?? 0) * (px / 1e6);
  });
  return ms;
}

/** CPU time that sharpening that many pixels usually takes, in milliseconds. Parts that are sharpened are photo-like. */
export const sharpeningCpuMs = (profile: EncodeProfile, px: number): number =>
  cpuMsPerMpx({ ...profile, lossy: undefined }, Number.POSITIVE_INFINITY) * (px / 1e6);

/** A part of an update that is sent now, and what is left of it. */
export interface Piece {
  readonly part: DirtyTiles;
  readonly rest: DirtyTiles;
  /** Number of the tile that the next piece begins with. */
  readonly nextTile: number;
  /** CPU time that the part usually takes, in milliseconds. */
  readonly usualCpuMs: number;
}

/**
 * Picks as many tiles as usually take no more CPU time than that, and LEAST_PIECE_PX at least. Begins with the tile of
 * that number and goes round the screen, so that tiles that change all the time do not delay the others for ever.
 */
export function cutToTime(
  tiles: DirtyTiles,
  profile: EncodeProfile,
  colours: Uint16Array,
  firstTile: number,
  mostCpuMs: number,
): Piece {
  const all: { at: number; px: number }[] = [];
  tiles.forEachBox((at, px) => all.push({ at, px }));
  const first = Math.max(
    0,
    all.findIndex(({ at }) => at >= firstTile),
  );
  const taken = new Set<number>();
  let [cpuMs, takenPx, nextTile] = [0, 0, 0];
  for (const { at, px } of [...all.slice(first), ...all.slice(0, first)]) {
    const tileMs = cpuMsPerMpx(profile, colours[at] ?? 0) * (px / 1e6);
    if (takenPx >= LEAST_PIECE_PX && cpuMs + tileMs > mostCpuMs) {
      nextTile = at;
      break;
    }
    cpuMs += tileMs;
    takenPx += px;
    taken.add(at);
  }
  if (taken.size === all.length)
    return { part: tiles, rest: new DirtyTiles(tiles.size), nextTile, usualCpuMs: cpuMs };
  const across = tilesAcross(tiles.size.width);
  const { yes: part, no: rest } = tiles.partition((tileX, tileY) => taken.has(tileY * across + tileX));
  return { part, rest, nextTile, usualCpuMs: cpuMs };
}

function cpuMsPerMpx({ encoding, lossy, zlibLevel, zstd }: EncodeProfile, colours: number): number {
  if (encoding === 'raw') return CPU_MS_PER_MPX.raw;
  if (encoding !== 'tight') return CPU_MS_PER_MPX.older;
  if (!isPhotoLike(colours)) return CPU_MS_PER_MPX.flat;
  if (lossy) return CPU_MS_PER_MPX.jpeg;
  return !zstd && zlibLevel >= HIGH_ZLIB_LEVEL ? CPU_MS_PER_MPX.lossless9 : CPU_MS_PER_MPX.lossless;
}
