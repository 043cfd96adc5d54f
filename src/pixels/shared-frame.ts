import { tileCount } from './dirty-tiles.ts';
import type { Size } from './rect.ts';

/** Bytes of a pixel: blue, green, red and one unused byte, as in X and in the encoders. */
export const BYTES_PER_PIXEL = 4;

/** Number of encoder threads that may scale parts of the shown picture at the same time. Each has its own scratch. */
export const MOST_SCALERS = 8;

/** Number of the scaler of the picture thread: the next one behind those of the encoder threads, which begin at 0. */
export const PICTURE_SCALER = 8;

/**
 * Most pixels in one scaled part of the shown picture. A JPEG of this size takes a thread one or two milliseconds,
 * so all threads share one frame. A larger value makes fewer JPEG headers, but leaves threads idle.
 */
export const SCALED_MOST_PX = 256 * 1024;

/** Number of threads that may pack pixels at the same time: the encoder threads, and the main thread. */
export const MOST_PACKERS = MOST_SCALERS + 1;

/**
 * Most pixels that are packed at once. A larger value reserves more memory for each thread. A smaller one does not hold
 * the largest strip that is encoded without loss (see plan-rects.ts).
 */
export const PACKED_MOST_PX = 448 * 1024;

/** Bytes of a packer's tables, which are in front of its pixels. */
export const PACKER_TABLES_BYTES = 160 * 1024;
/** Bytes of packed pixels and what may be written behind them. */
export const PACKED_BYTES = PACKED_MOST_PX * BYTES_PER_PIXEL + 16;

/** Most bytes of packed pixels that are deflated, if that makes them larger: a hundredth, and 64. */
const DEFLATED_BYTES = Math.ceil(PACKED_MOST_PX * BYTES_PER_PIXEL * 1.01) + 64;

const PAGE = 65536;

/** Bytes for the kernels' constants and for the scratch of each thread that runs them (see kernels.ts). */
const KERNEL_BYTES = PAGE;

/**
 * Most motions that one capture finds: two panes that scroll, or a window that is dragged while another one scrolls.
 * Each further one costs a box per tile, and another comparison of what the others do not explain.
 */
export const MOST_MOTIONS = 2;

/** Anchors that a search for motion notes in each of the two pictures. */
export const ANCHORS = 8192;

/** Pieces of rows in which a search may try motions. */
export const PIECES = 4096;

const align = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;

/**
 * One desktop's pixels, in one shared WebAssembly.Memory. The kernels, the frame thread and the encoder threads all
 * work on the same bytes.
 *
 * ```
 * 0            kernels' constants, and scratch for each thread that runs them    64 KiB
 * boxesAt      one u32 per tile, packed as in DirtyTiles: the damage when a capture begins, what changed when it ends
 * coloursAt    one u16 per tile, as of its last change: different colours in every fourth row. 1-128, where 128 means
 *              128 or more in a tile that looks drawn; 129 in a tile that looks like a photograph. A lower bound:
 *              1 does not promise a tile of one colour
 * copiesAt     MOST_MOTIONS times one box per tile, packed: the part that `shown` has at another place, as of the last
 *              capture that found as many motions (see motion.ts). A tile has a box for one motion at most
 * restsAt      one box per tile, packed: what else changed, as of the same capture
 * anchorsAt    scratch of the search for motion: two lists of ANCHORS pairs of words
 * piecesAt     scratch of the same search: PIECES words
 * incomingAt   what X shows now      width × height × 4, BGRX, rows packed, + one spare row
 * shownAt      what encoders read    the same form
 * scalersAt    scratch of the threads that scale down, `scalerBytes` each; laid out in kernels/scaler.ts
 * packersAt    scratch of the threads that encode without loss, `packerBytes` each; laid out in kernels/packer.ts
 * ```
 *
 * Rows are packed to the current width (stride = width × 4), so a resize lays both pictures out anew. Memory is
 * reserved for the largest size. The JPEG encoder needs a whole stride after the last row: the spare row.
 *
 * The frame thread writes, and its helpers write other rows of tiles during a capture. They write `incoming` during a
 * capture, and `shown` during a commit or during a capture that commits at once. The frame loop ensures that no thread
 * reads `shown` meanwhile.
 */
