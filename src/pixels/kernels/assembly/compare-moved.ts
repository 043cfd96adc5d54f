import { COLOUR_TABLE_BYTES, recountColours } from './colours';
import { compareBox } from './compare-box';
import { markDifferingTiles } from './differing-tiles';
import { PIXEL_SHIFT, TILE, boxArea, boxX0, boxX1, boxY0, boxY1, intersectBoxes, joinBoxes, packBox } from './layout';

/**
 * Least share of a tile's change, as a shift, that a copy must save: an eighth. With less, the copy is not worth it.
 */
const LEAST_SAVED_SHIFT: u32 = 3;

/**
 * Returns the bounds of the parts of `box` outside `inner`, as a packed box, or 0 if there are none. Both are boxes
 * of one tile, and `inner` lies inside `box`.
 */
function outside(box: u32, inner: u32): u32 {
  if (inner == 0) return box;
  const x0 = boxX0(box);
  const x1 = boxX1(box);
  const y0 = boxY0(box);
  const y1 = boxY1(box);
  let rest: u32 = 0;
  if (boxX0(inner) > x0) rest = joinBoxes(rest, packBox(x0, y0, boxX0(inner), y1));
  if (boxX1(inner) < x1) rest = joinBoxes(rest, packBox(boxX1(inner), y0, x1, y1));
  if (boxY0(inner) > y0) rest = joinBoxes(rest, packBox(x0, y0, x1, boxY0(inner)));
  if (boxY1(inner) < y1) rest = joinBoxes(rest, packBox(x0, boxY1(inner), x1, y1));
  return rest;
}

/**
 * Writes a mark for each whole tile of a band: 0 if the tile is damaged and all of it equals `shown` at its source.
 * `source` is the address of the source of the band's first pixel. The source of the whole band lies inside the
 * picture's rows.
 */
function markUnexplained(
  marks: usize,
  incoming: usize,
  source: usize,
  boxes: usize,
  width: u32,
  height: u32,
  dx: i32,
): void {
  const tiles = width / TILE;
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const left = <i32>(tile * TILE) - dx;
    const isInside = left >= 0 && left + <i32>TILE <= <i32>width;
    store<u8>(marks + tile, isInside && load<u32>(boxes + (<usize>tile << 2)) != 0 ? 0 : 1);
  }
  markDifferingTiles(marks, incoming, source, <usize>width << PIXEL_SHIFT, tiles, height);
}

/** Returns the bounds of the pixels in `box` that differ, or 0. */
// @ts-ignore: decorator
@inline
function differing(a: usize, b: usize, strideBytes: usize, tileWidth: u32, box: u32): u32 {
  return intersectBoxes(compareBox(a, b, strideBytes, tileWidth, box), box);
}

/**
 * Explains `box`, the change of a tile, by a copy from `source`, which is inside the picture for the pixels of
 * `inside`. Returns the box to copy, or 0, and in the upper half the box that must be sent after the copy.
 */
function explain(at: usize, source: usize, strideBytes: usize, tileWidth: u32, box: u32, inside: u32): u64 {
  const wanted = intersectBoxes(box, inside);
  const beyond = outside(box, wanted);
  let copy = inside;
  let rest = joinBoxes(beyond, differing(at, source, strideBytes, tileWidth, inside));
  if (wanted != 0 && wanted != inside && rest != 0) {
    const left = joinBoxes(beyond, differing(at, source, strideBytes, tileWidth, wanted));
    if (boxArea(left) < boxArea(rest)) {
      copy = wanted;
      rest = left;
    }
  }
  if (boxArea(rest) > boxArea(box) - (boxArea(box) >> LEAST_SAVED_SHIFT)) return <u64>box << 32;
  return <u64>copy | (<u64>rest << 32);
}

/**
 * Does what `compare` does without `commitAtOnce`, for a picture of which parts moved by (dx, dy). In addition, it
 * finds for each tile what a copy of `shown` explains.
 *
 * `copies` gets the box that may be copied from (-dx, -dy) of it, or 0. `rests` gets the box that must be sent
 * after the copy. A tile of which a copy explains less than an eighth is not copied. A tile is copied as a whole if no
 * more is left to send than after a copy of the change alone. So is an unchanged tile that looks the same either way.
 * That makes fewer rects.
 *
 * All addresses may be those of a lower row of tiles, at row `top` of the picture of `width` × `pictureHeight`.
 * `height` rows are compared.
 */
