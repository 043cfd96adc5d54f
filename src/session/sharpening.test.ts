import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { withSlack } from '../../test/support/limits.ts';
import { CONTINUOUS, LOSSLESS, type MemoryViewer } from '../../test/support/memory-viewer.ts';
import { SyntheticBrush } from '../../test/support/synthetic-brush.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { intersect, type Rect } from '../pixels/rect.ts';
import * as wire from '../protocol/constants.ts';

const SIZE = { width: 640, height: 400 };
const PHOTO = createPhoto(SIZE.width, SIZE.height);
const OTHER_PHOTO = createPhoto(SIZE.width + 40, SIZE.height);
/** A part that holds still, and two that keep changing, in tiles of their own. */
const STILL: Rect = { x: 0, y: 0, width: 448, height: 400 };
const CLOCK: Rect = { x: 512, y: 320, width: 60, height: 40 };
const FILM: Rect = { x: 448, y: 0, width: 192, height: 256 };
const FINEST = wire.PSEUDO_FINE_QUALITY_LAST;
const PAGE = [...CONTINUOUS, wire.ENCODING_COPY_RECT, FINEST];
/**
 * Half of the screen is sharp half a second after it stops changing. The limit has more slack than others, because two
 * painters compete with it here; without its turn, the still part would stay blurred as long as they paint.
 */
const LIMIT_MS = withSlack(2_000);

/** Whether a viewer shows exactly the desktop's pixels in `rect`. */
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

/** A place for `untilSharpened`, in a tile of its own. */
const MARK: Rect = { x: 576, y: 256, width: 60, height: 60 };

/**
 * Waits until everything that holds still now has been sharpened, if it has to be. Paints a photograph at MARK, which
 * is sharpened after it, and waits until that is sharp.
 */
async function untilSharpened(room: TestSession, viewer: MemoryViewer, brush: SyntheticBrush): Promise<void> {
  for (let round = 0; round < 2; round++) {
    brush.photo(round * 7, round * 5, MARK);
    await room.quiet();
    await viewer.until('the mark', () => isSharp(room, viewer, MARK));
    await room.quiet();
  }
}

/** Number of pixels in rects outside of MARK other than copies, in all updates from number `from` on. */
function sentPx(viewer: MemoryViewer, from: number): number {
  return viewer.updates
    .slice(from)
    .flatMap(({ rects }) => rects)
    .filter(({ body }) => body.kind !== 'copyRect')
    .filter(({ x, y, width, height }) => !contains(MARK, { x, y, width, height }))
    .reduce((sum, { width, height }) => sum + width * height, 0);
}

const contains = (outer: Rect, inner: Rect): boolean => {
  const part = intersect(outer, inner);
  return part?.width === inner.width && part.height === inner.height;
};

suite('a part of the screen that holds still is sharpened', () => {
  for (const [name, options] of Object.entries({
    'continuous updates': { encodings: PAGE, updates: 'continuous' },
    'the top of a frame first': { encodings: [...PAGE, wire.PSEUDO_LAST_RECT], updates: 'continuous' },
    'a request for each update': { encodings: [...LOSSLESS, FINEST], updates: 'requested' },
  } as const)) {
    test(`a still part is sharpened next to a clock that ticks with every frame, with ${name}`, async () => {
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

    test(`a still part is sharpened next to a film whose captures outpace its updates, with ${name}`, async () => {
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

  test('a still part is sharpened once, and not again after scrolling', async () => {
    await using room = new TestSession({ size: SIZE, maxFps: 60 });
    const brush = new SyntheticBrush(room.desktop, PHOTO);
    const viewer = await room.connect({ encodings: PAGE, updates: 'continuous' });
    brush.photo(0, 0, { x: 0, y: 0, ...SIZE });
    await room.untilShown(viewer);
    // Tiles of the first picture may be due still, although they are exact by luck.
    await untilSharpened(room, viewer, brush);
    for (let round = 0; round < 2; round++) {
      for (const rows of [8, 16, 24]) {
        room.desktop.scroll(STILL, rows);
        await room.quiet();
      }
      await room.untilShown(viewer);
      await room.quiet();
      const before = viewer.updates.length;
      await untilSharpened(room, viewer, brush);
      assert.equal(sentPx(viewer, before), 0);
    }
  });

  test('a still part is not sharpened if it was sent without loss or copied from sharp pixels', async () => {
    await using room = new TestSession({ size: SIZE, maxFps: 60 });
    const brush = new SyntheticBrush(room.desktop, PHOTO);
    const viewer = await room.connect({ encodings: PAGE, updates: 'continuous' });
    brush.photo(0, 0, { x: 0, y: 0, ...SIZE });
    await room.untilShown(viewer);
    // Sent with loss, and covered by plain colour before it could be sharpened.
    const jpegs = viewer.rectsOf('tightJpeg').length;
    new SyntheticBrush(room.desktop, OTHER_PHOTO).photo(0, 0, STILL);
    await viewer.until('the picture', () => viewer.rectsOf('tightJpeg').length > jpegs);
    await room.quiet();
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x224466);
    await room.untilShown(viewer);
    const before = viewer.updates.length;
    await untilSharpened(room, viewer, brush);
    assert.equal(sentPx(viewer, before), 0);
    // A sharp page stays sharp while it scrolls: only the rows that scroll into view are new.
    brush.photo(0, 0, { x: 0, y: 0, ...SIZE });
    const copies = viewer.rectsOf('copyRect').length;
    // After some new pictures the desktop looks for motion in some captures only.
    while (viewer.rectsOf('copyRect').length === copies) {
      room.desktop.scroll({ x: 0, y: 0, ...SIZE }, 16);
      await room.quiet();
    }
    await room.untilShown(viewer);
    await untilSharpened(room, viewer, brush);
    const from = viewer.updates.length;
    room.desktop.scroll({ x: 0, y: 0, ...SIZE }, 16);
    await room.untilShown(viewer);
    await untilSharpened(room, viewer, brush);
    const px = sentPx(viewer, from);
    assert.ok(px < (SIZE.width * SIZE.height) / 4, `${px} pixels`);
  });
});
