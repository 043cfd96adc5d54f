import type { Size } from '../rect.ts';
import {
  BYTES_PER_PIXEL,
  MOST_PACKERS,
  PACKED_BYTES,
  PACKED_MOST_PX,
  PACKER_TABLES_BYTES,
  type SharedFrame,
} from '../shared-frame.ts';

/** Pixels to pack: BGRX, the unused byte is ignored. */
interface PixelRows extends Size {
  readonly stridePx: number;
  /** The bytes from the first pixel on. Pixels in the shared frame are read in place, others are copied first. */
  readonly bytes: Uint8Array;
}

/** How the pixels of a picture with few colours are packed. */
type PalettePacking =
  /** Two colours: a bit per pixel, the first pixel in the highest bit, rows padded to bytes. */
  | 'bits'
  /** Up to 16 colours: half a byte per pixel, the first pixel in the upper half, rows padded to bytes. */
  | 'nibbles'
  /** Up to 256 colours: a byte per pixel. */
  | 'bytes';

/** A picture with few colours. Its arrays are memory that the next use of the packer overwrites. */
export interface PackedPalette {
  /** 0x00RRGGBB in order of appearance. */
  readonly colours: Uint32Array;
  readonly packing: PalettePacking;
  /** The index of each pixel's colour. */
  readonly data: Uint8Array;
}

/**
 * Prepares the pixels of rects for encoding without loss, on one thread. Throws RangeError for more than
 * PACKED_MOST_PX.
 */
export interface Packer {
  /** Packs a picture with at most 256 colours; undefined for more. Packs half bytes only with `nibbles`. */
  palette(pixels: PixelRows, nibbles: boolean): PackedPalette | undefined;
  /**
   * Deflates packed pixels at the fastest level, to a zlib stream that ends on a byte but is not finished, as RFB's
   * decoders expect. `rowBytes` is the distance of two rows. Throws RangeError for more than PACKED_BYTES.
   */
  deflate(data: Uint8Array, rowBytes: number): Uint8Array;
  /** Packs the pixels to the bytes red, green, blue, in memory that the next use of the packer overwrites. */
  rgb(pixels: PixelRows): Uint8Array;
}

type IndexColoursExport = (
  from: number,
  strideBytes: number,
  width: number,
  height: number,
  table: number,
  palette: number,
  to: number,
) => number;

type PackExport = (from: number, width: number, height: number, to: number) => void;

type DeflateExport = (from: number, length: number, rowBytes: number, scratch: number, to: number) => number;

type PackRgbExport = (from: number, strideBytes: number, width: number, height: number, to: number) => void;

const MOST_COLOURS = 256;
const MOST_OF_NIBBLES = 16;
const RGB_BYTES = 3;

/** Bytes of the hash table at the start of a packer's scratch. The palette follows. */
const TABLE_BYTES = 8 * 1024;

/** Offset of the deflater's tables from the start, behind the palette. */
export const DEFLATER_AT = 16 * 1024;

/**
 * Creates the packer of one thread. `module` is packing.wasm, compiled. `lane` is a number below MOST_PACKERS that no
 * other thread on this frame uses. Layout of its scratch:
 *
 * ```
 * table     hash table of the colours      8 KiB
 * palette   a u32 for each colour          1 KiB
 * deflater  its tables                     144 KiB
 * pixels    PACKER_TABLES_BYTES behind the start: pixels that were copied; then, in the same place, packed ones
 * deflated  PACKED_BYTES behind the pixels
 * ```
 */
export function createPacker(module: WebAssembly.Module, frame: SharedFrame, lane: number): Packer {
  if (lane < 0 || lane >= MOST_PACKERS) throw new RangeError(`There is no scratch for packer ${lane}`);
  const { exports } = new WebAssembly.Instance(module, { env: { memory: frame.memory } });
  const indexColours = exports.indexColours as IndexColoursExport;
  const packBits = exports.packBits as PackExport;
  const packNibbles = exports.packNibbles as PackExport;
  const packRgb = exports.packRgb as PackRgbExport;
  const deflate = exports.deflate as DeflateExport;
  const { buffer } = frame.memory;
  const tableAt = frame.packersAt + lane * frame.packerBytes;
  const paletteAt = tableAt + TABLE_BYTES;
  const deflaterAt = tableAt + DEFLATER_AT;
  const pixelsAt = tableAt + PACKER_TABLES_BYTES;
  const deflatedAt = pixelsAt + PACKED_BYTES;

  return {
    palette(pixels, nibbles) {
      const { width, height } = pixels;
      const { from, strideBytes } = reachable(pixels);
      const count = indexColours(from, strideBytes, width, height, tableAt, paletteAt, pixelsAt);
      if (count > MOST_COLOURS) return undefined;
      const colours = new Uint32Array(buffer, paletteAt, count);
      const packing = packingOf(count, nibbles);
      if (packing === 'bits') packBits(pixelsAt, width, height, pixelsAt);
      if (packing === 'nibbles') packNibbles(pixelsAt, width, height, pixelsAt);
      return { colours, packing, data: new Uint8Array(buffer, pixelsAt, rowBytes(width, packing) * height) };
    },
    deflate(data, rowBytes) {
      if (data.length > PACKED_BYTES) throw new RangeError(`${data.length} bytes are too many at once`);
      let from = data.byteOffset;
      if (data.buffer !== buffer) {
        from = pixelsAt;
        new Uint8Array(buffer, from, data.length).set(data);
      }
      const length = deflate(from, data.length, rowBytes, deflaterAt, deflatedAt);
      return new Uint8Array(buffer, deflatedAt, length);
    },
    rgb(pixels) {
      const { width, height } = pixels;
      const { from, strideBytes } = reachable(pixels);
      packRgb(from, strideBytes, width, height, pixelsAt);
      return new Uint8Array(buffer, pixelsAt, width * height * RGB_BYTES);
    },
  };

  /** Returns where the kernels find the pixels. Copies them if they are not in the shared frame. */
  function reachable({ width, height, stridePx, bytes }: PixelRows): { from: number; strideBytes: number } {
    if (width < 1 || height < 1) throw new RangeError('An empty picture can not be packed');
    if (width * height > PACKED_MOST_PX)
      throw new RangeError(`${width * height} pixels are too many at once`);
    const strideBytes = stridePx * BYTES_PER_PIXEL;
    const bytesPerRow = width * BYTES_PER_PIXEL;
    if (bytes.length < (height - 1) * strideBytes + bytesPerRow) throw new RangeError('pixels are missing');
    if (bytes.buffer === buffer) return { from: bytes.byteOffset, strideBytes };
    const copy = new Uint8Array(buffer, pixelsAt, height * bytesPerRow);
    for (let y = 0; y < height; y++)
      copy.set(bytes.subarray(y * strideBytes, y * strideBytes + bytesPerRow), y * bytesPerRow);
    return { from: pixelsAt, strideBytes: bytesPerRow };
  }
}

function packingOf(colours: number, nibbles: boolean): PalettePacking {
  if (colours <= 2) return 'bits';
  return nibbles && colours <= MOST_OF_NIBBLES ? 'nibbles' : 'bytes';
}

/** Returns the bytes of a row of packed indices. */
function rowBytes(width: number, packing: PalettePacking): number {
  if (packing === 'bits') return Math.ceil(width / 8);
  return packing === 'nibbles' ? Math.ceil(width / 2) : width;
}
