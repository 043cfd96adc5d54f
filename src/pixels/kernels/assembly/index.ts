// The pixel kernels. They keep no state: every call gets the addresses of the pictures.

import { COLOUR_TABLE_BYTES, recountColours } from './colours';
import { compareBox } from './compare-box';
import { markChangedTiles } from './differing-tiles';
import { PIXEL_SHIFT, TILE, boxX0, boxX1, boxY0, boxY1, packBox } from './layout';

export { findAnchors } from './anchors';
export { compareMoved, explainRest } from './compare-moved';
export { countMoved, listPieces } from './pieces';
export { halve, resample } from './scale';
export { clearWanted, countContent, findWindows, listWindows, wantWindow } from './strips';

/** Copies one packed box of the tile at `from` to the same place at `to`. */
// @ts-ignore: decorator
@inline
function copyBox(from: usize, to: usize, strideBytes: usize, box: u32): void {
  const bytes = <usize>(boxX1(box) - boxX0(box)) << PIXEL_SHIFT;
  let at = (<usize>boxX0(box) << PIXEL_SHIFT) + <usize>boxY0(box) * strideBytes;
  for (let y = boxY0(box); y < boxY1(box); y++) {
    const end = at + bytes;
    let i = at;
    for (; i + 16 <= end; i += 16) v128.store(to + i, v128.load(from + i));
    for (; i < end; i += 4) store<u32>(to + i, load<u32>(from + i));
    at += strideBytes;
  }
}

/** Copies the boxes of one row of tiles, which starts at byte `band` of both pictures. */
// @ts-ignore: decorator
@inline
function commitBand(from: usize, to: usize, boxes: usize, width: u32, tileHeight: u32): void {
  const strideBytes = <usize>width << PIXEL_SHIFT;
  let whole = true;
  let box = boxes;
  for (let x: u32 = 0; x < width; x += TILE) {
    if (load<u32>(box) != packBox(0, 0, min(TILE, width - x), tileHeight)) whole = false;
    box += 4;
  }
  if (whole) {
    // A whole row of tiles is one run of bytes: four times as fast as copying box by box.
    memory.copy(to, from, <usize>tileHeight * strideBytes);
    return;
  }
  for (let x: u32 = 0; x < width; x += TILE) {
    const at = <usize>x << PIXEL_SHIFT;
    if (load<u32>(boxes) != 0) copyBox(from + at, to + at, strideBytes, load<u32>(boxes));
    boxes += 4;
  }
}

/**
 * Shrinks damage to what changed: `boxes` holds one packed box of damage per tile, and afterwards the exact bounds
 * of what differs between `incoming` and `shown` inside it. `colours` gets the number of colours of every tile that
 * changed.
 *
 * With `everything`, the boxes stay unchanged, because `shown` holds nothing worth comparing with. With
 * `commitAtOnce`, changed pixels are copied to `shown` while their row of tiles is in the cache. `scratch` is 4 KiB
 * that no other thread uses. Returns the number of tiles that changed.
 *
 * All addresses may be those of a lower row of tiles: several threads compare a picture in bands.
 */
export function compare(
  scratch: usize,
  incoming: usize,
  shown: usize,
  boxes: usize,
  colours: usize,
  width: u32,
  height: u32,
  everything: bool,
  commitAtOnce: bool,
): u32 {
  const strideBytes = <usize>width << PIXEL_SHIFT;
  const marks = scratch + COLOUR_TABLE_BYTES;
  const wholeTiles = width / TILE;
  let changed: u32 = 0;
  for (let y: u32 = 0; y < height; y += TILE) {
    const tileHeight = min(TILE, height - y);
    const band = <usize>y * strideBytes;
    const bandBoxes = boxes;
    const before = changed;
    if (!everything) markChangedTiles(marks, incoming + band, shown + band, boxes, width, tileHeight);
    for (let x: u32 = 0; x < width; x += TILE) {
      let box = load<u32>(boxes);
      if (box != 0) {
        const tileWidth = min(TILE, width - x);
        const at = band + (<usize>x << PIXEL_SHIFT);
        if (!everything) {
          const isUnchanged = x / TILE < wholeTiles && load<u8>(marks + x / TILE) == 0;
          box = isUnchanged ? 0 : compareBox(incoming + at, shown + at, strideBytes, tileWidth, box);
          store<u32>(boxes, box);
        }
        if (box != 0) {
          changed++;
          const last = load<u16>(colours);
          const count = recountColours(scratch, incoming + at, strideBytes, tileWidth, tileHeight, last);
          store<u16>(colours, <u16>count);
        }
      }
      boxes += 4;
      colours += 2;
    }
    if (commitAtOnce && changed != before) commitBand(incoming + band, shown + band, bandBoxes, width, tileHeight);
  }
  return changed;
}

/** Copies every tile's box from `incoming` to `shown`. */
export function commit(incoming: usize, shown: usize, boxes: usize, width: u32, height: u32): void {
  const strideBytes = <usize>width << PIXEL_SHIFT;
  for (let y: u32 = 0; y < height; y += TILE) {
    const band = <usize>y * strideBytes;
    commitBand(incoming + band, shown + band, boxes, width, min(TILE, height - y));
    boxes += <usize>((width + TILE - 1) / TILE) << 2;
  }
}