export function compareMoved(
  scratch: usize,
  incoming: usize,
  shown: usize,
  boxes: usize,
  copies: usize,
  rests: usize,
  colours: usize,
  width: u32,
  height: u32,
  top: u32,
  pictureHeight: u32,
  dx: i32,
  dy: i32,
): u32 {
  const strideBytes = <usize>width << PIXEL_SHIFT;
  const back = (<isize>dy * <isize>width + <isize>dx) << PIXEL_SHIFT;
  const marks = scratch + COLOUR_TABLE_BYTES;
  let changed: u32 = 0;
  for (let y: u32 = 0; y < height; y += TILE) {
    const tileHeight = min(TILE, height - y);
    const band = <usize>y * strideBytes;
    // Rows and columns of the tile whose source lies inside the picture.
    const y0 = <u32>min(max(dy - <i32>(top + y), 0), <i32>tileHeight);
    const y1 = <u32>min(max(<i32>pictureHeight + dy - <i32>(top + y), 0), <i32>tileHeight);
    const hasSource = y0 == 0 && y1 == tileHeight;
    // Tiles without marks are compared one by one.
    if (hasSource) markUnexplained(marks, incoming + band, shown + band - back, boxes, width, tileHeight, dx);
    for (let x: u32 = 0; x < width; x += TILE) {
      let copy: u32 = 0;
      let rest: u32 = 0;
      let box = load<u32>(boxes);
      if (box != 0) {
        const tileWidth = min(TILE, width - x);
        const at = incoming + band + (<usize>x << PIXEL_SHIFT);
        const there = shown + band + (<usize>x << PIXEL_SHIFT);
        box = compareBox(at, there, strideBytes, tileWidth, box);
        store<u32>(boxes, box);
        rest = box;
        const inside = insideOf(x, top + y, tileWidth, tileHeight, width, pictureHeight, dx, dy);
        if (inside != 0) {
          const whole = packBox(0, 0, tileWidth, tileHeight);
          const source = there - back;
          const explained =
            hasSource && tileWidth == TILE
              ? load<u8>(marks + x / TILE) == 0
              : inside == whole && compareBox(at, source, strideBytes, tileWidth, whole) == 0;
          if (explained) {
            copy = whole;
            rest = 0;
          } else if (box != 0) {
            const both = explain(at, source, strideBytes, tileWidth, box, inside);
            copy = <u32>both;
            rest = <u32>(both >> 32);
          }
        }
        if (box != 0) {
          changed++;
          const last = load<u16>(colours);
          store<u16>(colours, <u16>recountColours(scratch, at, strideBytes, tileWidth, tileHeight, last));
        }
      }
      store<u32>(copies, copy);
      store<u32>(rests, rest);
      boxes += 4;
      copies += 4;
      rests += 4;
      colours += 2;
    }
  }
  return changed;
}

/** The part of a tile whose source lies inside the picture, as a packed box, or 0. `x` and `y` are the tile's place. */
function insideOf(x: u32, y: u32, tileWidth: u32, tileHeight: u32, width: u32, height: u32, dx: i32, dy: i32): u32 {
  const x0 = <u32>min(max(dx - <i32>x, 0), <i32>tileWidth);
  const x1 = <u32>min(max(<i32>width + dx - <i32>x, 0), <i32>tileWidth);
  const y0 = <u32>min(max(dy - <i32>y, 0), <i32>tileHeight);
  const y1 = <u32>min(max(<i32>height + dy - <i32>y, 0), <i32>tileHeight);
  return x0 < x1 && y0 < y1 ? packBox(x0, y0, x1, y1) : 0;
}

/**
 * Explains what `compareMoved` left by a second motion. `copies` are those of the first motion, `further` gets those of
 * the second. A tile goes to the motion that leaves less of it to be sent. If either explains all of it, or it
 * is unchanged and looks the same either way, it goes to the motion of the tile to its left, which makes fewer rects.
 *
 * The addresses and sizes are those of `compareMoved`.
 */
export function explainRest(
  incoming: usize,
  shown: usize,
  boxes: usize,
  copies: usize,
  further: usize,
  rests: usize,
  width: u32,
  height: u32,
  top: u32,
  pictureHeight: u32,
  dx: i32,
  dy: i32,
): void {
  const strideBytes = <usize>width << PIXEL_SHIFT;
  const back = (<isize>dy * <isize>width + <isize>dx) << PIXEL_SHIFT;
  for (let y: u32 = 0; y < height; y += TILE) {
    const tileHeight = min(TILE, height - y);
    let isBeside = false;
    for (let x: u32 = 0; x < width; x += TILE) {
      const tileWidth = min(TILE, width - x);
      const whole = packBox(0, 0, tileWidth, tileHeight);
      const inside = insideOf(x, top + y, tileWidth, tileHeight, width, pictureHeight, dx, dy);
      const box = load<u32>(boxes);
      const rest = load<u32>(rests);
      const at = <usize>y * strideBytes + (<usize>x << PIXEL_SHIFT);
      const source = shown + at - back;
      let copy: u32 = 0;
      if (rest != 0 && inside != 0) {
        const both = explain(incoming + at, source, strideBytes, tileWidth, box, inside);
        const left = <u32>(both >> 32);
        if (boxArea(left) < boxArea(rest)) {
          copy = <u32>both;
          store<u32>(copies, 0);
          store<u32>(rests, left);
        }
      } else if (isBeside && inside == whole && (box == 0 || load<u32>(copies) == whole)) {
        if (compareBox(incoming + at, source, strideBytes, tileWidth, whole) == 0) {
          copy = whole;
          store<u32>(copies, 0);
        }
      }
      isBeside = copy != 0;
      store<u32>(further, copy);
      boxes += 4;
      copies += 4;
      further += 4;
      rests += 4;
    }
  }
}
