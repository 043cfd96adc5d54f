import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CONTINUOUS, LOSSLESS } from '../../test/support/memory-viewer.ts';
import { RGB565 } from '../../test/support/pixel-formats.ts';
import { screenshotRequest } from '../../test/support/screenshot-request.ts';
import { TestSession, turns } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import * as wire from '../protocol/constants.ts';

const SIZE = { width: 330, height: 210 };
const RAW = [wire.PSEUDO_DESKTOP_SIZE];
const JPEG = [...CONTINUOUS, wire.PSEUDO_QUALITY_FIRST + 5];

/** Returns a function for numbers below `below`. Equal seeds give equal sequences. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Paints flat, striped and noisy rects at random places. */
async function paintAtRandom(room: TestSession, seed: number, rounds: number): Promise<void> {
  const next = randomNumbers(seed);
  for (let i = 0; i < rounds; i++) {
    const rect = {
      x: next(SIZE.width) - 20,
      y: next(SIZE.height) - 20,
      width: 1 + next(150),
      height: 1 + next(120),
    };
    const colours = 1 + next(600);
    const pixels = Uint32Array.from({ length: rect.width * rect.height }, () => next(colours) * 27_967);
    room.desktop.paint(rect, i % 3 === 0 ? next(0x1000000) : pixels);
    if (next(2) === 0) await turns(next(12));
  }
}

suite('a viewer shows what the desktop shows', () => {
  for (const [name, options] of Object.entries({
    'a viewer that requests each update shows what the desktop shows': { encodings: LOSSLESS },
    'a viewer with continuous updates shows what the desktop shows': {
      encodings: CONTINUOUS,
      updates: 'continuous',
    },
    'a viewer with 16 bits per pixel shows what the desktop shows': { encodings: LOSSLESS, format: RGB565 },
    'a viewer with Raw shows what the desktop shows': { encodings: RAW },
    'a viewer with Raw of 16 bits, big endian, shows what the desktop shows': {
      encodings: RAW,
      format: { ...RGB565, bigEndian: true },
    },
  } as const)) {
    test(name, async () => {
      await using room = new TestSession({ size: SIZE });
      const viewer = await room.connect(options);
      await room.untilShown(viewer, viewer.format);
      for (const seed of [1, 2, 3]) {
        await paintAtRandom(room, seed, 15);
        await room.untilShown(viewer, viewer.format);
      }
    });
  }

  test('a viewer that took no bytes for a while shows what the desktop shows', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    viewer.wire.stall();
    await paintAtRandom(room, 7, 20);
    viewer.wire.resume();
    await room.untilShown(viewer);
  });
});

suite('viewers with the same settings', () => {
  test('viewers with the same settings are sent the same buffers', async () => {
    await using room = new TestSession({ size: SIZE });
    const options = { encodings: JPEG, updates: 'continuous', answersFences: true } as const;
    const viewers = [await room.connect(options), await room.connect(options), await room.connect(options)];
    for (const viewer of viewers) await room.untilShown(viewer);
    await room.quiet();
    const before = viewers.map((viewer) => viewer.wire.sent.length);
    room.desktop.paint({ x: 10, y: 10, width: 100, height: 100 }, 0x00ff00);
    await room.quiet();
    const [first, ...others] = viewers.map((viewer, i) =>
      viewer.wire.sent
        .slice(before[i])
        .filter((bytes) => bytes.length > 12 && bytes[0] !== wire.SERVER_FENCE),
    );
    assert.ok(first!.length > 0);
    for (const other of others) {
      assert.equal(other.length, first!.length);
      for (const [i, bytes] of other.entries())
        assert.equal(bytes, first![i], 'every viewer is sent the same buffer');
    }
  });

  test('viewers with the same settings share one encoding of a full frame', async () => {
    await using room = new TestSession({ size: SIZE });
    const options = { encodings: LOSSLESS, updates: 'requested' } as const;
    const viewers = [await room.connect(options), await room.connect(options)];
    for (const viewer of viewers) await room.untilShown(viewer);
    await room.quiet();
    const before = viewers.map((viewer) => viewer.wire.sent.length);
    const updates = viewers.map((viewer) => viewer.updates.length);
    await room.session.sendFullFrame();
    for (const [i, viewer] of viewers.entries()) await viewer.untilUpdates(updates[i]! + 1);
    const [a, b] = viewers.map((viewer, i) =>
      viewer.wire.sent.slice(before[i]).filter((bytes) => bytes.length > 12),
    );
    assert.ok(a!.length > 0);
    assert.deepEqual(a, b);
    for (const [i, bytes] of a!.entries()) assert.equal(bytes, b![i]);
    const area = viewers[0]!.updates
      .at(-1)!
      .rects.reduce((sum, { width, height }) => sum + width * height, 0);
    assert.equal(area, SIZE.width * SIZE.height);
  });

  test('viewers with the same and with different settings all show the desktop', async () => {
    await using room = new TestSession({ size: SIZE });
    const lossless = await room.connect({ encodings: LOSSLESS });
    const raw = await room.connect({ encodings: RAW });
    const small = await room.connect({ encodings: LOSSLESS, format: RGB565 });
    await paintAtRandom(room, 5, 20);
    await Promise.all([room.untilShown(lossless), room.untilShown(raw), room.untilShown(small, RGB565)]);
  });
});

