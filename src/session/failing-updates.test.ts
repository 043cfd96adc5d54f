import assert from 'node:assert/strict';
import { afterEach, mock, suite, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { CONTINUOUS, LOSSLESS, type MemoryViewer } from '../../test/support/memory-viewer.ts';
import { paintPage } from '../../test/support/scrolling-page.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { EncoderPool } from '../encode/pool.ts';
import { DirtyTiles } from '../pixels/dirty-tiles.ts';
import * as wire from '../protocol/constants.ts';
import { TIGHT_MAX_WIDTH } from '../protocol/tight.ts';
import { type CountedWork, FrameRecord } from './frame/frame-record.ts';
import { Blur } from './picture/blur.ts';
import { Lacks } from './picture/lacks.ts';
import { LinkQuality } from './picture/link-quality.ts';

const SIZE = { width: 320, height: 256 };
const PAGE = { x: 10, y: 10, width: 290, height: 230 };
const WHOLE = { x: 0, y: 0, ...SIZE };
const COPYING = [...CONTINUOUS, wire.ENCODING_COPY_RECT];
/** Without fences, so that no measurement makes the link seem too slow for an update that begins with the top. */
const TOP_FIRST = [...LOSSLESS, wire.PSEUDO_CONTINUOUS_UPDATES, wire.PSEUDO_LAST_RECT, wire.PSEUDO_CURSOR];
/** JPEG for what changes, no loss for what holds still. */
const LOSSY = [...CONTINUOUS, wire.PSEUDO_FINE_QUALITY_LAST];
const PHOTO = createPhoto(SIZE.width, SIZE.height).pixels.map((pixel) => pixel & 0xffffff);

/** Has the next call of a method for which `when` holds throw. The returned function says whether it has thrown. */
function failOnce(
  object: object,
  name: string,
  when: (args: readonly unknown[]) => boolean = () => true,
): () => boolean {
  let failed = false;
  const methods = object as Record<string, (...args: unknown[]) => unknown>;
  const original = methods[name]!;
  mock.method(methods, name, function (this: unknown, ...args: unknown[]): unknown {
    if (failed || !when(args)) return original.apply(this, args);
    failed = true;
    throw new Error('This step was to fail.');
  });
  return () => failed;
}

const isPlanning = ([maxWidth]: readonly unknown[]): boolean => maxWidth === TIGHT_MAX_WIDTH;

interface Step {
  readonly name: string;
  /** Encodings of the viewers that the error may concern. */
  readonly encodings: readonly number[];
  fail(): () => boolean;
  /** Leads to an update in which the step is taken. */
  paint(room: TestSession): void;
}

const fill = (room: TestSession): void => room.desktop.paint(WHOLE, 0x112233);
const scroll = (room: TestSession): void => room.desktop.scroll(PAGE, 9);
const photo = (room: TestSession): void => room.desktop.paint(WHOLE, PHOTO);

const STEPS: readonly Step[] = [
  {
    name: 'an encoding job',
    encodings: CONTINUOUS,
    fail: () => failOnce(EncoderPool.prototype, 'encodeRect'),
    paint: fill,
  },
  {
    name: 'the planning of rects',
    encodings: CONTINUOUS,
    fail: () => failOnce(DirtyTiles.prototype, 'rects', isPlanning),
    paint: fill,
  },
  {
    name: 'the taking of what a viewer lacks',
    encodings: CONTINUOUS,
    fail: () => failOnce(Lacks.prototype, 'take'),
    paint: fill,
  },
  {
    name: 'the choice of a quality, after the tiles were taken',
    encodings: LOSSY,
    fail: () => failOnce(LinkQuality.prototype, 'choose'),
    paint: fill,
  },
  {
    name: 'the planning of copies',
    encodings: COPYING,
    fail: () => failOnce(DirtyTiles.prototype, 'rects', ([, reach]) => reach === 'dirty pixels'),
    paint: scroll,
  },
  {
    name: 'the noting of copies',
    encodings: COPYING,
    fail: () => failOnce(Lacks.prototype, 'changed', ([, copies]) => copies !== undefined),
    paint: scroll,
  },
  {
    name: 'the writing of copies',
    encodings: COPYING,
    fail: () =>
      failOnce(FrameRecord.prototype, 'count', ([work]) => (work as CountedWork).encoder === 'CopyRect'),
    paint: scroll,
  },
  {
    name: 'the taking of the top',
    encodings: TOP_FIRST,
    fail: () => failOnce(Lacks.prototype, 'takeTop'),
    paint: fill,
  },
  {
    name: 'the planning of the top',
    encodings: TOP_FIRST,
    fail: () => failOnce(DirtyTiles.prototype, 'rects', isPlanning),
    paint: fill,
  },
  {
    name: 'the taking of the rest, after the top was sent',
    encodings: TOP_FIRST,
    fail: () => failOnce(Lacks.prototype, 'take'),
    paint: fill,
  },
  {
    name: 'the taking of tiles to sharpen',
    encodings: LOSSY,
    fail: () => failOnce(Blur.prototype, 'take'),
    paint: photo,
  },
  {
    name: 'the search for tiles to sharpen',
    encodings: LOSSY,
    fail: () => failOnce(Blur.prototype, 'some'),
    paint: photo,
  },
  {
    name: 'the planning of sharpening',
    encodings: LOSSY,
    fail: () => {
      let sharpens = false;
      const { take } = Blur.prototype;
      mock.method(Blur.prototype, 'take', function (this: Blur, ...args: Parameters<typeof take>) {
        sharpens = true;
        return take.apply(this, args);
      });
      return failOnce(DirtyTiles.prototype, 'rects', (args) => sharpens && isPlanning(args));
    },
    paint: photo,
  },
  {
    name: 'the learning from what was sent',
    encodings: LOSSY,
    fail: () => failOnce(LinkQuality.prototype, 'learn'),
    paint: photo,
  },
];

async function untilExactOrClosed(room: TestSession, viewer: MemoryViewer): Promise<void> {
  await viewer.until('the picture, or its end', () => {
    if (viewer.wire.isOver) return viewer.wire.closedReason;
    return room.difference(viewer) === undefined;
  });
}

suite('an error in one step of an update', () => {
  afterEach(() => mock.restoreAll());

  for (const step of STEPS) {
    test(`an error in ${step.name} leaves every viewer with the exact picture or closed`, async () => {
      await using room = new TestSession({ size: SIZE });
      const concerned = [
        await room.connect({ encodings: step.encodings, updates: 'continuous' }),
        await room.connect({ encodings: step.encodings, updates: 'continuous' }),
      ];
      const other = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_COMPRESSION_FIRST + 9] });
      paintPage(room, PAGE);
      for (const viewer of room.viewers) await room.untilShown(viewer);
      await room.quiet();
      const hasFailed = step.fail();
      step.paint(room);
      await other.until('the error', hasFailed);
      for (const viewer of room.viewers) await untilExactOrClosed(room, viewer);
      // At most those whose update the error was in are closed.
      assert.ok(room.viewers.some(({ wire: { isOver } }) => !isOver));
      room.desktop.paint({ x: 3, y: 3, width: 200, height: 300 }, 0x998877);
      for (const viewer of room.viewers) await untilExactOrClosed(room, viewer);
      const next = await room.connect({ encodings: step.encodings, updates: 'continuous' });
      await room.untilShown(next);
      assert.ok(concerned.every(({ failure }) => failure === undefined));
    });
  }

  test('an error in an update is the answer for callers that wait for statistics of that frame', async () => {
    await using room = new TestSession({ size: SIZE });
    await room.untilShown(await room.connect());
    for (const fail of [
      () => failOnce(EncoderPool.prototype, 'encodeRect'),
      () => failOnce(Lacks.prototype, 'take'),
    ]) {
      const hasFailed = fail();
      await assert.rejects(room.session.frameStats({ kind: 'none' }), /was to fail/);
      assert.ok(hasFailed());
      assert.equal((await room.session.frameStats({ kind: 'none' })).frame.resx, SIZE.width);
    }
  });

  test('an error before an update begins closes the viewers that lack it, and new ones are served', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    await room.quiet();
    const hasFailed = failOnce(EncoderPool.prototype, 'webpPx');
    await room.session.sendFullFrame();
    await viewer.until('the end', () => viewer.wire.isOver);
    assert.ok(hasFailed());
    await room.untilShown(await room.connect({ encodings: CONTINUOUS, updates: 'continuous' }));
  });

  test('an error while a rect is passed to one viewer closes that viewer alone', async () => {
    await using room = new TestSession({ size: SIZE });
    const broken = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    const others = [
      await room.connect({ encodings: CONTINUOUS, updates: 'continuous' }),
      await room.connect({ encodings: LOSSLESS }),
    ];
    for (const viewer of room.viewers) await room.untilShown(viewer);
    for (const failingCall of [1, 2]) {
      let calls = 0;
      const fails = failOnce(broken.wire, 'send', () => ++calls === failingCall);
      fill(room);
      await others[0]!.until('the error', fails);
      await untilExactOrClosed(room, broken);
      for (const other of others) await room.untilShown(other);
      if (broken.wire.isOver) break;
      room.desktop.paint(WHOLE, 0x445566);
    }
    assert.ok(broken.wire.isOver);
  });
});
