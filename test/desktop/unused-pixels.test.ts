import assert from 'node:assert/strict';
import { renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { MadeModes } from '../../src/desktop/x11/screen/made-modes.ts';
import { Resizer } from '../../src/desktop/x11/screen/resizer.ts';
import { UnusedPixels } from '../../src/desktop/x11/server/unused-pixels.ts';
import { Xvfb } from '../../src/desktop/x11/server/xvfb.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import type { Size } from '../../src/pixels/rect.ts';
import { bareDesktop, until, xwd } from './support.ts';

/** Below the desktop are 7 MB of the framebuffer, which are given back in several parts. */
const LARGE: Size = { width: 1600, height: 1200 };
const SMALL: Size = { width: 64, height: 64 };
const FRAMEBUFFER_BYTES = 1600 * 1200 * 4;

let xvfb: Xvfb;
let x: XConnection;
let resizer: Resizer;
/** The connection of a program in the desktop. */
let program: XConnection;

beforeEach(async () => {
  xvfb = await Xvfb.start({ maxSize: LARGE });
  x = await XConnection.open(xvfb);
  resizer = await Resizer.open(x, new MadeModes(true));
  await resizer.resize(SMALL);
  program = await XConnection.open(xvfb);
});
afterEach(async () => {
  await x.close();
  await program.close();
  await xvfb.close();
});

const fileBytes = (): number => statSync(xvfb.framebuffer).blocks * 512;

test('memory of a framebuffer is given back in parts, and the X server serves others between them', async () => {
  assert.ok(fileBytes() > FRAMEBUFFER_BYTES / 2);
  const sizes: number[] = [];
  const served: number[] = [];
  const size = async (): Promise<Size> => {
    sizes.push(fileBytes());
    void program.sync().then(() => served.push(sizes.length));
    return resizer.size();
  };
  const unused = new UnusedPixels(xvfb.framebuffer, x, { size }, 0);
  unused.giveBackLater();
  await until(() => fileBytes() < FRAMEBUFFER_BYTES / 20, 'the memory is given back');
  await unused.stop();
  assert.ok(sizes.length > 1, `${sizes.length} parts`);
  assert.ok(
    sizes.every((bytes, i) => i === 0 || bytes < sizes[i - 1]!),
    `${sizes} bytes`,
  );
  await until(() => served.length === sizes.length, 'the X server serves another connection');
});

test('no pixel is lost if a program makes the desktop grow while memory is given back', async () => {
  program.client.ChangeWindowAttributes(program.root, { backgroundPixel: 0x2f4858 });
  program.client.ClearArea(program.root, 0, 0, 0, 0, 0);
  const resizerOfProgram = await Resizer.open(program, new MadeModes(true));
  let resized: Promise<Size> | undefined;
  let parts = 0;
  const size = async (): Promise<Size> => {
    parts++;
    // The server is grabbed: it carries this out when the first part is over.
    resized ??= resizerOfProgram.resize(LARGE);
    return resizer.size();
  };
  const unused = new UnusedPixels(xvfb.framebuffer, x, { size }, 0);
  unused.giveBackLater();
  await until(() => resized !== undefined, 'a part');
  assert.deepEqual(await resized, LARGE);
  await until(() => parts > 1, 'another part');
  await unused.stop();
  const { pixels } = await xwd({ ...process.env, DISPLAY: xvfb.display, XAUTHORITY: xvfb.authority });
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4);
  assert.equal(
    words.findIndex((pixel) => (pixel & 0xffffff) === 0),
    -1,
    'a pixel is not the colour of the desktop',
  );
});

test('memory that cannot be given back stays, and the X server is not left grabbed', async () => {
  let parts = 0;
  const size = (): Promise<Size> => {
    parts++;
    return resizer.size();
  };
  const unused = new UnusedPixels(`${xvfb.framebuffer}.missing`, x, { size }, 0);
  unused.giveBackLater();
  await until(() => parts > 0, 'an attempt');
  await unused.stop();
  await program.sync();
});

test('a desktop is resized although the memory of its framebuffer cannot be given back', async () => {
  const { desktop, env } = await bareDesktop();
  const framebuffer = join(dirname(env.XAUTHORITY!), 'Xvfb_screen0');
  renameSync(framebuffer, `${framebuffer}.moved`);
  try {
    assert.deepEqual(await desktop.resize(SMALL), SMALL);
  } finally {
    renameSync(`${framebuffer}.moved`, framebuffer);
    await desktop.close();
  }
});
