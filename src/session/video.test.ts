import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CONTINUOUS,
  LOSSLESS,
  type MemoryViewer,
  type ReceivedUpdate,
} from '../../test/support/memory-viewer.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../pixels/rect.ts';
import * as wire from '../protocol/constants.ts';
import type { ServerRect } from '../protocol/server-message-reader.ts';

const SIZE: Size = { width: 256, height: 192 };
const VIDEO = { areaPercent: 45, timeMs: 150, outTimeMs: 250, maxSize: { width: 128, height: 96 } };

const LEVEL_8 = wire.PSEUDO_QUALITY_FIRST + 8;
const STANDARD = [...CONTINUOUS, LEVEL_8];
const OURS = [...STANDARD, wire.PSEUDO_LAST_RECT, wire.PSEUDO_DESKWIRE];
const KASM = [...STANDARD, wire.PSEUDO_MAX_VIDEO_RESOLUTION];

/** A frame of a film: soft waves of another length than in the frame before, with more colours than a palette holds. */
function film({ width, height }: Size, frame: number): Uint32Array {
  return Uint32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const wave = (phase: number): number =>
      Math.round(127 + 100 * Math.sin(x / (15 + (frame % 5)) + frame + phase) * Math.cos(y / 23 - phase));
    return (wave(0) << 16) | (wave(1) << 8) | wave(2);
  });
}

/** Shows a film in a part of the screen until it is disposed of. */
class Film implements Disposable {
  #frame = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(room: TestSession, rect: Rect) {
    this.#timer = setInterval(() => room.desktop.paint(rect, film(rect, this.#frame++)), 20);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

const jpegs = (rects: readonly ServerRect[]): { rect: ServerRect; data: Buffer }[] =>
  rects.flatMap((rect) =>
    rect.body.kind === 'tightJpeg' ? [{ rect, data: Buffer.from(rect.body.data) }] : [],
  );

/** A JPEG's size, from its frame header: marker, length, precision, height, width. */
function pictureSize(data: Buffer): Size {
  const at = data.indexOf(Uint8Array.of(0xff, 0xc0));
  return { height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) };
}

/** The first divisor of a JPEG's quantization table. A larger one means less quality. */
const divisor = (data: Buffer): number => data[data.indexOf(Uint8Array.of(0xff, 0xdb)) + 5]!;

const isScaled = ({ rect, data }: { rect: ServerRect; data: Buffer }): boolean =>
  pictureSize(data).width < rect.width;

const scaledRects = (viewer: MemoryViewer) => jpegs(viewer.rects).filter(isScaled);

/** Mean difference of a colour channel between the viewer's screen and the desktop's. */
function meanError(room: TestSession, viewer: MemoryViewer): number {
  let sum = 0;
  for (const [i, pixel] of viewer.screen.entries()) {
    const wanted = room.desktop.colourAt(i % SIZE.width, Math.floor(i / SIZE.width));
    for (const shift of [0, 8, 16]) sum += Math.abs(((pixel >>> shift) & 0xff) - ((wanted >>> shift) & 0xff));
  }
  return sum / areaPx(SIZE) / 3;
}

