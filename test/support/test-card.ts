import { createPhoto } from '../../bench/painter/photo.ts';
import type { Size } from '../../src/pixels/rect.ts';
import { connectTo } from '../desktop/support.ts';

/**
 * Left of this column every block has one colour; right of it is a photo. On a tile's edge, so that no tile has
 * both.
 */
export const PHOTO_AT_X = 320;

const BLOCK_PX = 64;
/** Colours that are hard for Tight and for 4:2:0: saturated, near black, near white, equal except for one step. */
const COLOURS = [0xff0000, 0x00ff00, 0x0000ff, 0x010203, 0xfefdfc, 0x808080, 0x818080, 0xc04010];
const Z_PIXMAP = 2;
const DEPTH = 24;
/** Bytes per request: an X request is at most 256 KiB long. */
const STRIP_BYTES = 128 * 1024;

/** Parts of the x11 package's client that the product does not use. */
interface PutsImages {
  PutImage(
    format: number,
    drawable: number,
    gc: number,
    width: number,
    height: number,
    x: number,
    y: number,
    leftPad: number,
    depth: number,
    data: Buffer,
  ): void;
}

/** Paints blocks of colour and a photo on the bare root window of the display that `environment` opens. */
export async function paintTestCard(environment: NodeJS.ProcessEnv, { width, height }: Size): Promise<void> {
  const painter = await connectTo(environment);
  const { client, root } = painter;
  const gc = client.AllocID();
  client.CreateGC(gc, root, { graphicsExposures: 0 });
  for (let y = 0, block = 0; y < height; y += BLOCK_PX) {
    for (let x = 0; x < PHOTO_AT_X; x += BLOCK_PX, block++) {
      client.ChangeGC(gc, { foreground: COLOURS[block % COLOURS.length]! });
      client.PolyFillRectangle(root, gc, [x, y, BLOCK_PX, BLOCK_PX]);
    }
  }
  const photo = createPhoto(width - PHOTO_AT_X, height);
  const bytes = Buffer.from(photo.pixels.buffer);
  const strideBytes = photo.width * 4;
  const rows = Math.floor(STRIP_BYTES / strideBytes);
  for (let y = 0; y < height; y += rows) {
    const strip = bytes.subarray(y * strideBytes, Math.min(height, y + rows) * strideBytes);
    const lines = strip.length / strideBytes;
    const { PutImage } = client as unknown as PutsImages;
    PutImage.call(client, Z_PIXMAP, root, gc, photo.width, lines, PHOTO_AT_X, y, 0, DEPTH, strip);
  }
  await painter.sync();
  await painter.close();
}
