import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPhoto } from '../../../bench/painter/photo.ts';
import { withSlack } from '../../../test/support/limits.ts';
import { CONTINUOUS, LOSSLESS, type MemoryViewer } from '../../../test/support/memory-viewer.ts';
import { SyntheticBrush } from '../../../test/support/synthetic-brush.ts';
import { settle, TestSession } from '../../../test/support/test-session.ts';
import type { Rect } from '../../pixels/rect.ts';
import * as wire from '../../protocol/constants.ts';

const SIZE = { width: 640, height: 400 };
const PHOTO = createPhoto(SIZE.width, SIZE.height);
const OTHER_PHOTO = createPhoto(SIZE.width + 40, SIZE.height);
/** What holds still, and beside it what does not, in tiles of its own. */
const STILL: Rect = { x: 0, y: 0, width: 448, height: 400 };
const CLOCK: Rect = { x: 512, y: 320, width: 60, height: 40 };
const FILM: Rect = { x: 448, y: 0, width: 192, height: 256 };
const FINEST = wire.PSEUDO_FINE_QUALITY_LAST;
const PAGE = [...CONTINUOUS, wire.ENCODING_COPY_RECT, FINEST];
/** Half a second for half of the screen, as asserted. */
const LIMIT_MS = withSlack(500);

/** Whether a viewer shows the desktop's very pixels in `rect`. */
function isSharp({ desktop }: TestSession, viewer: MemoryViewer, rect: Rect): boolean {
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    for (let x = rect.x; x < rect.x + rect.width; x++) {
      if (viewer.pixelAt(x, y) !== desktop.colourAt(x, y)) return false;
    }
  }
  return true;
}

/** Paints something else every few milliseconds until it is stopped. */
function keepPainting(paint: (step: number) => void, everyMs: number): () => void {
  let step = 0;
  const timer = setInterval(() => paint(step++), everyMs);
  return () => clearInterval(timer);
}

const bytesOf = ({ wire: { sent } }: MemoryViewer): number =>
  sent.reduce((sum, { length }) => sum + length, 0);

suite('what holds still is sharpened', () => {
  for (const [name, options] of Object.entries({
    'continuous updates': { encodings: PAGE, updates: 'continuous' },
    'open updates': { encodings: [...PAGE, wire.PSEUDO_LAST_RECT], updates: 'continuous' },
    'asking each time': { encodings: [...LOSSLESS, FINEST], updates: 'requested' },
  } as const)) {
    test(`beside a clock that ticks with every frame: ${name}`, async () => {
      await using room = new TestSession({ size: SIZE, maxFps: 60 });
      const brush = new SyntheticBrush(room.desktop, PHOTO);
      const viewer = await room.connect(options);
      await room.untilShown(viewer);
      const stop = keepPainting((step) => room.desktop.paint(CLOCK, step), 4);
      try {
        brush.photo(0, 0, STILL);
        await viewer.until('the still half', () => isSharp(room, viewer, STILL), LIMIT_MS);
      } finally {
        stop();
      }
    });

    test(`beside a film, though each capture is due before the last one is sent: ${name}`, async () => {
      await using room = new TestSession({ size: SIZE, maxFps: 60 });
      room.desktop.captureMs = 25;
      const brush = new SyntheticBrush(room.desktop, PHOTO);
      const viewer = await room.connect(options);
      await room.untilShown(viewer);
      const stop = keepPainting((step) => brush.photo(step % 200, step % 100, FILM), 8);
      try {
        brush.photo(0, 0, STILL);
        await viewer.until('the still half', () => isSharp(room, viewer, STILL), LIMIT_MS);
      } finally {
        stop();
      }
    });
  }

  test('once: then nothing is sent any more, nor by scrolling to and fro', async () => {
    await using room = new TestSession({ size: SIZE, maxFps: 60 });
    const brush = new SyntheticBrush(room.desktop, PHOTO);
    const viewer = await room.connect({ encodings: PAGE, updates: 'continuous' });
    brush.photo(0, 0, { x: 0, y: 0, ...SIZE });
    await room.untilShown(viewer);
    for (let round = 0; round < 2; round++) {
      for (const rows of [8, 16, 24]) {
        room.desktop.scroll(STILL, rows);
        await settle(60);
      }
      await room.untilShown(viewer);
      await settle(100);
      const before = bytesOf(viewer);
      await settle(900);
      assert.equal(bytesOf(viewer), before);
    }
  });

  test('and what was sent without loss, or copied from what is sharp, is not sent again', async () => {
    await using room = new TestSession({ size: SIZE, maxFps: 60 });
    const brush = new SyntheticBrush(room.desktop, PHOTO);
    const viewer = await room.connect({ encodings: PAGE, updates: 'continuous' });
    brush.photo(0, 0, { x: 0, y: 0, ...SIZE });
    await room.untilShown(viewer);
    // Blurred, and covered by plain colour before it could be sharpened.
    const jpegs = viewer.rectsOf('tightJpeg').length;
    new SyntheticBrush(room.desktop, OTHER_PHOTO).photo(0, 0, STILL);
    await viewer.until('the picture', () => viewer.rectsOf('tightJpeg').length > jpegs);
    await settle(60);
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x224466);
    await room.untilShown(viewer);
    const before = viewer.updates.length;
    await settle(900);
    assert.equal(viewer.updates.length, before);
    // A page that is sharp stays so as it scrolls: of the photograph only what is uncovered is new.
    brush.photo(0, 0, { x: 0, y: 0, ...SIZE });
    const copies = viewer.rectsOf('copyRect').length;
    // After some new pictures motions are looked for in some captures only.
    while (viewer.rectsOf('copyRect').length === copies) {
      room.desktop.scroll({ x: 0, y: 0, ...SIZE }, 16);
      await settle(60);
    }
    await room.untilShown(viewer);
    await settle(400);
    const from = viewer.updates.length;
    room.desktop.scroll({ x: 0, y: 0, ...SIZE }, 16);
    await room.untilShown(viewer);
    await settle(900);
    const sentPx = viewer.updates
      .slice(from)
      .flatMap(({ rects }) => rects)
      .filter(({ body }) => body.kind !== 'copyRect')
      .reduce((sum, { width, height }) => sum + width * height, 0);
    assert.ok(sentPx < (SIZE.width * SIZE.height) / 4, `${sentPx} pixels`);
  });
});