suite('video mode', () => {
  test('pages of text that are turned quickly are sent without loss, not as video', async () => {
    await using room = new TestSession({ size: SIZE, video: { ...VIDEO, timeMs: 0 } });
    const viewer = await room.connect({ encodings: OURS });
    for (let page = 1; page <= 20; page++) {
      const text = Uint32Array.from({ length: areaPx(SIZE) }, (_, i) =>
        (Math.imul(i, page * 2_654_435_761) >>> 24) % 4 === 0 ? 0x202020 : 0xffffff,
      );
      room.desktop.paint(wholeOf(SIZE), text);
      await room.untilShown(viewer);
    }
    assert.equal(jpegs(viewer.rects).length, 0);
  });

  test('video mode sends the page smaller pictures during a film, and the whole screen sharp after it', async () => {
    await using room = new TestSession({ size: SIZE, video: VIDEO });
    const viewer = await room.connect({ encodings: OURS });
    {
      using _ = new Film(room, wholeOf(SIZE));
      await viewer.until('smaller pictures', () => scaledRects(viewer).length > 10);
    }
    for (const { rect, data } of scaledRects(viewer)) {
      assert.deepEqual(pictureSize(data), { width: rect.width / 2, height: rect.height / 2 });
    }
    const isSmaller = ({ rects }: ReceivedUpdate): boolean => jpegs(rects).some(isScaled);
    const isWhole = ({ rects }: ReceivedUpdate): boolean =>
      rects.reduce((sum, rect) => sum + areaPx(rect), 0) >= areaPx(SIZE);
    // On a busy machine the film may pause for so long that video mode has ended before the film.
    const afterSmaller = (): ReceivedUpdate[] =>
      viewer.updates.slice(viewer.updates.findLastIndex(isSmaller) + 1);
    await viewer.until('the sharp frame', () => afterSmaller().some(isWhole) && meanError(room, viewer) < 2);
  });

  test('video mode sends a standard viewer full-size pictures of lower quality, and then sharp ones', async () => {
    await using room = new TestSession({ size: SIZE, video: { ...VIDEO, qualityLevel: 1 } });
    const viewer = await room.connect({ encodings: STANDARD, updates: 'continuous' });
    const coarse = (): Buffer[] =>
      jpegs(viewer.rects).flatMap(({ data }) => (divisor(data) > 10 ? [data] : []));
    {
      using _ = new Film(room, wholeOf(SIZE));
      await viewer.until('coarse pictures', () => coarse().length > 5);
    }
    assert.equal(scaledRects(viewer).length, 0);
    await viewer.until('a sharp picture', () => meanError(room, viewer) < 2);
  });

  test('video mode does not begin without a quality level, nor while too little of the screen moves', async () => {
    await using room = new TestSession({ size: SIZE, video: VIDEO });
    const exact = await room.connect({ encodings: LOSSLESS });
    const viewer = await room.connect({ encodings: OURS });
    const before = performance.now();
    {
      // A third of the screen.
      using _ = new Film(room, { x: 0, y: 0, width: 128, height: 128 });
      await viewer.until('time for video mode', () => performance.now() - before > 3 * VIDEO.timeMs);
    }
    assert.equal(scaledRects(viewer).length, 0);
    {
      using _ = new Film(room, wholeOf(SIZE));
      await viewer.until('smaller pictures', () => scaledRects(viewer).length > 0);
    }
    await viewer.until('the sharp frame', () => meanError(room, viewer) < 2);
    await room.untilShown(exact);
    assert.equal(jpegs(exact.rects).length, 0);
  });

  test('video mode follows the settings of the viewer', async () => {
    await using room = new TestSession({ size: SIZE, video: { ...VIDEO, areaPercent: 100 } });
    const other = await room.connect({ encodings: OURS });
    const viewer = await room.connect({
      encodings: [...KASM, wire.PSEUDO_VIDEO_AREA_FIRST + 39, wire.PSEUDO_VIDEO_TIME_FIRST],
      updates: 'continuous',
    });
    viewer.send({ type: 'setMaxVideoResolution', width: 64, height: 64 });
    {
      using _ = new Film(room, wholeOf(SIZE));
      await viewer.until('smaller pictures', () => scaledRects(viewer).length > 5);
    }
    for (const { rect, data } of scaledRects(viewer)) {
      assert.deepEqual(pictureSize(data), { width: rect.width / 4, height: rect.height / 4 });
    }
    assert.equal(scaledRects(other).length, 0);
  });

  test('the statistics of a frame have the time for scaling video', async () => {
    await using room = new TestSession({ size: SIZE, video: VIDEO });
    await room.connect({ encodings: OURS });
    const encodingTotal = async () => {
      const { server_side } = await room.session.frameStats({ kind: 'none' });
      const entry = server_side.find((candidate) => 'videoscaling_us' in candidate);
      assert.ok(entry && 'videoscaling_us' in entry);
      return entry;
    };
    assert.equal((await encodingTotal()).videoscaling_us, 0);
    using _ = new Film(room, wholeOf(SIZE));
    // On a busy machine the film may pause for so long that video mode ends for a while.
    await waitFor('a scaled frame', async () => {
      const { time_us, videoscaling_us } = await encodingTotal();
      assert.ok(videoscaling_us <= time_us, `${videoscaling_us} of ${time_us} µs`);
      return videoscaling_us > 0;
    });
  });
});
