import { COLOUR_MASK, PIXEL_SHIFT, TILE, packBox } from './layout';

/** Bytes of one row of a tile. */
const TILE_ROW_BYTES: usize = 256;

/** Returns lanes that are not zero if 16 pixels differ. The unused byte is included. */
// @ts-ignore: decorator
@inline
function differences16(a: usize, b: usize): v128 {
  return v128.or(
    v128.or(v128.xor(v128.load(a), v128.load(b)), v128.xor(v128.load(a, 16), v128.load(b, 16))),
    v128.or(v128.xor(v128.load(a, 32), v128.load(b, 32)), v128.xor(v128.load(a, 48), v128.load(b, 48))),
  );
}

/** Whether 64 pixels in a row differ. */
// @ts-ignore: decorator
@inline
export function tileRowDiffers(a: usize, b: usize): bool {
  const any = v128.or(
    v128.or(differences16(a, b), differences16(a + 64, b + 64)),
    v128.or(differences16(a + 128, b + 128), differences16(a + 192, b + 192)),
  );
  return v128.any_true(v128.and(any, i32x4.splat(COLOUR_MASK)));
}

/**
 * Marks the tiles of a band that differ between two pictures. `marks` has a byte for each of `tiles` whole tiles;
 * tiles that are already marked are skipped. `a` and `b` are the addresses of the band's upper left pixel.
 *
 * It reads the rows of the whole band in memory order. For tiles that do not differ this is twice as fast as one
 * tile after the other.
 */
export function markDifferingTiles(marks: usize, a: usize, b: usize, strideBytes: usize, tiles: u32, height: u32): void {
  for (let y: u32 = 0; y < height; y++) {
    let at: usize = 0;
    let unmarked: u32 = 0;
    for (let tile: u32 = 0; tile < tiles; tile++) {
      if (load<u8>(marks + tile) == 0) {
        if (tileRowDiffers(a + at, b + at)) store<u8>(marks + tile, 1);
        else unmarked++;
      }
      at += TILE_ROW_BYTES;
    }
    if (unmarked == 0) return;
    a += strideBytes;
    b += strideBytes;
  }
}

/** Writes a mark for each whole tile of a band: 0 if the whole tile is damaged and unchanged. */
export function markChangedTiles(
  marks: usize,
  incoming: usize,
  shown: usize,
  boxes: usize,
  width: u32,
  height: u32,
): void {
  const tiles = width / TILE;
  const whole = packBox(0, 0, TILE, height);
  for (let tile: u32 = 0; tile < tiles; tile++) {
    store<u8>(marks + tile, load<u32>(boxes + (<usize>tile << 2)) == whole ? 0 : 1);
  }
  markDifferingTiles(marks, incoming, shown, <usize>width << PIXEL_SHIFT, tiles, height);
}