suite('a slow viewer', () => {
  for (const [name, encodings, slowDown] of [
    ['that takes no bytes', LOSSLESS, 'stall'],
    ['that acknowledges nothing', CONTINUOUS, 'silence'],
  ] as const) {
    test(`no frames queue for a viewer ${name}, while another viewer gets all frames`, async () => {
      await using room = new TestSession({ size: SIZE });
      const updates = encodings === CONTINUOUS ? 'continuous' : 'requested';
      const slow = await room.connect({ encodings, updates });
      const quick = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
      await room.untilShown(slow);
      await room.untilShown(quick);
      if (slowDown === 'stall') slow.wire.stall();
      else slow.answersFences = false;
      if (slowDown === 'stall') slow.request();
      const sentBefore = slow.wire.sent.length;
      const seenBefore = quick.updates.length;
      const pixels = new Uint32Array(SIZE.width * SIZE.height);
      for (let i = 0; i < 20; i++) {
        // Noise makes a frame much larger than LEAST_WINDOW_BYTES, which may always be under way.
        const next = randomNumbers(i);
        for (let at = 0; at < pixels.length; at++) pixels[at] = next(0x1000000);
        room.desktop.paint({ x: 0, y: 0, ...SIZE }, pixels);
        const seen = quick.updates.length;
        await quick.until('the frame', () => quick.updates.length > seen);
      }
      assert.ok(quick.updates.length - seenBefore >= 20);
      const frames = slow.wire.sent
        .slice(sentBefore)
        .filter((bytes) => bytes[0] === wire.SERVER_UPDATE && bytes.length === 4).length;
      assert.ok(frames <= 2, `${frames} updates were sent to the slow viewer`);
      slow.wire.resume();
      await room.untilShown(quick);
    });
  }
});

