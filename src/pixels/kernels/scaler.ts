import { areaPx, type Rect, type Size } from '../rect.ts';
import { BYTES_PER_PIXEL, PICTURE_SCALER, SCALED_MOST_PX, type SharedFrame } from '../shared-frame.ts';
import { axisTaps, type ScaleFilter, type Taps } from './axis-taps.ts';

/**
 * Scales a part of the shown picture down.
 *
 * Returns packed BGRX pixels of `size`, in memory that the next call reuses. `frameSize` is the size of the shown
 * picture. `rect` is the part; pixels around it have no influence. Throws RangeError if `size` is larger than
 * `rect` or than SCALED_MOST_PX.
 */
export type Scale = (frameSize: Size, rect: Rect, size: Size, filter: ScaleFilter) => Uint8Array;

type HalveExport = (from: number, strideBytes: number, to: number, width: number, height: number) => void;

type ResampleExport = (
  from: number,
  strideBytes: number,
  sourceWidth: number,
  rows: number,
  rowEntry: number,
  columns: number,
  columnWeights: number,
  groups: number,
  row: number,
  to: number,
  width: number,
  height: number,
) => void;

/** Source pixels that the kernel weighs at a time, and columns of the result that it makes at a time. */
const GROUP = 4;

/** Bytes that the kernels write and read beyond the end of a row. */
const SLACK_BYTES = 64;

/** Offset of the weights in a row's table entry, behind its first source row and its number of source rows. */
const ROW_WEIGHTS_AT = 8;

/** A table in scratch, and where it ends. */
interface Table {
  readonly from: number;
  readonly to: number;
  readonly filter: ScaleFilter;
  readonly at: number;
  readonly end: number;
}

interface Columns extends Table {
  readonly weightsAt: number;
  readonly groups: number;
}

interface Rows extends Table {
  readonly entryBytes: number;
}

/**
 * Creates the scaler of one thread. `module` is kernels.wasm, compiled. `lane` is a number up to PICTURE_SCALER that no
 * other thread on this frame uses. Layout of its scratch:
 *
 * ```
 * columns         where each column of the result begins in a source row: u32, to a whole number of groups
 * column weights  for each such column 4 u16 for each source pixel, to a whole number of groups
 * rows            for each row of the result: first source row, number of source rows, their weights as u16
 * row             one source row, its rows blended, + slack
 * result          packed BGRX rows, + slack
 * ```
 *
 * The tables are reused while they fit: the bands of a frame have one width, and mostly one height.
 */
