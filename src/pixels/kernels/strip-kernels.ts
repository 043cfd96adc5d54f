import type { Rect, Size } from '../rect.ts';
import { ANCHORS, BYTES_PER_PIXEL, type SharedFrame } from '../shared-frame.ts';
import { entryAt } from './place-lists.ts';

/** Width of a strip in pixels. Strips lie at whole multiples of it. */
export const STRIP_PX = 32;

/** Bytes in the thread's scratch: the filter and the last rows; then a u16 for each strip of the widest picture. */
const COUNTS_AT = 0x800;
const MOST_STRIPS = 1024;

/**
 * Kernels that look for content that moved up or down, in strips of 32 columns. Only one thread of a frame may search.
 */
export interface StripKernels {
  /** Sets the counts of all strips to zero. */
  clearContent(): void;
  /**
   * Counts the rows of a band of `incoming` that changed and have more than one colour, for each strip that lies inside
   * the band. Adds them to `content`, and returns their sum.
   */
  countContent(size: Size, band: Rect): number;
  /** The count of each strip, from the left edge of the picture on. Valid until another kernel uses the scratch. */
  readonly content: Uint16Array;
  /**
   * Appends the windows of 8 rows of a strip of `incoming` to the frame's list of `incoming`, behind the first `count`:
   * (hash, row) pairs. Returns the new length of the list.
   */
  list(size: Size, column: StripRows, count: number): number;
  /** Has `find` look for these hashes, and for no others. */
  want(hashes: Iterable<number>): void;
  /**
   * Writes the windows of a strip of `shown` that may be wanted to the frame's list of `shown`. Returns their number.
   */
  find(size: Size, column: StripRows): number;
}

/** Some rows of a strip: `strip` is its number, counted from the left. */
export interface StripRows {
  readonly strip: number;
  readonly y: number;
  readonly height: number;
}

type WindowsExport = (
  scratch: number,
  strip: number,
  strideBytes: number,
  rows: number,
  y: number,
  out: number,
  room: number,
) => number;

type CountContentExport = (
  now: number,
  before: number,
  strideBytes: number,
  rows: number,
  strips: number,
  counts: number,
) => number;

export function createStripKernels(
  exports: Record<string, unknown>,
  frame: SharedFrame,
  scratchAt: number,
): StripKernels {
  const clearWanted = exports.clearWanted as (scratch: number) => void;
  const wantWindow = exports.wantWindow as (scratch: number, hash: number) => void;
  const listWindows = exports.listWindows as WindowsExport;
  const findWindows = exports.findWindows as WindowsExport;
  const countContent = exports.countContent as CountContentExport;
  const countsAt = scratchAt + COUNTS_AT;
  const content = new Uint16Array(frame.memory.buffer, countsAt, MOST_STRIPS);
  const placeOf = (size: Size, strip: number, y: number): number =>
    (y * size.width + strip * STRIP_PX) * BYTES_PER_PIXEL;

  return {
    content,
    clearContent() {
      content.fill(0);
    },
    countContent(size, { x, y, width, height }) {
      const first = Math.ceil(x / STRIP_PX);
      const strips = Math.floor((x + width) / STRIP_PX) - first;
      if (strips <= 0) return 0;
      const at = placeOf(size, first, y);
      const strideBytes = size.width * BYTES_PER_PIXEL;
      const now = frame.incomingAt + at;
      return countContent(now, frame.shownAt + at, strideBytes, height, strips, countsAt + first * 2);
    },
    want(hashes) {
      clearWanted(scratchAt);
      for (const hash of hashes) wantWindow(scratchAt, hash);
    },
    list(size, { strip, y, height }, count) {
      const at = frame.incomingAt + placeOf(size, strip, y);
      const out = entryAt(frame, 'incoming', count);
      const strideBytes = size.width * BYTES_PER_PIXEL;
      return count + listWindows(scratchAt, at, strideBytes, height, y, out, ANCHORS - count);
    },
    find(size, { strip, y, height }) {
      const at = frame.shownAt + placeOf(size, strip, y);
      const strideBytes = size.width * BYTES_PER_PIXEL;
      return findWindows(scratchAt, at, strideBytes, height, y, entryAt(frame, 'shown', 0), ANCHORS);
    },
  };
}
