import assert from 'node:assert/strict';
import { beforeEach, suite, type TestContext, test } from 'node:test';
import { CONTINUOUS, LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { leastFreeNumber } from '../../test/support/rated-viewers.ts';
import { Slowness } from '../../test/support/slowness.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import * as wire from '../protocol/constants.ts';
import type { Bottleneck } from '../stats/bottleneck.ts';

// What get_bottleneck_stats says of viewers whose frames are held up, or only seem to be.

const SIZE = { width: 200, height: 120 };
const WHOLE = { x: 0, y: 0, ...SIZE };
/** More than the time after which silence decides a number, in milliseconds. */
const SILENCE_MS = 4_000;
/** More than a viewer's start may take, in milliseconds. */
const START_MS = 11_000;

/** Lets the clock of this process jump. Timers are as before. */
function clockOf(t: TestContext): { pass(ms: number): void } {
  const now = performance.now.bind(performance);
  let passedMs = 0;
  t.mock.method(performance, 'now', () => now() + passedMs);
  return {
    pass: (ms) => {
      passedMs += ms;
    },
  };
}

const numbers = ({ session }: TestSession, user: string): Bottleneck =>
  Object.values(session.bottleneckStats()[user]!)[0]!;
const network = (room: TestSession, user: string): number => numbers(room, user)[2];

let slowness: Slowness;
beforeEach(() => {
  slowness = new Slowness(process.pid);
});

/** Asserts that a number says that nothing holds frames up, as far as this machine lets it be so. */
function assertFree(number: number | undefined): void {
  const least = leastFreeNumber([slowness]);
  assert.ok(number! >= least, `${number}; at least ${least} expected`);
}

const STALLED = { ...OWNER, name: 'stalled' };

/** A session with a viewer that takes no bytes any more, after an update of its own, and one that takes all. */
async function withStalled(): Promise<{ room: TestSession; stalled: MemoryViewer; other: MemoryViewer }> {
  const room = new TestSession({ size: SIZE });
  const stalled = await room.connect({ user: STALLED, encodings: CONTINUOUS, updates: 'continuous' });
  const other = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
  for (const viewer of [stalled, other]) await room.untilShown(viewer);
  await room.quiet();
  stalled.wire.stall();
  // As many bytes as to fill what may be under way.
  room.desktop.paint(
    WHOLE,
    Uint32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => (i * 2654435761) & 0xffffff),
  );
  await room.untilShown(other);
  await room.quiet();
  return { room, stalled, other };
}

suite('silence', () => {
  test('a frame that a stalled link holds back is silence, until the link carries again', async (t) => {
    const clock = clockOf(t);
    const { room, stalled, other } = await withStalled();
    await using _room = room;
    room.desktop.paint(WHOLE, 1);
    await room.untilShown(other);
    clock.pass(SILENCE_MS);
    assert.equal(network(room, 'stalled'), 0);
    assertFree(network(room, 'owner'));
    stalled.wire.resume();
    await room.untilShown(stalled);
    // The frame that came late is one of the last ten seconds.
    assert.equal(network(room, 'stalled'), 0);
    clock.pass(START_MS);
    assert.equal(network(room, 'stalled'), 10);
  });

  test('drawing that changes nothing leaves no frame that a stalled link would hold back', async (t) => {
    const clock = clockOf(t);
    const { room } = await withStalled();
    await using _room = room;
    const captures = room.desktop.captures;
    const { x, y } = { x: 10, y: 10 };
    room.desktop.paint({ x, y, width: 1, height: 1 }, room.desktop.colourAt(x, y));
    await waitFor('the capture', () => room.desktop.captures > captures);
    await room.quiet();
    clock.pass(SILENCE_MS);
    for (const number of numbers(room, 'stalled').slice(2)) assertFree(number);
  });

  test('a viewer that may no longer read has no frame that its link holds back', async (t) => {
    const clock = clockOf(t);
    const { room, other } = await withStalled();
    await using _room = room;
    room.desktop.paint(WHOLE, 1);
    await room.untilShown(other);
    clock.pass(SILENCE_MS);
    assert.equal(network(room, 'stalled'), 0);
    room.session.usersChanged([
      { name: 'stalled', user: { ...STALLED, read: false, write: false }, passwordChanged: false },
    ]);
    await room.quiet();
    assertFree(network(room, 'stalled'));
  });

  test('a viewer that has all and requests nothing is no silence, however long it takes', async (t) => {
    const clock = clockOf(t);
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_FENCE], updates: 'none' });
    viewer.request(false);
    await room.untilShown(viewer);
    room.desktop.paint(WHOLE, 1);
    await room.quiet();
    clock.pass(SILENCE_MS);
    await room.quiet();
    assertFree(network(room, 'owner'));
    viewer.request();
    await room.untilShown(viewer);
    // The frame waited for the viewer alone.
    assertFree(network(room, 'owner'));
  });

  test('a frame that is encoded for seconds lowers the CPU number alone, unless it belongs to the start', async (t) => {
    const clock = clockOf(t);
    const hung = `import { parentPort } from 'node:worker_threads';
      parentPort.on('message', () => undefined);
      parentPort.postMessage([]);`;
    const rectScript = new URL(`data:text/javascript,${encodeURIComponent(hung)}`);
    await using room = new TestSession({ size: SIZE, encoders: { rectScript } });
    // Where there are few cores, the picture of the first viewer does not wait for threads.
    await room.connect({ user: STALLED, encodings: CONTINUOUS, updates: 'continuous' });
    await waitFor('the encoder threads', () => room.session.metrics().encoder.threads > 0);
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await viewer.until('the beginning of an update', () => viewer.isInsideUpdate);
    clock.pass(SILENCE_MS);
    assert.deepEqual(numbers(room, 'owner'), [10, 10, 10, 10]);
    clock.pass(START_MS);
    const [cpu, cpuAverage, ...others] = numbers(room, 'owner');
    assert.equal(cpu, 0);
    assert.ok(cpuAverage < 10);
    assert.deepEqual(others, [10, 10]);
  });
});
