/** A picture in YCbCr with half of the colour in both directions: I420 of WebCodecs, with values from 0 to 255. */
export interface I420Picture {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where the brightness, U and V are in `bytes`. */
  readonly planes: readonly Plane[];
}

export interface Plane {
  readonly offset: number;
  /** Bytes from row to row. */
  readonly stride: number;
}

/** What the module exports. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  rgbaOfI420(
    y: number,
    u: number,
    v: number,
    yStride: number,
    uvStride: number,
    width: number,
    height: number,
    to: number,
  ): void;
}

/**
 * Pixels that are converted at a time. They are drawn while the processor has them in its cache, 512 KB. A larger value
 * reads them from memory again; a smaller one has more calls of the browser, 20 µs each.
 */
const PIECE_PX = 128 * 1024;

/** The page below this belongs to the module. */
const MEMORY_BASE = 2048;
const PAGE_BYTES = 64 * 1024;

/** Gets red, green, blue and alpha of whole rows. The pixels are valid until it returns. */
type TakeRows = (pixels: Uint8ClampedArray<ArrayBuffer>, top: number, rows: number) => void;

/** Converts pictures to the colours of a canvas, with WebAssembly and SIMD: src/pixels/kernels/assembly/yuv.ts. */
export class YuvKernel {
  readonly #exports: Exports;

  /** `module`: yuv.wasm. Rejects if the page's policy forbids WebAssembly, or if the browser lacks SIMD. */
  static async create(module: Uint8Array<ArrayBuffer>): Promise<YuvKernel> {
    const { instance } = await WebAssembly.instantiate(module, {});
    return new YuvKernel(instance.exports as unknown as Exports);
  }

  private constructor(exports: Exports) {
    this.#exports = exports;
  }

  convert({ width, height, bytes, planes }: I420Picture, take: TakeRows): void {
    const [luma, u, v] = planes as readonly [Plane, Plane, Plane];
    // Two rows have one of U and V.
    const most = Math.max(2, Math.floor(PIECE_PX / width) & ~1);
    for (let top = 0; top < height; top += most) {
      const rows = Math.min(most, height - top);
      const memory = new Pieces(this.#exports.memory, MEMORY_BASE);
      const halfRows = Math.ceil(rows / 2);
      const parts = [
        rowsOf(bytes, luma, top, rows, width),
        rowsOf(bytes, u, top / 2, halfRows, Math.ceil(width / 2)),
        rowsOf(bytes, v, top / 2, halfRows, Math.ceil(width / 2)),
      ];
      const toBytes = width * rows * 4;
      memory.reserve(parts.reduce((sum, { length }) => sum + length, toBytes));
      const [y, us, vs] = parts.map((part) => memory.put(part)) as [number, number, number];
      const to = memory.place(toBytes);
      this.#exports.rgbaOfI420(y, us, vs, luma.stride, u.stride, width, rows, to);
      take(new Uint8ClampedArray(this.#exports.memory.buffer, to, toBytes), top, rows);
    }
  }
}

/** Rows of a plane, without what is behind the last one. */
const rowsOf = (
  bytes: Uint8Array<ArrayBuffer>,
  { offset, stride }: Plane,
  top: number,
  rows: number,
  rowBytes: number,
): Uint8Array<ArrayBuffer> =>
  bytes.subarray(offset + top * stride, offset + (top + rows - 1) * stride + rowBytes);

/** Places in the module's memory, one behind the other. */
class Pieces {
  readonly #memory: WebAssembly.Memory;
  #at: number;

  constructor(memory: WebAssembly.Memory, from: number) {
    this.#memory = memory;
    this.#at = from;
  }

  /** Makes room for so many bytes, and for the gaps before four places. */
  reserve(bytes: number): void {
    const missing = this.#at + bytes + 4 * 16 - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  place(bytes: number): number {
    const at = (this.#at + 15) & ~15;
    this.#at = at + bytes;
    return at;
  }

  put(bytes: Uint8Array): number {
    const at = this.place(bytes.length);
    new Uint8Array(this.#memory.buffer, at).set(bytes);
    return at;
  }
}
