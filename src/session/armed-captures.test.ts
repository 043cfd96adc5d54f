import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CONTINUOUS, type MemoryViewer } from '../../test/support/memory-viewer.ts';
import { TestSession, turns } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';

const SIZE = { width: 200, height: 120 };
const PART = { x: 20, y: 30, width: 40, height: 50 };

/** A session with one viewer that shows the whole screen, and the number of damage events since then. */
async function watched(
  options: { maxFps?: number } = {},
): Promise<{ room: TestSession; viewer: MemoryViewer; told: () => number }> {
  const room = new TestSession({ size: SIZE, ...options });
  const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
  await room.untilShown(viewer);
  await room.quiet();
  let damages = 0;
  room.desktop.on('damage', () => damages++);
  return { room, viewer, told: () => damages };
}

suite('an armed capture', () => {
  test('an armed capture captures damage without a damage event', async () => {
    const { room, viewer, told } = await watched();
    await using _ = room;
    for (let i = 1; i < 10; i++) {
      room.desktop.paint(PART, i * 0x151007);
      await room.untilShown(viewer);
      await room.quiet();
    }
    assert.equal(told(), 0);
  });

  test('armed captures do not exceed the highest frame rate', async () => {
    const { room, viewer } = await watched({ maxFps: 5 });
    await using _ = room;
    const before = room.desktop.captures;
    const startMs = performance.now();
    const captures = (): number => room.desktop.captures - before;
    while (performance.now() - startMs < 1000 || captures() < 2) {
      room.desktop.paint(PART, Math.floor(performance.now()));
      await turns(1);
    }
    const seconds = (performance.now() - startMs) / 1000;
    assert.ok(captures() <= seconds * 5 + 2, `${captures()} in ${seconds} s`);
    await room.untilShown(viewer);
  });

  test('an armed capture is called off when the last viewer leaves', async () => {
    const { room, viewer, told } = await watched();
    await using _ = room;
    viewer.wire.vanish();
    await room.quiet();
    const before = room.desktop.captures;
    room.desktop.paint(PART, 0x123456);
    await room.quiet();
    assert.equal(room.desktop.captures, before);
    assert.equal(told(), 1);
    // The damage is still captured for the next viewer.
    const next = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(next);
  });

  test('a capture that has begun serves a viewer that connects during it, and later damage is captured', async () => {
    const { room, viewer } = await watched();
    await using _ = room;
    room.desktop.captureMs = 80;
    room.desktop.paint(PART, 0x777777);
    await waitFor('the capture', () => room.desktop.capturesUnderWay === 1);
    const late = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    room.desktop.paint({ ...PART, x: 100 }, 0x999999);
    await room.untilShown(late);
    await room.untilShown(viewer);
  });

  test('frames continue after the display is lost before or during an armed capture', async () => {
    const { room, viewer, told } = await watched();
    await using _ = room;
    for (const captureMs of [0, 40]) {
      room.desktop.captureMs = captureMs;
      if (captureMs > 0) {
        room.desktop.paint(PART, 0xabcdef);
        await waitFor('the capture', () => room.desktop.capturesUnderWay === 1);
      }
      room.desktop.lose();
      await room.quiet();
      room.desktop.bringBack();
      room.desktop.paint(PART, 0x135790 + captureMs);
      await room.untilShown(viewer);
      await room.quiet();
    }
    const before = told();
    room.desktop.paint(PART, 0x246802);
    await room.untilShown(viewer);
    assert.equal(told(), before, 'no capture was armed after the display came back');
  });

  test('an armed capture that fails is repeated until its damage is shown', async () => {
    const { room, viewer } = await watched();
    await using _ = room;
    room.desktop.failCaptures = 2;
    room.desktop.paint(PART, 0xfedcba);
    await waitFor('the failures', () => room.desktop.failCaptures === 0);
    await room.untilShown(viewer);
  });
});
