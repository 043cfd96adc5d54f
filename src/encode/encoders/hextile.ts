import {
  HEXTILE_ANY_SUBRECTS,
  HEXTILE_BACKGROUND,
  HEXTILE_FOREGROUND,
  HEXTILE_RAW,
  HEXTILE_SUBRECTS_COLOURED,
  HEXTILE_TILE,
} from '../../protocol/older-rects.ts';
import { bytesPerPixel, createPixelConverter, type PixelFormat } from '../../protocol/pixel-format.ts';
import { type PixelSource, packRows } from './pixel-source.ts';
import { Scratch } from './scratch.ts';

/** Pixels as words of the viewer's format: their bytes in memory are those on the wire. */
type Words = Uint8Array | Uint16Array | Uint32Array;

interface Tile {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Bytes of a subrect's place and size. */
const SUBRECT_BYTES = 2;
const MOST_SUBRECTS = 255;
/** Bytes of a tile beside its pixels, at most: the mask. A tile that would take more is sent raw. */
const TILE_HEAD_BYTES = 1;

const tiles = new Scratch();

/** Encodes a rect as Hextile (RFC 6143, 7.7.4): one colour, rects on a ground, or raw, for each 16×16 pixels. */
export function encodeHextile(source: PixelSource, format: PixelFormat): Uint8Array {
  const { width, height } = source;
  const size = bytesPerPixel(format);
  const pixels = new Uint8Array(width * height * size);
  createPixelConverter(format)(packRows(source), pixels);
  const tileCount = Math.ceil(width / HEXTILE_TILE) * Math.ceil(height / HEXTILE_TILE);
  const out = tiles.take(pixels.length + tileCount * TILE_HEAD_BYTES);
  const writer = new TileWriter(pixels, wordsOf(pixels, size), width, out);
  for (let y = 0; y < height; y += HEXTILE_TILE) {
    for (let x = 0; x < width; x += HEXTILE_TILE) {
      const tile = {
        x,
        y,
        width: Math.min(HEXTILE_TILE, width - x),
        height: Math.min(HEXTILE_TILE, height - y),
      };
      writer.write(tile);
    }
  }
  return out.subarray(0, writer.length);
}

function wordsOf({ buffer, length }: Uint8Array<ArrayBuffer>, size: number): Words {
  if (size === 1) return new Uint8Array(buffer);
  return size === 2 ? new Uint16Array(buffer, 0, length / size) : new Uint32Array(buffer, 0, length / size);
}

/** Writes tiles one behind the other. Colours that a tile shares with the one before are sent once. */
class TileWriter {
  /** Bytes written so far. */
  length = 0;
  readonly #bytes: Uint8Array;
  readonly #words: Words;
  readonly #stridePx: number;
  readonly #size: number;
  readonly #out: Uint8Array;
  /** The pixels of a tile. A pixel that a subrect holds has the ground's colour. */
  readonly #tile = new Uint32Array(HEXTILE_TILE * HEXTILE_TILE);
  /** Undefined before the first tile, and after a raw one, behind which viewers differ. */
  #ground: number | undefined;
  #foreground: number | undefined;

  /** `bytes` and `words` are the same pixels. */
  constructor(bytes: Uint8Array, words: Words, stridePx: number, out: Uint8Array) {
    this.#bytes = bytes;
    this.#words = words;
    this.#stridePx = stridePx;
    this.#size = words.BYTES_PER_ELEMENT;
    this.#out = out;
  }

