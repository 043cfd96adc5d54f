import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Canvas } from '../../bench/painter/canvas.ts';
import { readGlyphs } from '../../bench/painter/glyphs.ts';
import { createPhoto } from '../../bench/painter/photo.ts';
import type { Picture } from '../../bench/painter/picture.ts';
import { createTextPage } from '../../bench/painter/text-page.ts';
import type { Peer } from '../../bench/peers/peer.ts';
import { startTigerVnc } from '../../bench/peers/tigervnc.ts';
import {
  ENCODING_RAW,
  ENCODING_TIGHT,
  PSEUDO_COMPRESSION_FIRST,
  PSEUDO_QUALITY_FIRST,
} from '../../src/protocol/constants.ts';
import { STANDARD_ENCODINGS, Viewer, type ViewerOptions } from './viewer.ts';
import { readScreen, type ScreenPicture } from './xwd.ts';

const SIZE = { width: 641, height: 363 };
const QUALITY = PSEUDO_QUALITY_FIRST + 5;
const LOSSLESS = STANDARD_ENCODINGS.filter((encoding) => encoding !== QUALITY);

let server: Peer;
let canvas: Canvas;
let photo: Picture;
let text: Picture;

before(async () => {
  server = await startTigerVnc(SIZE);
  canvas = await Canvas.open(server.display);
  photo = createPhoto(SIZE.width, SIZE.height);
  text = createTextPage(SIZE.width, SIZE.height, 20, await readGlyphs(canvas.display));
});

after(async () => {
  canvas?.close();
  await server?.close();
});

async function paint(picture: Picture): Promise<void> {
  const shared = await canvas.share(picture);
  canvas.put(shared, 0, 0, SIZE, 0, 0);
  await canvas.unshare(shared);
}

async function connect(options: ViewerOptions): Promise<Viewer> {
  const { target } = server;
  assert.equal(target.kind, 'tcp');
  return Viewer.connectTcp(target.kind === 'tcp' ? target.port : 0, options);
}

/** Returns the largest difference of any colour of any pixel. */
function largestDifference(viewer: Viewer, screen: ScreenPicture): number {
  let largest = 0;
  const { pixels } = viewer.framebuffer;
  for (let i = 0; i < screen.pixels.length; i++) {
    if (i % 4 !== 3) largest = Math.max(largest, Math.abs(pixels[i]! - screen.pixels[i]!));
  }
  return largest;
}

const LOSSLESS_LISTS: Readonly<Record<string, readonly number[]>> = {
  Tight: LOSSLESS,
  'Tight at compression level 9': [...LOSSLESS, PSEUDO_COMPRESSION_FIRST + 9],
  Raw: [ENCODING_RAW],
};

for (const [name, encodings] of Object.entries(LOSSLESS_LISTS)) {
  test(`the test viewer shows exactly what a TigerVNC server sends as ${name}`, async () => {
    const viewer = await connect({ encodings });
    for (const picture of [photo, text, photo]) {
      await paint(picture);
      const screen = await readScreen(server.display);
      await viewer.waitForUpdate(() => largestDifference(viewer, screen) === 0);
    }
    await viewer.close();
  });
}

for (const updates of ['continuous', 'requested'] as const) {
  test(`the test viewer with ${updates} updates shows every change within JPEG's error`, async () => {
    const viewer = await connect({ updates });
    for (const picture of [text, photo, text, photo]) {
      await paint(picture);
      const screen = await readScreen(server.display);
      await viewer.waitForUpdate(() => largestDifference(viewer, screen) < 100);
    }
    await viewer.close();
  });
}

test('a test viewer without requests gets an update only after it asks', async () => {
  // Without pseudo-encodings, because a cursor or a size would use up the one request.
  const viewer = await connect({ updates: 'none', encodings: [ENCODING_TIGHT, QUALITY] });
  await paint(text);
  await assert.rejects(viewer.waitForUpdate((_framebuffer, update) => update !== undefined, 200));
  const screen = await readScreen(server.display);
  viewer.requestUpdate(false);
  const update = await viewer.waitForUpdate(() => largestDifference(viewer, screen) < 100);
  assert.ok(update!.bytes > 1000, `${update!.bytes} bytes`);
  assert.ok(update!.rects.length > 0);
  assert.ok(update!.endMs >= update!.startMs);
  await viewer.close();
});

test('a test viewer gets nothing while it does not read, and everything when it reads again', async () => {
  const viewer = await connect({});
  await paint(text);
  const before = await readScreen(server.display);
  await viewer.waitForUpdate(() => largestDifference(viewer, before) < 100);
  viewer.pauseReading();
  await paint(photo);
  const screen = await readScreen(server.display);
  await assert.rejects(viewer.waitForUpdate(() => largestDifference(viewer, screen) < 100, 300));
  viewer.resumeReading();
  await viewer.waitForUpdate(() => largestDifference(viewer, screen) < 100);
  await viewer.close();
});

test('nonsense from the server ends the connection and rejects the waiting calls', async () => {
  const viewer = await connect({});
  viewer.sendRaw(Uint8Array.of(77, 77, 77, 77));
  await viewer.waitForClose();
  // Longer than the test may take: the call is not rejected by its limit.
  await assert.rejects(
    viewer.waitForUpdate(() => false, 3_600_000),
    /Closed/,
  );
});