export function createScaler(module: WebAssembly.Module, frame: SharedFrame, lane: number): Scale {
  if (lane < 0 || lane > PICTURE_SCALER) throw new RangeError(`There is no scratch for scaler ${lane}`);
  const { exports } = new WebAssembly.Instance(module, { env: { memory: frame.memory } });
  const halve = exports.halve as HalveExport;
  const resample = exports.resample as ResampleExport;
  const start = frame.scalersAt + lane * frame.scalerBytes;
  const end = start + frame.scalerBytes;
  const words = new Uint32Array(frame.memory.buffer);
  const shorts = new Uint16Array(frame.memory.buffer);
  let columns: Columns | undefined;
  let rows: Rows | undefined;

  return (frameSize, rect, size, filter) => {
    check(frame, frameSize, rect, size);
    const strideBytes = frameSize.width * BYTES_PER_PIXEL;
    const from = frame.shownAt + rect.y * strideBytes + rect.x * BYTES_PER_PIXEL;
    const { width, height } = size;
    const resultBytes = areaPx(size) * BYTES_PER_PIXEL;
    if (filter === 'area' && rect.width === width * 2 && rect.height === height * 2) {
      columns = undefined;
      rows = undefined;
      checkRoom(start + resultBytes + SLACK_BYTES);
      halve(from, strideBytes, start, width, height);
      return new Uint8Array(frame.memory.buffer, start, resultBytes);
    }
    if (!isFor(columns, rect.width, width, filter, start))
      columns = writeColumns(rect.width, width, filter, start);
    if (!isFor(rows, rect.height, height, filter, columns.end))
      rows = writeRows(rect.height, height, filter, columns.end);
    const rowAt = aligned(rows.end);
    const resultAt = rowAt + aligned(rect.width * BYTES_PER_PIXEL + SLACK_BYTES);
    checkRoom(resultAt + resultBytes + SLACK_BYTES);
    resample(
      from,
      strideBytes,
      rect.width,
      rows.at,
      rows.entryBytes,
      columns.at,
      columns.weightsAt,
      columns.groups,
      rowAt,
      resultAt,
      width,
      height,
    );
    return new Uint8Array(frame.memory.buffer, resultAt, resultBytes);
  };

  function writeColumns(from: number, to: number, filter: ScaleFilter, at: number): Columns {
    const taps = axisTaps(from, to, filter);
    const groups = Math.ceil(mostWeights(taps) / GROUP);
    const count = Math.ceil(taps.length / GROUP) * GROUP;
    const weightsAt = at + count * Uint32Array.BYTES_PER_ELEMENT;
    const perColumn = groups * GROUP * BYTES_PER_PIXEL;
    const tableEnd = weightsAt + count * perColumn * Uint16Array.BYTES_PER_ELEMENT;
    checkRoom(tableEnd);
    words.fill(0, at >> 2, weightsAt >> 2);
    shorts.fill(0, weightsAt >> 1, tableEnd >> 1);
    for (const [column, { first, weights }] of taps.entries()) {
      words[(at >> 2) + column] = first * BYTES_PER_PIXEL;
      let next = (weightsAt >> 1) + column * perColumn;
      for (const weight of weights)
        for (let byte = 0; byte < BYTES_PER_PIXEL; byte++) shorts[next++] = weight;
    }
    return { from, to, filter, at, end: tableEnd, weightsAt, groups };
  }

  function writeRows(from: number, to: number, filter: ScaleFilter, at: number): Rows {
    const taps = axisTaps(from, to, filter);
    const entryBytes = ROW_WEIGHTS_AT + aligned(mostWeights(taps) * Uint16Array.BYTES_PER_ELEMENT, 4);
    const tableEnd = at + taps.length * entryBytes;
    checkRoom(tableEnd);
    for (const [row, { first, weights }] of taps.entries()) {
      const entry = at + row * entryBytes;
      words[entry >> 2] = first;
      words[(entry >> 2) + 1] = weights.length;
      shorts.set(weights, (entry + ROW_WEIGHTS_AT) >> 1);
    }
    return { from, to, filter, at, end: tableEnd, entryBytes };
  }

  function checkRoom(used: number): void {
    if (used > end) throw new RangeError('This scaling needs more scratch than there is');
  }
}

/** Whether a table was made for these parameters. */
function isFor<T extends Table>(
  table: T | undefined,
  from: number,
  to: number,
  filter: ScaleFilter,
  at: number,
): table is T {
  return table?.from === from && table.to === to && table.filter === filter && table.at === at;
}

function check(frame: SharedFrame, frameSize: Size, rect: Rect, size: Size): void {
  if (areaPx(frameSize) > areaPx(frame.maxSize)) throw new RangeError('picture larger than its frame');
  const isInside = rect.x >= 0 && rect.y >= 0;
  const ends = rect.x + rect.width <= frameSize.width && rect.y + rect.height <= frameSize.height;
  if (!isInside || !ends) throw new RangeError('rect outside of its picture');
  if (size.width < 1 || size.height < 1 || size.width > rect.width || size.height > rect.height)
    throw new RangeError(
      `${rect.width}x${rect.height} can not be scaled down to ${size.width}x${size.height}`,
    );
  if (areaPx(size) > SCALED_MOST_PX) throw new RangeError(`${areaPx(size)} pixels are too many at once`);
}

const mostWeights = (taps: readonly Taps[]): number =>
  taps.reduce((most, { weights }) => Math.max(most, weights.length), 1);

const aligned = (bytes: number, to = 16): number => Math.ceil(bytes / to) * to;
