import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { TestSession, turns } from '../../test/support/test-session.ts';
import { DesktopError } from '../desktop/errors.ts';
import * as wire from '../protocol/constants.ts';
import type { ServerRect } from '../protocol/server-message-reader.ts';

const SIZE = { width: 200, height: 120 };
const MAX_SIZE = { width: 400, height: 300 };
/** Encodings of a viewer whose framebuffer keeps its size. */
const FIXED = [wire.ENCODING_TIGHT, wire.ENCODING_COPY_RECT];
const PLAIN = [wire.ENCODING_TIGHT, wire.PSEUDO_DESKTOP_SIZE];

const roomOf = (): TestSession => new TestSession({ size: SIZE, maxSize: MAX_SIZE });

function ask(viewer: MemoryViewer, width: number, height: number): void {
  const screens = [{ id: 1, x: 0, y: 0, width, height, flags: 0 }];
  viewer.send({ type: 'setDesktopSize', width, height, screens });
}

/** Reason, status, width and height of each ExtendedDesktopSize so far. */
const told = (viewer: MemoryViewer): number[][] =>
  viewer.rectsOf('extendedDesktopSize').map(({ x, y, width, height }: ServerRect) => [x, y, width, height]);

/** Asks for a size of a desktop of SIZE, and checks that the viewer is told that it may not. */
async function assertProhibited(viewer: MemoryViewer): Promise<void> {
  ask(viewer, 300, 200);
  await viewer.until('the answer', () => told(viewer).length === 2);
  assert.deepEqual(told(viewer).at(-1), [wire.RESIZE_REASON_THIS_CLIENT, wire.RESIZE_PROHIBITED, 200, 120]);
}