export interface SharedFrame {
  readonly memory: WebAssembly.Memory;
  readonly maxSize: Size;
  readonly boxesAt: number;
  readonly coloursAt: number;
  readonly copiesAt: readonly number[];
  readonly restsAt: number;
  readonly anchorsAt: number;
  readonly piecesAt: number;
  readonly incomingAt: number;
  readonly shownAt: number;
  readonly scalersAt: number;
  readonly scalerBytes: number;
  readonly packersAt: number;
  readonly packerBytes: number;
}

/** Reserves the memory for a desktop of at most `maxSize`. Pages that are never touched cost nothing. */
export function createSharedFrame(maxSize: Size): SharedFrame {
  const tiles = tileCount(maxSize);
  const picture = align((maxSize.height + 1) * maxSize.width * BYTES_PER_PIXEL);
  const boxesAt = KERNEL_BYTES;
  const coloursAt = boxesAt + align(tiles * 4);
  const firstCopiesAt = coloursAt + align(tiles * 2);
  const copiesAt = Array.from({ length: MOST_MOTIONS }, (_, i) => firstCopiesAt + i * align(tiles * 4));
  const restsAt = firstCopiesAt + MOST_MOTIONS * align(tiles * 4);
  const anchorsAt = restsAt + align(tiles * 4);
  const piecesAt = anchorsAt + align(2 * ANCHORS * 8);
  const incomingAt = piecesAt + align(PIECES * 4);
  const shownAt = incomingAt + picture;
  const scalersAt = shownAt + picture;
  const scalerBytes = align(scratchToScale(maxSize));
  const packersAt = scalersAt + scalerBytes * (PICTURE_SCALER + 1);
  const packerBytes = align(PACKER_TABLES_BYTES + PACKED_BYTES + DEFLATED_BYTES);
  const pages = (packersAt + packerBytes * MOST_PACKERS) / PAGE;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return {
    memory,
    maxSize,
    boxesAt,
    coloursAt,
    copiesAt,
    restsAt,
    anchorsAt,
    piecesAt,
    incomingAt,
    shownAt,
    scalersAt,
    scalerBytes,
    packersAt,
    packerBytes,
  };
}

/**
 * Returns the scratch bytes for any scaling: the result; a row of the source; 48 bytes for each column of the
 * result and 8 for each of the source; 12 for each row of the result and 2 for each of the source.
 */
function scratchToScale({ width, height }: Size): number {
  // A desktop may be turned on its side.
  const side = Math.max(width, height);
  const result = Math.min(width * height, SCALED_MOST_PX) * BYTES_PER_PIXEL;
  return result + side * (BYTES_PER_PIXEL + 48 + 8 + 12 + 2) + PAGE;
}

/** The picture that encoders read, at its current `size`. Valid until the next commit. */
export function shownPixels(frame: SharedFrame, size: Size): Uint8Array {
  const bytes = (size.height + 1) * size.width * BYTES_PER_PIXEL;
  return new Uint8Array(frame.memory.buffer, frame.shownAt, bytes);
}

/** The memory of both pictures that a desktop of `size` does not use. */
export function unusedPixels(frame: SharedFrame, size: Size): Uint8Array[] {
  const used = (size.height + 1) * size.width * BYTES_PER_PIXEL;
  const { memory, incomingAt, shownAt } = frame;
  const room = shownAt - incomingAt;
  return [incomingAt, shownAt].map((at) => new Uint8Array(memory.buffer, at + used, room - used));
}

/** The scratch of all threads that encode. Nothing in it is kept from one rect to the next. */
export function encoderScratch({ memory, scalersAt }: SharedFrame): Uint8Array {
  return new Uint8Array(memory.buffer, scalersAt);
}
