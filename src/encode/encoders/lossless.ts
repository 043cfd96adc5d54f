import type { Packer } from '../../pixels/kernels/packer.ts';
import {
  createTpixelConverter,
  hasShortTpixel,
  type PixelFormat,
  tpixelSize,
} from '../../protocol/pixel-format.ts';
import { TIGHT_MIN_TO_COMPRESS, type TightBasic, tightBasicHeader, tightFill } from '../../protocol/tight.ts';
import { deflate } from './deflate.ts';
import type { EncoderName } from './encoder-name.ts';
import { type PixelSource, packRows } from './pixel-source.ts';

/** Zlib streams by their content, as TigerVNC assigns them. Each rect resets the stream that it uses. */
const STREAM_FULL_COLOUR = 0;
const STREAM_MONO = 1;
const STREAM_INDEXED = 2;

export interface LosslessBody {
  readonly encoder: EncoderName;
  /** The bytes after the rect header, in order. The next call may overwrite them. */
  readonly parts: readonly Uint8Array[];
}

/**
 * Encodes a Tight rect without loss: a fill for one colour, a palette for 2 to 256 colours, full colour for more.
 *
 * Every rect resets its zlib stream. It cannot refer to the rects before it, which makes it larger. In return,
 * all viewers can be sent the same bytes, and any thread can encode any rect.
 */
export function encodeLossless(
  source: PixelSource,
  format: PixelFormat,
  zlibLevel: number,
  packer: Packer,
): LosslessBody {
  const packed = packer.palette(source, false);
  if (!packed) {
    const tpixels = fullColour(source, format, packer);
    return basic({ streamId: STREAM_FULL_COLOUR, filter: 'copy' }, tpixels, zlibLevel);
  }
  const { colours, packing, data } = packed;
  const tpixelBytes = tpixelSize(format);
  const palette = new Uint8Array(colours.length * tpixelBytes);
  createTpixelConverter(format)(
    new Uint8Array(colours.buffer, colours.byteOffset, colours.byteLength),
    palette,
  );
  if (colours.length === 1) return { encoder: 'TightFillEncoder', parts: [tightFill(palette)] };
  const streamId = packing === 'bits' ? STREAM_MONO : STREAM_INDEXED;
  return basic({ streamId, filter: 'palette', palette, tpixelBytes }, data, zlibLevel);
}

/** The pixels as TPIXELs, rows packed. */
function fullColour(source: PixelSource, format: PixelFormat, packer: Packer): Uint8Array {
  if (hasShortTpixel(format)) return packer.rgb(source);
  const tpixels = new Uint8Array(source.width * source.height * tpixelSize(format));
  createTpixelConverter(format)(packRows(source), tpixels);
  return tpixels;
}

function basic(
  head: Omit<TightBasic, 'resetStream' | 'length'>,
  data: Uint8Array,
  zlibLevel: number,
): LosslessBody {
  const encoder = 'TightZlibEncoder';
  if (data.length < TIGHT_MIN_TO_COMPRESS) {
    return { encoder, parts: [tightBasicHeader({ ...head, resetStream: false, length: undefined }), data] };
  }
  const packed = deflate(data, zlibLevel);
  return {
    encoder,
    parts: [tightBasicHeader({ ...head, resetStream: true, length: packed.length }), packed],
  };
}
