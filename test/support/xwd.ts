import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Size } from '../../src/pixels/rect.ts';

/** A screen as the X server shows it: BGRX, `width` × 4 bytes per row. The fourth byte is unused. */
export interface ScreenPicture extends Size {
  readonly pixels: Uint8Array;
}

const WORDS_NEEDED = 25;
const BYTES_PER_COLOUR = 12;
const LARGEST_DUMP_BYTES = 256 << 20;

/** Most calls of `xwd` for one picture. */
const MOST_DUMPS = 5;

/**
 * Returns the dump of the root window, in the format of xwd. `xwd` lists all windows before it asks for each, and fails
 * if one has gone meanwhile: it is then run again.
 */
export async function dumpRoot(environment: NodeJS.ProcessEnv, ...flags: readonly string[]): Promise<Buffer> {
  for (let left = MOST_DUMPS - 1; ; left--) {
    try {
      const { stdout } = await promisify(execFile)('xwd', ['-root', '-silent', ...flags], {
        encoding: 'buffer',
        maxBuffer: LARGEST_DUMP_BYTES,
        env: environment,
      });
      return stdout;
    } catch (error) {
      if (left === 0 || !String(error).includes('BadWindow')) throw error;
    }
  }
}

/** Reads what the X server shows, by `xwd`, with the authority file named by the environment's XAUTHORITY. */
export async function readScreen(
  display: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ScreenPicture> {
  return parseXwd(await dumpRoot(environment, '-display', display));
}

/**
 * Parses an X window dump (XWDFile.h, version 7) of 32 bits per pixel, low byte first, as Deskwire's desktops have
 * it.
 */
export function parseXwd(dump: Uint8Array): ScreenPicture {
  const view = new DataView(dump.buffer, dump.byteOffset, dump.byteLength);
  if (dump.length < WORDS_NEEDED * 4) throw new Error('The dump is cut off.');
  const word = (index: number): number => view.getUint32(index * 4);
  const [headerBytes, version, width, height] = [word(0), word(1), word(4), word(5)];
  const [byteOrder, bitsPerPixel, strideBytes, colours] = [word(7), word(11), word(12), word(19)];
  if (version !== 7) throw new Error(`A dump of version ${version}.`);
  if (bitsPerPixel !== 32 || byteOrder !== 0) throw new Error('Not 32 bits a pixel, low byte first.');
  const start = headerBytes + colours * BYTES_PER_COLOUR;
  if (dump.length < start + strideBytes * height) throw new Error('The dump is cut off.');
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = start + y * strideBytes;
    pixels.set(dump.subarray(from, from + width * 4), y * width * 4);
  }
  return { width, height, pixels };
}
