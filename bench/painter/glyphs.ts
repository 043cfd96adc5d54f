import { CHARACTERS, FIRST_CHARACTER, type FontBits } from './font.ts';
import { type PaintingDisplay, replyTo, roundTrip } from './x11-client.ts';

/** A font that every X server has built in. */
const FONT = 'fixed';
const FONT_WIDTH = 6;
const FONT_HEIGHT = 13;
const FONT_ASCENT = 11;

const Z_PIXMAP = 2;

export const CELL_WIDTH = 9;
export const CELL_HEIGHT = 20;

/** Coverage of each pixel by a glyph, 0-1: `CELL_WIDTH` × `CELL_HEIGHT` values for each printable ASCII character. */
export type Glyphs = readonly Float32Array[];

/**
 * Returns the glyphs of the X server's font at one and a half times their size, with smooth edges. To an encoder,
 * text on current desktops looks like this: not two colours, but many between two.
 */
export async function readGlyphs(display: PaintingDisplay): Promise<Glyphs> {
  const { bits } = await readFontBits(display);
  return Array.from({ length: CHARACTERS }, (_, index) => {
    const at = (x: number, y: number): number =>
      x < 0 || y < 0 || x >= FONT_WIDTH || y >= FONT_HEIGHT
        ? 0
        : bits[y * FONT_WIDTH * CHARACTERS + index * FONT_WIDTH + x]!;
    return Float32Array.from({ length: CELL_WIDTH * CELL_HEIGHT }, (_value, i) =>
      sample(at, (i % CELL_WIDTH) / 1.5, Math.floor(i / CELL_WIDTH) / 1.5),
    );
  });
}

/** Interpolates bilinearly, weighted towards the nearest pixel so that stems stay dark. */
function sample(at: (x: number, y: number) => number, x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const smooth = (t: number): number => t * t * (3 - 2 * t);
  const across = smooth(x - column);
  const down = smooth(y - row);
  const upper = at(column, row) * (1 - across) + at(column + 1, row) * across;
  const lower = at(column, row + 1) * (1 - across) + at(column + 1, row + 1) * across;
  return upper * (1 - down) + lower * down;
}

/** Draws all printable ASCII characters of the X server's font in one row of a pixmap and reads it back. */
export async function readFontBits({ client, screen }: PaintingDisplay): Promise<FontBits> {
  const [pixmap, font, context] = [client.AllocID(), client.AllocID(), client.AllocID()];
  const width = FONT_WIDTH * CHARACTERS;
  client.CreatePixmap(pixmap, screen[0]!.root, 24, width, FONT_HEIGHT);
  client.OpenFont(font, FONT);
  client.CreateGC(context, pixmap, { foreground: 0xffffff, background: 0, font });
  const text = String.fromCharCode(...Array.from({ length: CHARACTERS }, (_, i) => FIRST_CHARACTER + i));
  client.ImageText8(pixmap, context, 0, FONT_ASCENT, text);
  const image = await replyTo<{ data: Buffer }>((done) =>
    client.GetImage(Z_PIXMAP, pixmap, 0, 0, width, FONT_HEIGHT, 0xffffffff, done),
  );
  client.FreePixmap(pixmap);
  await roundTrip(client);
  const bits = Uint8Array.from({ length: width * FONT_HEIGHT }, (_, i) => (image.data[i * 4]! > 0 ? 1 : 0));
  return { width: FONT_WIDTH, height: FONT_HEIGHT, bits };
}

export const glyphIndex = (character: string): number => character.charCodeAt(0) - FIRST_CHARACTER;