suite('frames are captured', () => {
  test('frames are captured at most at the highest frame rate, and the last change is always shown', async () => {
    await using room = new TestSession({ size: SIZE, maxFps: 20 });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    const before = viewer.updates.length;
    const startMs = performance.now();
    const frames = (): number => viewer.updates.length - before;
    for (let colour = 1; performance.now() - startMs < 1000 || frames() < 3; colour++) {
      room.desktop.paint({ x: 0, y: 0, width: 50, height: 50 }, colour);
      await turns(1);
    }
    await room.untilShown(viewer);
    const seconds = (performance.now() - startMs) / 1000;
    assert.ok(frames() <= seconds * 20 + 2, `${frames()} frames in ${seconds} s`);
  });

  test('frames are sent although each capture takes longer than the frame interval', async () => {
    await using room = new TestSession({ size: SIZE, maxFps: 60 });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    room.desktop.captureMs = 40;
    const before = viewer.updates.length;
    const captured = room.desktop.captures;
    const captures = (): number => room.desktop.captures - captured;
    for (let colour = 1; captures() <= 20; colour++) {
      room.desktop.paint({ x: 0, y: 0, width: 50, height: 50 }, colour);
      await turns(1);
    }
    const frames = viewer.updates.length - before;
    assert.ok(frames >= captures() / 2, `${frames} updates of ${captures()} captures`);
    room.desktop.captureMs = 0;
    await room.untilShown(viewer);
  });

  test('frames are captured only while a viewer watches', async () => {
    await using room = new TestSession({ size: SIZE });
    for (let i = 0; i < 10; i++) {
      room.desktop.paint({ x: i, y: 0, width: 9, height: 9 }, i + 1);
      await room.quiet();
    }
    assert.equal(room.desktop.captures, 0, 'captures before a viewer connected');
    const viewer = await room.connect({ encodings: LOSSLESS });
    await room.untilShown(viewer);
    viewer.wire.vanish();
    await room.quiet();
    const captures = room.desktop.captures;
    for (let i = 0; i < 10; i++) {
      room.desktop.paint({ x: i, y: 0, width: 9, height: 9 }, i + 99);
      await room.quiet();
    }
    assert.equal(room.desktop.captures, captures, 'captures after the last viewer left');
  });

  test('no frame is captured while nothing is drawn', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    await room.quiet();
    const before = [room.desktop.captures, viewer.updates.length];
    await room.quiet();
    assert.deepEqual([room.desktop.captures, viewer.updates.length], before);
  });
});

suite('a session that is closed', () => {
  test('a closed session tells viewers the reason, accepts no other, and leaves no timer or thread', async () => {
    const resources = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'MessagePort').length;
    const before = resources();
    const room = new TestSession({ size: SIZE });
    const viewers = [await room.connect(), await room.connect()];
    room.desktop.paint({ x: 0, y: 0, width: 100, height: 100 }, 7);
    await room.session.close('Good night.');
    await room.session.close('Again.');
    assert.deepEqual(
      viewers.map((viewer) => viewer.wire.closedReason),
      ['Good night.', 'Good night.'],
    );
    assert.deepEqual(room.session.connections(), []);
    const late = await room.connect();
    assert.equal(late.wire.closedReason, 'The server is shutting down.');
    room.desktop.paint({ x: 0, y: 0, width: 100, height: 100 }, 8);
    await turns(5);
    // Threads of earlier tests may still have been ending before.
    assert.ok(resources() <= before, `${resources()} timers and ports, ${before} before`);
  });

  test('a session that is closed refuses callers that wait for a picture or a frame', async () => {
    const room = new TestSession({ size: SIZE });
    const viewer = await room.connect();
    await room.untilShown(viewer);
    room.desktop.captureMs = 60;
    const request = screenshotRequest({ width: 10, quality: 5, format: 'png' });
    // A still screen would be answered at once.
    room.desktop.paint({ x: 0, y: 0, width: 100, height: 100 }, 7);
    const waiting = [
      room.session.screenshot(request),
      room.session.screenshot(request),
      room.session.frameStats({ kind: 'none' }),
    ];
    const early = Promise.allSettled(waiting);
    await waitFor('the capture', () => room.desktop.capturesUnderWay === 1);
    const late = Promise.allSettled([
      room.session.screenshot(request),
      room.session.frameStats({ kind: 'all' }),
    ]);
    await room.session.close('Good night.');
    const ends = [...(await early), ...(await late)];
    assert.deepEqual(
      ends.map(({ status }) => status),
      ends.map(() => 'rejected'),
    );
  });
});

test('a viewer that vanishes in the middle of a frame does not disturb another viewer', async () => {
  await using room = new TestSession({ size: SIZE });
  const stays = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
  for (let i = 0; i < 10; i++) {
    const leaves = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await paintAtRandom(room, i, 2);
    const send = leaves.wire.send.bind(leaves.wire);
    let rects = 0;
    leaves.wire.send = (bytes) => {
      send(bytes);
      if (bytes.length > 12 && ++rects === 1) leaves.wire.vanish();
    };
    await paintAtRandom(room, i + 100, 3);
  }
  await room.untilShown(stays);
  await room.quiet();
  assert.ok(room.session.connections().length >= 1);
});
