import type { PackedPalette, Packer } from '../../pixels/kernels/packer.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import {
  createTpixelConverter,
  hasShortTpixel,
  type PixelFormat,
  tpixelSize,
} from '../../protocol/pixel-format.ts';
import { TIGHT_MIN_TO_COMPRESS, type TightBasic, tightBasicHeader, tightFill } from '../../protocol/tight.ts';
import { zstdRectHead } from '../../protocol/zstd-rect.ts';
import { deflate } from './deflate.ts';
import type { EncoderName } from './encoder-name.ts';
import { type PixelSource, packRows } from './pixel-source.ts';
import { compressZstd, hasZstd } from './zstd.ts';

/** Zlib streams by their content, as TigerVNC assigns them. Each rect resets the stream that it uses. */
const STREAM_FULL_COLOUR = 0;
const STREAM_MONO = 1;
const STREAM_INDEXED = 2;

/**
 * Least pixels of a zstd rect. A smaller rect takes 5 to 7 bytes less in Tight, as the head of a zstd frame is longer,
 * and 3 µs more. With a larger value, rects of text take twice the time that zstd takes: table in docs/encoding.md.
 */
const ZSTD_LEAST_PX = 256;

/**
 * Highest level of zlib that Deskwire's deflater replaces. It takes fewer bytes than zlib's level 3, in a third of
 * the time: table in docs/encoding.md.
 */
const OWN_LEVELS = 3;

/**
 * Most pixels of a rect that zlib compresses. The next frame of all viewers waits for a rect, and at level 9 zlib takes
 * up to four times as long as our deflater, for 3 to 25 % fewer bytes: 390 ms of a core for a screen of 1920×1080 with
 * 30-bit colours. With a larger value, one viewer that sets a high level delays the others; with a smaller one, small
 * changes take more bytes on slow links.
 */
const MOST_ZLIB_PX = 32 * 1024;

/** What the viewer's settings say about rects without loss. */
export interface LosslessSettings {
  readonly format: PixelFormat;
  /** 1-9 */
  readonly zlibLevel: number;
  /** Whether the viewer supports zstd rects. */
  readonly zstd?: boolean;
}

export interface LosslessBody {
  readonly encoder: EncoderName;
  /** The bytes after the rect header, in order. The next call may overwrite them. */
  readonly parts: readonly Uint8Array[];
}

/**
 * Encodes a rect without loss: a fill for one colour, a palette for 2 to 256 colours, full colour for more. What a
 * fill or a few bytes do not hold is compressed: a zstd rect if the viewer supports them and it is not tiny, otherwise
 * Tight.
 *
 * Every Tight rect resets its zlib stream. It cannot refer to the rects before it, which makes it larger. In return,
 * all viewers can be sent the same bytes, and any thread can encode any rect. A zstd rect is a frame by itself.
 */
export function encodeLossless(
  source: PixelSource,
  settings: LosslessSettings,
  packer: Packer,
): LosslessBody {
  const { format } = settings;
  const zstd = usesZstd(source.width * source.height, settings);
  const packed = packer.palette(source, zstd);
  const tpixelBytes = tpixelSize(format);
  const palette = packed && tpixelsOf(bytesOf(packed.colours), format);
  if (palette && packed.colours.length === 1) {
    return { encoder: 'TightFillEncoder', parts: [tightFill(palette)] };
  }
  const data = packed ? packed.data : fullColour(source, format, packer);
  if (zstd) {
    const frame = compressZstd(data, settings.zlibLevel);
    return { encoder: 'ZstdEncoder', parts: [zstdRectHead(palette, tpixelBytes, frame.length), frame] };
  }
  const streamId = streamOf(packed);
  const level = zlibLevelFor(source.width * source.height, settings);
  const deflated = (): Uint8Array =>
    level === undefined ? packer.deflate(data, data.length / source.height) : deflate(data, level);
  return palette
    ? tightBasic({ streamId, filter: 'palette', palette, tpixelBytes }, data, deflated)
    : tightBasic({ streamId, filter: 'copy' }, data, deflated);
}

/** Whether a rect of that many pixels is a zstd rect if it is compressed. */
export const usesZstd = (px: number, { zstd }: Pick<LosslessSettings, 'zstd'>): boolean =>
  px >= ZSTD_LEAST_PX && zstd === true && hasZstd;

/** The level of zlib for a Tight rect of that many pixels; undefined if our deflater compresses it. */
export const zlibLevelFor = (
  px: number,
  { zlibLevel }: Pick<LosslessSettings, 'zlibLevel'>,
): number | undefined => (zlibLevel <= OWN_LEVELS || px > MOST_ZLIB_PX ? undefined : zlibLevel);

function streamOf(packed: PackedPalette | undefined): number {
  if (!packed) return STREAM_FULL_COLOUR;
  return packed.packing === 'bits' ? STREAM_MONO : STREAM_INDEXED;
}

/** Returns BGRX pixels as TPIXELs. */
function tpixelsOf(pixels: Uint8Array, format: PixelFormat): Uint8Array {
  const tpixels = new Uint8Array((pixels.length / BYTES_PER_PIXEL) * tpixelSize(format));
  createTpixelConverter(format)(pixels, tpixels);
  return tpixels;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The pixels as TPIXELs, rows packed. */
function fullColour(source: PixelSource, format: PixelFormat, packer: Packer): Uint8Array {
  return hasShortTpixel(format) ? packer.rgb(source) : tpixelsOf(packRows(source), format);
}

function tightBasic(
  head: Omit<TightBasic, 'resetStream' | 'length'>,
  data: Uint8Array,
  deflated: () => Uint8Array,
): LosslessBody {
  const encoder = 'TightZlibEncoder';
  if (data.length < TIGHT_MIN_TO_COMPRESS) {
    return { encoder, parts: [tightBasicHeader({ ...head, resetStream: false, length: undefined }), data] };
  }
  const packed = deflated();
  return {
    encoder,
    parts: [tightBasicHeader({ ...head, resetStream: true, length: packed.length }), packed],
  };
}
