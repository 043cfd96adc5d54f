import { boxArea, joinBoxes, packBox } from './packed-box.ts';
import { bounds, intersect, isWithin, type Rect, type Size, sameSize, wholeOf } from './rect.ts';

/**
 * Side of a tile in pixels. 1080p has 510 tiles of this size; smaller tiles cost more passes over the map, larger
 * ones make small changes expensive.
 */
export const TILE_SIZE = 64;

/**
 * Share of extra pixels up to which two neighbouring boxes are merged into one rect. A rect costs a header and an
 * encoder call, extra pixels cost their bytes.
 */
const MERGE_WASTE = 0.2;

/** Number of extra pixels up to which two boxes are merged, whatever their size: a rect's overhead costs more. */
const MERGE_WASTE_PX = 256;

/**
 * What rects may cover apart from the dirty boxes, if that makes them fewer: anything, anything in dirty tiles, or
 * nothing.
 */
export type Reach = 'anywhere' | 'dirty tiles' | 'dirty pixels';

export const tilesAcross = (width: number): number => Math.ceil(width / TILE_SIZE);

export const tileCount = (size: Size): number => tilesAcross(size.width) * tilesAcross(size.height);

/** Tiles whose content was copied from (-dx, -dy) of them. */
export interface CopiedTiles {
  readonly dx: number;
  readonly dy: number;
  readonly copied: DirtyTiles;
}

/**
 * What `moved` returned last for the moves of a frame. Viewers that show the same picture have equal maps, so that the
 * work is done once for all of them.
 */
const lastMoved = new WeakMap<
  readonly CopiedTiles[],
  { readonly before: DirtyTiles; readonly after: DirtyTiles }
>();

/**
 * The dirty part of a framebuffer: one box per tile. A change of a few pixels stays a few pixels, and a union is
 * one pass over a small array.
 *
 * Boxes have the form of `packed-box.ts`.
 */
export class DirtyTiles {
  readonly size: Size;
  readonly #across: number;
  readonly #down: number;
  readonly #boxes: Uint32Array;
  /** Number of boxes that are not 0. Kept because it is asked of every viewer many times per frame. */
  #tiles = 0;

  constructor(size: Size, boxes?: Uint32Array) {
    this.size = { width: size.width, height: size.height };
    this.#across = tilesAcross(size.width);
    this.#down = tilesAcross(size.height);
    this.#boxes = new Uint32Array(this.#across * this.#down);
    if (boxes) this.mergeBoxes(boxes);
  }

  /** Returns a new map with all of `size` dirty. */
  static whole(size: Size): DirtyTiles {
    const tiles = new DirtyTiles(size);
    tiles.add(wholeOf(size));
    return tiles;
  }

  get isEmpty(): boolean {
    return this.#tiles === 0;
  }

  /** Number of dirty tiles. */
  get tiles(): number {
    return this.#tiles;
  }

