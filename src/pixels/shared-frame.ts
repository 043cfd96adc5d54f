import { tileCount } from './dirty-tiles.ts';
import type { Size } from './rect.ts';

/** Bytes of a pixel: blue, green, red and one that means nothing, as X and the encoders have it. */
export const BYTES_PER_PIXEL = 4;

/** Threads that may scale parts of the shown picture at the same time: each has scratch of its own. */
export const MOST_SCALERS = 8;

/**
 * The most pixels that one part of the shown picture is scaled down to. JPEG of so many takes a thread one or two
 * milliseconds: all threads get some of a frame.
 */
export const SCALED_MOST_PX = 256 * 1024;

const PAGE = 65536;

/** Room for the kernels' constants, and for the scratch of each thread that runs them (see kernels.ts). */
const KERNEL_BYTES = PAGE;

/** Anchors that a search for a motion notes in each of the two pictures. */
export const ANCHORS = 8192;

const align = (bytes: number): number => Math.ceil(bytes / PAGE) * PAGE;

/**
 * One desktop's pixels, in one shared WebAssembly.Memory so that the kernels, the frame thread and the
 * encoder threads all work on the same bytes.
 *
 * ```
 * 0            kernels' constants, and scratch for each thread that runs them    64 KiB
 * boxesAt      one u32 a tile, packed as in DirtyTiles: the damage as a capture begins, what changed as it ends
 * coloursAt    one u16 a tile, as of its last change: different colours in every fourth row, 1-128, where 128 stands
 *              for any more of something drawn; 129 for a tile that looks like a photograph. An estimate from below,
 *              so 1 does not promise a tile of one colour
 * copiesAt     one box a tile, packed: what of it is in `shown` at another place, as of the last capture that found a
 *              motion (see motion.ts)
 * restsAt      one box a tile, packed: what changed besides, as of the same capture
 * anchorsAt    scratch of the search for a motion: two lists of ANCHORS pairs of words
 * incomingAt   what X shows now      width × height × 4, BGRX, rows packed, + one spare row
 * shownAt      what encoders read    the same form
 * scalersAt    scratch of the threads that scale video down, `scalerBytes` each; drawn in kernels/scaler.ts
 * ```
 *
 * Rows are packed to the present width (stride = width × 4), so a resize lays both pictures out anew; room is
 * reserved for the largest size. The spare row is there because the JPEG encoder wants a whole stride after
 * the last row.
 *
 * Who may touch what: the frame thread writes, and during a capture its helpers too, each other rows of tiles.
 * They write `incoming` during a capture, `shown` during a commit or a capture that commits at once; nobody may
 * read `shown` meanwhile, which the frame loop sees to.
 */
export interface SharedFrame {
  readonly memory: WebAssembly.Memory;
  readonly maxSize: Size;
  readonly boxesAt: number;
  readonly coloursAt: number;
  readonly copiesAt: number;
  readonly restsAt: number;
  readonly anchorsAt: number;
  readonly incomingAt: number;
  readonly shownAt: number;
  readonly scalersAt: number;
  readonly scalerBytes: number;
}

/** Reserves the memory for a desktop of at most `maxSize`. Pages nobody touches cost nothing. */
export function createSharedFrame(maxSize: Size): SharedFrame {
  const tiles = tileCount(maxSize);
  const picture = align((maxSize.height + 1) * maxSize.width * BYTES_PER_PIXEL);
  const boxesAt = KERNEL_BYTES;
  const coloursAt = boxesAt + align(tiles * 4);
  const copiesAt = coloursAt + align(tiles * 2);
  const restsAt = copiesAt + align(tiles * 4);
  const anchorsAt = restsAt + align(tiles * 4);
  const incomingAt = anchorsAt + align(2 * ANCHORS * 8);
  const shownAt = incomingAt + picture;
  const scalersAt = shownAt + picture;
  const scalerBytes = align(scratchToScale(maxSize));
  const pages = (scalersAt + scalerBytes * MOST_SCALERS) / PAGE;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  return {
    memory,
    maxSize,
    boxesAt,
    coloursAt,
    copiesAt,
    restsAt,
    anchorsAt,
    incomingAt,
    shownAt,
    scalersAt,
    scalerBytes,
  };
}

/**
 * Bytes enough for whatever is scaled down: the result; a row of the source; 48 bytes for each column of the result
 * and 8 for each of the source; 12 for each row of the result and 2 for each of the source.
 */
function scratchToScale({ width, height }: Size): number {
  // A desktop may be turned on its side.
  const side = Math.max(width, height);
  const result = Math.min(width * height, SCALED_MOST_PX) * BYTES_PER_PIXEL;
  return result + side * (BYTES_PER_PIXEL + 48 + 8 + 12 + 2) + PAGE;
}

/** The picture encoders read, at the present `size`; valid until the next commit. */
export function shownPixels(frame: SharedFrame, size: Size): Uint8Array {
  const bytes = (size.height + 1) * size.width * BYTES_PER_PIXEL;
  return new Uint8Array(frame.memory.buffer, frame.shownAt, bytes);
}
