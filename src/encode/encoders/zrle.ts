import type { PackedPalette, Packer } from '../../pixels/kernels/packer.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import { cpixelBytes, createCpixelConverter } from '../../protocol/cpixel.ts';
import {
  ZRLE_MOST_PACKED_COLOURS,
  ZRLE_MOST_RUN_COLOURS,
  ZRLE_PALETTE_RUNS,
  ZRLE_RAW,
  ZRLE_SOLID,
  ZRLE_TILE,
} from '../../protocol/older-rects.ts';
import type { PixelConverter } from '../../protocol/pixel-format.ts';
import { continuedData } from './continued.ts';
import { type LosslessSettings, zlibLevelFor } from './lossless.ts';
import { type PixelSource, packRows } from './pixel-source.ts';
import { Scratch } from './scratch.ts';

/** Most bytes of a tile beside its pixels as CPIXELs: the subencoding, and a palette that saves nothing. */
const MOST_HEAD_BYTES = 1 + BYTES_PER_PIXEL * ZRLE_MOST_RUN_COLOURS;

/** Longest run that one byte of its length tells; a longer one takes a byte more for each 255 pixels. */
const RUN_STEP = 255;

const tiles = new Scratch();

/**
 * Encodes a rect as ZRLE (RFC 6143, 7.7.6): tiles of one colour, of a palette, or of full colour, compressed. Runs are
 * used for 17 to 127 colours; other tiles are compressed as well without. Returns the parts after the rect header.
 */
export function encodeZrle(source: PixelSource, settings: LosslessSettings, packer: Packer): Uint8Array[] {
  const { width, height } = source;
  const { size } = cpixelBytes(settings.format);
  const tileCount = Math.ceil(width / ZRLE_TILE) * Math.ceil(height / ZRLE_TILE);
  const out = tiles.take(width * height * BYTES_PER_PIXEL + tileCount * MOST_HEAD_BYTES);
  const writer = new TileWriter(out, size, createCpixelConverter(settings.format), packer);
  for (let y = 0; y < height; y += ZRLE_TILE) {
    for (let x = 0; x < width; x += ZRLE_TILE) {
      writer.write(tileOf(source, x, y, Math.min(ZRLE_TILE, width - x), Math.min(ZRLE_TILE, height - y)));
    }
  }
  const level = zlibLevelFor(width * height, settings);
  return continuedData(out.subarray(0, writer.length), ZRLE_TILE * size, level, packer);
}

function tileOf(
  { stridePx, bytes, words }: PixelSource,
  x: number,
  y: number,
  width: number,
  height: number,
): PixelSource {
  const at = y * stridePx + x;
  return { width, height, stridePx, bytes: bytes.subarray(at * BYTES_PER_PIXEL), words: words.subarray(at) };
}

/** Writes tiles one behind the other. */
class TileWriter {
  /** Bytes written so far. */
  length = 0;
  readonly #out: Uint8Array;
  readonly #cpixelSize: number;
  readonly #convert: PixelConverter;
  readonly #packer: Packer;

  constructor(out: Uint8Array, cpixelSize: number, convert: PixelConverter, packer: Packer) {
    this.#out = out;
    this.#cpixelSize = cpixelSize;
    this.#convert = convert;
    this.#packer = packer;
  }

  write(tile: PixelSource): void {
    const packed = this.#packer.palette(tile, true);
    const colours = packed?.colours.length ?? Number.POSITIVE_INFINITY;
    const px = tile.width * tile.height;
    if (!packed || colours > ZRLE_MOST_RUN_COLOURS) this.#raw(tile);
    else if (colours === 1) this.#palette(ZRLE_SOLID, packed);
    else if (colours * this.#cpixelSize + packed.data.length > px * this.#cpixelSize) this.#raw(tile);
    else if (colours <= ZRLE_MOST_PACKED_COLOURS) {
      this.#palette(colours, packed);
      this.#bytes(colours === 3 || colours === 4 ? quarters(packed.data, tile) : packed.data);
    } else {
      this.#palette(ZRLE_PALETTE_RUNS + colours, packed);
      this.#runs(packed.data);
    }
  }

  #raw(tile: PixelSource): void {
    this.#out[this.length++] = ZRLE_RAW;
    this.#cpixels(packRows(tile));
  }

  #palette(subencoding: number, { colours }: PackedPalette): void {
    this.#out[this.length++] = subencoding;
    this.#cpixels(new Uint8Array(colours.buffer, colours.byteOffset, colours.byteLength));
  }

  #cpixels(pixels: Uint8Array): void {
    const end = this.length + (pixels.length / BYTES_PER_PIXEL) * this.#cpixelSize;
    this.#convert(pixels, this.#out.subarray(this.length, end));
    this.length = end;
  }

  #bytes(bytes: Uint8Array): void {
    this.#out.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes runs of equal indices: one byte for a single pixel, otherwise the length behind a byte with its top bit. */
  #runs(indices: Uint8Array): void {
    const out = this.#out;
    let at = this.length;
    for (let i = 0; i < indices.length; ) {
      const index = indices[i]!;
      const start = i++;
      while (i < indices.length && indices[i] === index) i++;
      let more = i - start - 1;
      if (more === 0) {
        out[at++] = index;
        continue;
      }
      out[at++] = index | ZRLE_PALETTE_RUNS;
      for (; more >= RUN_STEP; more -= RUN_STEP) out[at++] = RUN_STEP;
      out[at++] = more;
    }
    this.length = at;
  }
}

/** Turns indices of half a byte into ones of two bits, rows padded to bytes. */
function quarters(nibbles: Uint8Array, { width, height }: PixelSource): Uint8Array {
  const from = Math.ceil(width / 2);
  const to = Math.ceil(width / 4);
  const packed = new Uint8Array(to * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      const left = nibbles[y * from + 2 * x]!;
      const right = 2 * x + 1 < from ? nibbles[y * from + 2 * x + 1]! : 0;
      packed[y * to + x] =
        ((left & 0x30) << 2) | ((left & 0x03) << 4) | ((right & 0x30) >> 2) | (right & 0x03);
    }
  }
  return packed;
}