  /** Number of dirty pixels, counted by their boxes. */
  get areaPx(): number {
    if (this.isEmpty) return 0;
    let area = 0;
    // `for … of` makes an iterator, which costs more than the sum.
    for (let at = 0; at < this.#boxes.length; at++) area += boxArea(this.#boxes[at]!);
    return area;
  }

  /** Number of dirty pixels in one row of tiles, counted from the top. */
  rowAreaPx(tileRow: number): number {
    return packedAreaPx(this.#boxes, tileRow, this.size);
  }

  add(rect: Rect): void {
    const part = intersect(rect, wholeOf(this.size));
    if (!part) return;
    const right = part.x + part.width;
    const bottom = part.y + part.height;
    for (let ty = Math.floor(part.y / TILE_SIZE); ty * TILE_SIZE < bottom; ty++) {
      const y0 = Math.max(part.y - ty * TILE_SIZE, 0);
      const y1 = Math.min(bottom - ty * TILE_SIZE, TILE_SIZE);
      for (let tx = Math.floor(part.x / TILE_SIZE); tx * TILE_SIZE < right; tx++) {
        const x0 = Math.max(part.x - tx * TILE_SIZE, 0);
        const x1 = Math.min(right - tx * TILE_SIZE, TILE_SIZE);
        this.#join(ty * this.#across + tx, packBox(x0, y0, x1, y1));
      }
    }
  }

  /** Adds everything dirty in `other`, which has the same size. */
  merge(other: DirtyTiles): void {
    if (!other.isEmpty) this.mergeBoxes(other.#boxes);
  }

  /** Adds packed boxes as the compare kernel writes them, row by row. */
  mergeBoxes(boxes: Uint32Array): void {
    for (let at = 0; at < this.#boxes.length; at++) {
      const box = boxes[at] ?? 0;
      if (box !== 0) this.#join(at, box);
    }
  }

  /** Writes the packed boxes, row by row. The compare kernel then shrinks them. */
  writeTo(boxes: Uint32Array): void {
    boxes.set(this.#boxes);
  }

  clear(): void {
    this.#boxes.fill(0);
    this.#tiles = 0;
  }

  clone(): DirtyTiles {
    const copy = new DirtyTiles(this.size);
    copy.#boxes.set(this.#boxes);
    copy.#tiles = this.#tiles;
    return copy;
  }

  equals(other: DirtyTiles): boolean {
    if (!sameSize(this.size, other.size) || this.#tiles !== other.#tiles) return false;
    const others = other.#boxes;
    for (let at = 0; at < others.length; at++) if (this.#boxes[at] !== others[at]) return false;
    return true;
  }

  /** Calls `visit` with the dirty box of each tile, row by row. */
  forEach(visit: (box: Rect, tileX: number, tileY: number) => void): void {
    for (let at = 0; at < this.#boxes.length; at++) {
      const box = this.#boxes[at]!;
      if (box === 0) continue;
      const tileX = at % this.#across;
      const tileY = Math.floor(at / this.#across);
      visit(boxRect(box, tileX, tileY), tileX, tileY);
    }
  }

  /**
   * Splits the dirty boxes into two sets: boxes of tiles that the predicate accepts, and the others. The predicate
   * is called row by row, with each box's number of pixels.
   */
  partition(accepts: (tileX: number, tileY: number, px: number) => boolean): {
    yes: DirtyTiles;
    no: DirtyTiles;
  } {
    const yes = new DirtyTiles(this.size);
    const no = new DirtyTiles(this.size);
    for (let at = 0; at < this.#boxes.length; at++) {
      const box = this.#boxes[at] ?? 0;
      if (box === 0) continue;
      const accepted = accepts(at % this.#across, Math.floor(at / this.#across), boxArea(box));
      const kind = accepted ? yes : no;
      kind.#join(at, box);
    }
    return { yes, no };
  }

  /** Calls back for every dirty tile, row by row, with its number and its number of dirty pixels. */
  forEachBox(callback: (at: number, areaPx: number) => void): void {
    for (let at = 0; at < this.#boxes.length; at++) {
      const box = this.#boxes[at] ?? 0;
      if (box !== 0) callback(at, boxArea(box));
    }
  }

  /** Removes and returns what is dirty in the first `tileRows` rows of tiles. */
  takeTop(tileRows: number): DirtyTiles {
    const top = new DirtyTiles(this.size);
    const boxes = this.#boxes.subarray(0, tileRows * this.#across);
    top.mergeBoxes(boxes);
    boxes.fill(0);
    this.#tiles -= top.#tiles;
    return top;
  }

  /** Makes boxes that lie completely within `rect` clean. A box that is only partly in it stays unchanged. */
  remove(rect: Rect): void {
    const part = this.isEmpty ? undefined : intersect(rect, wholeOf(this.size));
    if (!part) return;
    const right = Math.ceil((part.x + part.width) / TILE_SIZE);
    const bottom = Math.ceil((part.y + part.height) / TILE_SIZE);
    for (let ty = Math.floor(part.y / TILE_SIZE); ty < bottom; ty++) {
      for (let tx = Math.floor(part.x / TILE_SIZE); tx < right; tx++) {
        const at = ty * this.#across + tx;
        const box = this.#boxes[at]!;
        if (box !== 0 && isWithin(boxRect(box, tx, ty), part)) this.#clean(at);
      }
    }
  }

  /**
   * Returns what is dirty after content has moved, all of it at the same time: the pixels of each `copied`, a map of
   * the same size, were overwritten by those at (-dx, -dy) of them. Dirty pixels move with their content, and an
   * overwritten pixel is as clean as its source. As everywhere, boxes may also hold clean pixels.
   */
  moved(moves: readonly CopiedTiles[]): DirtyTiles {
    if (this.isEmpty) return this.clone();
    const known = lastMoved.get(moves);
    if (known?.before.equals(this)) return known.after.clone();
    const after = this.#moved(moves);
    lastMoved.set(moves, { before: this.clone(), after: after.clone() });
    return after;
  }

  #moved(moves: readonly CopiedTiles[]): DirtyTiles {
    const after = this.clone();
    for (const { copied } of moves) {
      copied.forEach((copy, tileX, tileY) => {
        const at = tileY * this.#across + tileX;
        const box = this.#boxes[at]!;
        if (box !== 0 && isWithin(boxRect(box, tileX, tileY), copy)) after.#clean(at);
      });
    }
    for (const { copied, dx, dy } of moves) {
      copied.forEach((copy) => {
        const source = { ...copy, x: copy.x - dx, y: copy.y - dy };
        this.#within(source, (dirty) => after.add({ ...dirty, x: dirty.x + dx, y: dirty.y + dy }));
      });
    }
    return after;
  }

  #clean(at: number): void {
    if (this.#boxes[at] !== 0) this.#tiles--;
    this.#boxes[at] = 0;
  }

  /** Calls `visit` with the parts of dirty boxes inside `rect`, which lies inside the picture. */
  #within(rect: Rect, visit: (part: Rect) => void): void {
    const right = Math.ceil((rect.x + rect.width) / TILE_SIZE);
    const bottom = Math.ceil((rect.y + rect.height) / TILE_SIZE);
    for (let ty = Math.floor(rect.y / TILE_SIZE); ty < bottom; ty++) {
      for (let tx = Math.floor(rect.x / TILE_SIZE); tx < right; tx++) {
        const box = this.#boxes[ty * this.#across + tx]!;
        const part = box === 0 ? undefined : intersect(boxRect(box, tx, ty), rect);
        if (part) visit(part);
      }
    }
  }

  /** The parts of the dirty boxes inside `rect`, which lies inside the picture or has no pixels. */
  within(rect: Rect): DirtyTiles {
    const parts = new DirtyTiles(this.size);
    this.#within(rect, (part) => parts.add(part));
    return parts;
  }

  /** Whether the predicate accepts any dirty tile. It is called row by row, and not after it has accepted one. */
  some(accepts: (tileX: number, tileY: number) => boolean): boolean {
    for (let at = 0; at < this.#boxes.length; at++)
      if (this.#boxes[at] !== 0 && accepts(at % this.#across, Math.floor(at / this.#across))) return true;
    return false;
  }

  /** Whether any pixel of a tile is dirty. */
  has(tileX: number, tileY: number): boolean {
    return this.#boxes[tileY * this.#across + tileX] !== 0;
  }

  /** Whether any tile that `rect` touches is dirty. `rect` lies inside the picture. */
  touches({ x, y, width, height }: Rect): boolean {
    const right = Math.ceil((x + width) / TILE_SIZE);
    const bottom = Math.ceil((y + height) / TILE_SIZE);
    for (let ty = Math.floor(y / TILE_SIZE); ty < bottom; ty++) {
      for (let tx = Math.floor(x / TILE_SIZE); tx < right; tx++) {
        if (this.#boxes[ty * this.#across + tx] !== 0) return true;
      }
    }
    return false;
  }

  /** Returns few rects that together cover every dirty box, each at most `maxWidth` wide. */
  rects(maxWidth: number, reach: Reach = 'anywhere'): Rect[] {
    const done: Rect[] = [];
    let above: Rect[] = [];
    for (let ty = 0; ty < this.#down; ty++) {
      const rows: Rect[] = [];
      for (const run of this.rowRects(ty, maxWidth, reach)) {
        const at = above.findIndex(
          (rect) => mayMerge(rect, run, maxWidth, reach) && (reach === 'anywhere' || sameColumns(rect, run)),
        );
        if (at < 0) {
          rows.push(run);
        } else {
          rows.push(bounds(above[at]!, run));
          above.splice(at, 1);
        }
      }
      done.push(...above);
      above = rows;
    }
    done.push(...above);
    return done;
  }

  /** Returns one row of tiles, counted from the top, as runs of neighbouring boxes. */
  rowRects(ty: number, maxWidth: number, reach: Reach = 'anywhere'): Rect[] {
    const runs: Rect[] = [];
    let run: Rect | undefined;
    for (let tx = 0; tx < this.#across; tx++) {
      const box = this.#boxes[ty * this.#across + tx] ?? 0;
      if (box === 0) continue;
      const rect = boxRect(box, tx, ty);
      const gap = run && run.x + run.width <= (tx - 1) * TILE_SIZE;
      if (run && !(gap && reach !== 'anywhere') && mayMerge(run, rect, maxWidth, reach)) {
        run = bounds(run, rect);
      } else {
        if (run) runs.push(run);
        run = rect;
      }
    }
    if (run) runs.push(run);
    return runs;
  }

  #join(at: number, box: number): void {
    const before = this.#boxes[at]!;
    if (before === 0) this.#tiles++;
    this.#boxes[at] = joinBoxes(before, box);
  }
}

/** Number of pixels in the packed boxes of one row of tiles; `boxes` has those of a whole picture. */
export function packedAreaPx(boxes: Uint32Array, tileRow: number, { width }: Size): number {
  const across = tilesAcross(width);
  let area = 0;
  for (let at = tileRow * across; at < (tileRow + 1) * across; at++) area += boxArea(boxes[at] ?? 0);
  return area;
}

function mayMerge(a: Rect, b: Rect, maxWidth: number, reach: Reach): boolean {
  const joined = bounds(a, b);
  if (joined.width > maxWidth) return false;
  const sum = a.width * a.height + b.width * b.height;
  const waste = joined.width * joined.height - sum;
  if (reach === 'dirty pixels') return waste === 0;
  return waste <= Math.max(MERGE_WASTE_PX, sum * MERGE_WASTE);
}

/** Whether both rects lie in the same columns of tiles. */
function sameColumns(a: Rect, b: Rect): boolean {
  const first = (rect: Rect): number => Math.floor(rect.x / TILE_SIZE);
  const last = (rect: Rect): number => Math.floor((rect.x + rect.width - 1) / TILE_SIZE);
  return first(a) === first(b) && last(a) === last(b);
}

function boxRect(box: number, tx: number, ty: number): Rect {
  const x0 = box & 0xff;
  const y0 = (box >>> 16) & 0xff;
  return {
    x: tx * TILE_SIZE + x0,
    y: ty * TILE_SIZE + y0,
    width: ((box >>> 8) & 0xff) - x0,
    height: (box >>> 24) - y0,
  };
}