  write(tile: Tile): void {
    const { ground, other, isTwo } = this.#load(tile);
    const start = this.length++;
    let mask = 0;
    if (ground !== this.#ground) {
      mask |= HEXTILE_BACKGROUND;
      this.#pixel(ground);
    }
    if (other !== undefined) {
      mask |= HEXTILE_ANY_SUBRECTS;
      if (!isTwo) mask |= HEXTILE_SUBRECTS_COLOURED;
      else if (other !== this.#foreground) {
        mask |= HEXTILE_FOREGROUND;
        this.#pixel(other);
      }
    }
    const end = start + TILE_HEAD_BYTES + tile.width * tile.height * this.#size;
    if (this.length > end || (other !== undefined && !this.#subrects(tile, ground, !isTwo, end))) {
      this.length = start + 1;
      mask = HEXTILE_RAW;
      this.#raw(tile);
      this.#ground = undefined;
      this.#foreground = undefined;
    } else {
      this.#ground = ground;
      if (other !== undefined) this.#foreground = isTwo ? other : undefined;
    }
    this.#out[start] = mask;
  }

  /**
   * Copies a tile's pixels. Returns the colour that most of them have, if there is one, and another colour. `isTwo` is
   * whether there are only these.
   */
  #load({ x, y, width, height }: Tile): { ground: number; other: number | undefined; isTwo: boolean } {
    const tile = this.#tile;
    const words = this.#words;
    let ground = 0;
    let votes = 0;
    for (let row = 0, to = 0; row < height; row++) {
      const from = (y + row) * this.#stridePx + x;
      for (let i = from; i < from + width; i++) {
        const pixel = words[i]!;
        tile[to++] = pixel;
        if (votes === 0) ground = pixel;
        votes += pixel === ground ? 1 : -1;
      }
    }
    let other: number | undefined;
    for (let i = 0; i < width * height; i++) {
      const pixel = tile[i]!;
      if (pixel === ground) continue;
      if (other !== undefined && pixel !== other) return { ground, other, isTwo: false };
      other = pixel;
    }
    return { ground, other, isTwo: true };
  }

  /** Writes the tile's subrects. Returns false if they take more bytes than there are up to `end`, or are too many. */
  #subrects({ width, height }: Tile, ground: number, isColoured: boolean, end: number): boolean {
    const tile = this.#tile;
    const out = this.#out;
    const countAt = this.length++;
    const bytes = SUBRECT_BYTES + (isColoured ? this.#size : 0);
    const least = this.#leastSubrects(width, height, ground);
    if (least > MOST_SUBRECTS || this.length + least * bytes > end) return false;
    let count = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const colour = tile[y * width + x]!;
        if (colour === ground) continue;
        if (count === MOST_SUBRECTS || this.length + bytes > end) return false;
        let right = x + 1;
        while (right < width && tile[y * width + right] === colour) right++;
        let bottom = y + 1;
        while (bottom < height && this.#isRowOf(colour, bottom * width + x, right - x)) bottom++;
        // Most are a few pixels, for which a call of "fill" takes longer.
        for (let row = y; row < bottom; row++)
          for (let at = row * width + x; at < row * width + right; at++) tile[at] = ground;
        if (isColoured) this.#pixel(colour);
        out[this.length++] = (x << 4) | y;
        out[this.length++] = ((right - x - 1) << 4) | (bottom - y - 1);
        count++;
      }
    }
    out[countAt] = count;
    return true;
  }

  /**
   * Number of pixels that begin a subrect in any case: those that differ from the ground, and from the pixels to the
   * left and above. Most tiles of a photograph have too many, and are not searched for subrects.
   */
  #leastSubrects(width: number, height: number, ground: number): number {
    const tile = this.#tile;
    let count = 0;
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const colour = tile[at]!;
        const isNew = colour !== ground && (x === 0 || tile[at - 1] !== colour);
        if (isNew && (y === 0 || tile[at - width] !== colour)) count++;
      }
    }
    return count;
  }

  #isRowOf(colour: number, from: number, length: number): boolean {
    for (let i = from; i < from + length; i++) if (this.#tile[i] !== colour) return false;
    return true;
  }

  #pixel(word: number): void {
    for (let i = 0, left = word; i < this.#size; i++, left >>>= 8) this.#out[this.length++] = left & 0xff;
  }

  #raw({ x, y, width, height }: Tile): void {
    const bytes = this.#bytes;
    const out = this.#out;
    let to = this.length;
    for (let row = y; row < y + height; row++) {
      const from = (row * this.#stridePx + x) * this.#size;
      const end = from + width * this.#size;
      for (let at = from; at < end; at++) out[to++] = bytes[at]!;
    }
    this.length = to;
  }
}