suite('a new size of the desktop', () => {
  test('every viewer is told a new size with its reason, and then sent the picture', async () => {
    await using room = roomOf();
    const asker = await room.connect();
    const other = await room.connect();
    const plain = await room.connect({ encodings: PLAIN });
    await room.untilShown(asker);
    assert.deepEqual(told(asker), [[wire.RESIZE_REASON_SERVER, 0, 200, 120]], 'the first size');
    ask(asker, 320, 240);
    for (const viewer of [asker, other, plain]) {
      await viewer.until('the size', () => viewer.size.width === 320 && viewer.size.height === 240);
      await room.untilShown(viewer);
    }
    assert.deepEqual(told(asker).at(-1), [wire.RESIZE_REASON_THIS_CLIENT, 0, 320, 240]);
    assert.deepEqual(told(other).at(-1), [wire.RESIZE_REASON_OTHER_CLIENT, 0, 320, 240]);
    assert.equal(plain.rectsOf('desktopSize').length, 1);
    assert.equal(told(asker).length, 2);
  });

  test('a new size that no viewer asked for has the server as its reason', async () => {
    await using room = roomOf();
    const viewer = await room.connect();
    await room.untilShown(viewer);
    await room.desktop.resize({ width: 100, height: 90 });
    await viewer.until('the size', () => viewer.size.width === 100);
    await room.untilShown(viewer);
    assert.deepEqual(told(viewer).at(-1), [wire.RESIZE_REASON_SERVER, 0, 100, 90]);
  });

  test('a requested size beyond the largest is granted as the largest', async () => {
    await using room = roomOf();
    const viewer = await room.connect();
    await room.untilShown(viewer);
    ask(viewer, 9000, 9000);
    await viewer.until('the size', () => viewer.size.width === 400);
    assert.deepEqual(told(viewer).at(-1), [wire.RESIZE_REASON_THIS_CLIENT, 0, 400, 300]);
  });

  test('a request for the present size is answered, and does not count for a later change', async () => {
    await using room = roomOf();
    const viewer = await room.connect();
    await room.untilShown(viewer);
    ask(viewer, 200, 120);
    await viewer.until('the answer', () => told(viewer).length === 2);
    assert.deepEqual(told(viewer).at(-1), [wire.RESIZE_REASON_THIS_CLIENT, 0, 200, 120]);
    await room.desktop.resize({ width: 100, height: 90 });
    await viewer.until('the size', () => viewer.size.width === 100);
    assert.deepEqual(told(viewer).at(-1), [wire.RESIZE_REASON_SERVER, 0, 100, 90]);
  });

  test('each of several viewers that request a size at once is answered', async () => {
    await using room = roomOf();
    const viewers = [await room.connect(), await room.connect()];
    for (const viewer of viewers) await room.untilShown(viewer);
    ask(viewers[0]!, 300, 200);
    ask(viewers[1]!, 310, 210);
    for (const viewer of viewers) {
      await viewer.until('the size', () => viewer.size.width === 310 && viewer.size.height === 210);
      await room.untilShown(viewer);
      assert.ok(
        told(viewer).some(([reason, status]) => reason === wire.RESIZE_REASON_THIS_CLIENT && status === 0),
      );
    }
  });

  test('a size that a newer request replaces is not set, and its viewer is answered', async () => {
    await using room = roomOf();
    const flooder = await room.connect();
    const other = await room.connect();
    for (const viewer of [flooder, other]) await room.untilShown(viewer);
    const carriedOut: number[][] = [];
    const first = Promise.withResolvers<void>();
    const resize = room.desktop.resize.bind(room.desktop);
    room.desktop.resize = async (size) => {
      carriedOut.push([size.width, size.height]);
      if (carriedOut.length === 1) await first.promise;
      return resize(size);
    };
    for (let i = 0; i < 100; i++) ask(flooder, 100 + i, 200);
    ask(other, 50, 60);
    // Messages of different viewers are handled in any order.
    await Promise.all([flooder.roundTrip(), other.roundTrip()]);
    ask(flooder, 300, 90);
    await flooder.roundTrip();
    first.resolve();
    for (const viewer of [flooder, other]) {
      await viewer.until('the last size', () => viewer.size.width === 300 && viewer.size.height === 90);
      await viewer.until('an answer', () =>
        told(viewer).some(([reason, status]) => reason === wire.RESIZE_REASON_THIS_CLIENT && status === 0),
      );
      await room.untilShown(viewer);
    }
    assert.deepEqual(carriedOut, [
      [100, 200],
      [300, 90],
    ]);
  });

  test('a size that was taken back before it was shown is answered with the present size', async () => {
    await using room = roomOf();
    const [one, other] = [await room.connect(), await room.connect()];
    for (const viewer of [one, other]) await room.untilShown(viewer);
    const captured = Promise.withResolvers<void>();
    const capture = room.desktop.capture.bind(room.desktop);
    room.desktop.capture = async (options) => {
      await captured.promise;
      return capture(options);
    };
    ask(one, 300, 200);
    await one.roundTrip();
    ask(other, 200, 120);
    for (const viewer of [one, other]) {
      await viewer.until('the answer', () => told(viewer).length === 2);
      assert.deepEqual(told(viewer).at(-1), [wire.RESIZE_REASON_THIS_CLIENT, 0, 200, 120]);
    }
    captured.resolve();
    await room.quiet();
    assert.equal(told(one).length, 2);
  });

  test('a viewer without the right to write is refused a new size', async () => {
    await using room = roomOf();
    const viewer = await room.connect({ user: { ...OWNER, write: false } });
    await room.untilShown(viewer);
    await assertProhibited(viewer);
    await room.quiet();
    assert.deepEqual(room.desktop.size, SIZE);
  });

  test('a size that the desktop cannot have is refused with "out of resources"', async () => {
    await using room = roomOf();
    const viewer = await room.connect();
    await room.untilShown(viewer);
    room.desktop.resize = () => Promise.reject(new Error('no such mode'));
    ask(viewer, 300, 200);
    await viewer.until('the answer', () => told(viewer).length === 2);
    assert.deepEqual(told(viewer).at(-1), [
      wire.RESIZE_REASON_THIS_CLIENT,
      wire.RESIZE_OUT_OF_RESOURCES,
      200,
      120,
    ]);
  });

  test('a viewer that cannot follow a larger size stays, and sees the upper left of the desktop', async () => {
    await using room = roomOf();
    const fixed = await room.connect({ encodings: FIXED });
    const other = await room.connect();
    await room.untilShown(fixed);
    await room.desktop.resize({ width: 390, height: 290 });
    await room.untilShown(other);
    room.desktop.paint({ x: 150, y: 50, width: 240, height: 240 }, 0x123456);
    room.desktop.paint({ x: 60, y: 100, width: 30, height: 90 }, 0x654321);
    // A copy of pixels that the viewer does not have would be wrong.
    room.desktop.scroll({ x: 0, y: 0, width: 390, height: 290 }, -40);
    await room.untilShown(fixed);
    assert.deepEqual(fixed.size, SIZE);
    await room.quiet();
    const before = fixed.updates.length;
    room.desktop.paint({ x: 210, y: 130, width: 50, height: 50 }, 0xff00ff);
    await room.untilShown(other);
    await room.quiet();
    assert.equal(fixed.updates.length, before, 'nothing is sent of what it cannot show');
    assert.equal(room.session.connections().length, 2);
  });

  test('a viewer that cannot follow a smaller size sees all of the desktop, and black beside it', async () => {
    await using room = roomOf();
    const fixed = await room.connect({ encodings: FIXED });
    await room.untilShown(fixed);
    await room.desktop.resize({ width: 100, height: 90 });
    room.desktop.paint({ x: 0, y: 0, width: 100, height: 90 }, 0xabcdef);
    const isRight = (pixel: number, at: number): boolean => {
      const isInside = at % SIZE.width < 100 && Math.floor(at / SIZE.width) < 90;
      return (pixel & 0xffffff) === (isInside ? 0xabcdef : 0);
    };
    await fixed.until('the picture', () => fixed.screen.every(isRight));
    await room.desktop.resize(SIZE);
    await room.untilShown(fixed);
    assert.equal(fixed.wire.isOver, false);
  });

  test('a viewer that lists DesktopSize after the desktop was resized gets all of it', async () => {
    await using room = roomOf();
    const late = await room.connect({ encodings: FIXED });
    await room.untilShown(late);
    await room.desktop.resize({ width: 300, height: 200 });
    await room.untilShown(late);
    late.send({ type: 'setEncodings', encodings: PLAIN });
    await late.until('the size', () => late.size.width === 300 && late.size.height === 200);
    await room.untilShown(late);
  });

  test('a viewer that cannot follow a new size turns black when it may no longer read', async () => {
    await using room = roomOf();
    const fixed = await room.connect({ encodings: FIXED });
    await room.untilShown(fixed);
    await room.desktop.resize({ width: 390, height: 290 });
    await room.untilShown(fixed);
    const user = { ...OWNER, read: false };
    room.session.usersChanged([{ name: user.name, user, passwordChanged: false }]);
    await fixed.until('black', () => fixed.screen.every((pixel) => (pixel & 0xffffff) === 0));
  });

  test('no viewer may resize a desktop that must keep its size, and each request is answered', async () => {
    await using room = new TestSession({ size: SIZE, maxSize: MAX_SIZE, allowsResize: false });
    const viewer = await room.connect();
    await room.untilShown(viewer);
    await assertProhibited(viewer);
    await room.quiet();
    assert.deepEqual(room.desktop.size, SIZE);
  });

  test('a request for a size is refused for good if the display has several monitors', async () => {
    await using room = roomOf();
    const viewer = await room.connect();
    await room.untilShown(viewer);
    room.desktop.resize = () => Promise.reject(new DesktopError('DESKTOP_MONITORS'));
    await assertProhibited(viewer);
  });

  test("the desktop is told the scale of Deskwire's page, and not the number that others write there", async () => {
    await using room = roomOf();
    const page = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_DESKWIRE] });
    const other = await room.connect();
    const scales: unknown[] = [];
    room.desktop.resize = async ({ width, height, scalePercent }) => {
      scales.push(scalePercent);
      return { width, height };
    };
    for (const [viewer, flags] of [
      [page, 200],
      [page, 0],
      [other, 200],
    ] as const) {
      viewer.send({
        type: 'setDesktopSize',
        ...SIZE,
        screens: [{ id: 0, x: 0, y: 0, ...SIZE, flags }],
      });
      await viewer.roundTrip();
    }
    assert.deepEqual(scales, [200, undefined, undefined]);
  });

  test('a viewer with two screens is told of both, another one of one, and one screen ends the layout', async () => {
    await using room = roomOf();
    const asker = await room.connect();
    const other = await room.connect();
    await room.untilShown(asker);
    const left = { id: 0, x: 0, y: 0, width: 100, height: 120, flags: 0 };
    const right = { id: 1, x: 100, y: 0, width: 150, height: 100, flags: 0 };
    const screensOf = (viewer: MemoryViewer): unknown => {
      const { body } = viewer.rectsOf('extendedDesktopSize').at(-1)!;
      return body.kind === 'extendedDesktopSize' && body.screens;
    };
    asker.send({ type: 'setDesktopSize', width: 250, height: 120, screens: [left, right] });
    for (const viewer of [asker, other]) await viewer.until('the size', () => viewer.size.width === 250);
    assert.deepEqual(screensOf(asker), [left, right]);
    assert.deepEqual(screensOf(other), [{ id: 1, x: 0, y: 0, width: 250, height: 120, flags: 0 }]);

    // The same size with the screens in another order has an answer, too.
    const [upper, lower] = [
      { ...right, x: 0 },
      { ...left, x: 150 },
    ];
    const answers = told(asker).length;
    asker.send({ type: 'setDesktopSize', width: 250, height: 120, screens: [upper, lower] });
    await asker.until('the answer', () => told(asker).length > answers);
    assert.deepEqual(screensOf(asker), [upper, lower]);

    ask(other, 250, 120);
    await other.roundTrip();
    assert.deepEqual(room.desktop.screens, []);
  });

  test('screens that cannot be leave the desktop one screen of the size that was asked for', async () => {
    await using room = roomOf();
    const viewer = await room.connect();
    await room.untilShown(viewer);
    const screen = { id: 0, x: 0, y: 0, width: 300, height: 200, flags: 0 };
    viewer.send({ type: 'setDesktopSize', width: 300, height: 200, screens: [screen, screen] });
    await viewer.until('the size', () => viewer.size.width === 300);
    const { body } = viewer.rectsOf('extendedDesktopSize').at(-1)!;
    assert.deepEqual(body.kind === 'extendedDesktopSize' && body.screens, [{ ...screen, id: 1 }]);
  });

  test('many new sizes in a row leave every viewer with the last one', async () => {
    await using room = roomOf();
    const viewers = [
      await room.connect(),
      await room.connect({ encodings: PLAIN }),
      await room.connect({
        encodings: [...LOSSLESS, wire.PSEUDO_FENCE, wire.PSEUDO_CONTINUOUS_UPDATES],
        updates: 'continuous',
      }),
    ];
    for (let i = 0; i < 20; i++) {
      ask(viewers[0]!, 100 + i * 13, 300 - i * 7);
      room.desktop.paint({ x: 0, y: 0, width: 90, height: 90 }, i * 4099 + 1);
      await turns((i * 7) % 25);
    }
    for (const viewer of viewers) {
      await viewer.until(
        'the last size',
        () => viewer.size.width === 100 + 19 * 13 && viewer.size.height === 300 - 19 * 7,
      );
      await room.untilShown(viewer);
    }
  });
});
