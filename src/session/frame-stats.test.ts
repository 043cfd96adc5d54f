import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { suite, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { passesOnce } from '../../test/support/limits.ts';
import { CONTINUOUS, LOSSLESS, type MemoryViewer } from '../../test/support/memory-viewer.ts';
import { readProc } from '../../test/support/process-tree.ts';
import { Slowness } from '../../test/support/slowness.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { wrongTime } from '../../test/support/within.ts';
import { areaPx, type Rect, wholeOf } from '../pixels/rect.ts';
import * as wire from '../protocol/constants.ts';
import type { ServerRect } from '../protocol/server-message-reader.ts';
import type { FrameStats } from '../stats/frame-stats.ts';

// get_frame_stats, compared with clocks and counts outside of the code that measures.

const SIZE = { width: 640, height: 384 };
const PHOTO = createPhoto(SIZE.width, SIZE.height).pixels.map((pixel) => pixel & 0xffffff);
/** Time by which a slow encoder thread answers later, and that a slow capture takes longer, in milliseconds. */
const ENCODE_MS = 40;
const CAPTURE_MS = 60;
const SLOW_ENCODERS = {
  rectScript: new URL(`../../test/support/slow-encode.worker.ts?ms=${ENCODE_MS}`, import.meta.url),
};
/** With loss; what holds still becomes exact. */
const JPEG = [...CONTINUOUS, wire.PSEUDO_QUALITY_FIRST + 5, wire.PSEUDO_WEBP];
const PAGE = [...JPEG, wire.PSEUDO_DESKWIRE];
/** An update may begin before all of its frame is captured. */
const TOP_FIRST = [...JPEG, wire.PSEUDO_LAST_RECT, wire.PSEUDO_CURSOR];
/** An area that whole tiles cover, with the boxes of what differs. */
const PART: Rect = { x: 0, y: 0, width: 320, height: 192 };

const ENCODERS: Partial<Record<ServerRect['body']['kind'], string>> = {
  tightJpeg: 'TightJPEGEncoder',
  tightWebp: 'TightWEBPEncoder',
  tightFill: 'TightFillEncoder',
  tightBasic: 'TightZlibEncoder',
  copyRect: 'CopyRect',
};

const msOf = (stats: FrameStats, name: string): number =>
  stats.server_side.find(({ process_name }) => process_name === name)!.time_us / 1000;

/** Rects and pixels by encoder, as the answer has them and as a viewer was sent them. Without encoders that had no work. */
const saidOf = ({ server_side }: FrameStats): Record<string, [count: number, area: number]> =>
  Object.fromEntries(
    server_side.flatMap((entry) =>
      'count' in entry && entry.count > 0 ? [[entry.process_name, [entry.count, entry.area]]] : [],
    ),
  );
function sentOf(rects: readonly ServerRect[]): Record<string, [count: number, area: number]> {
  const sent: Record<string, [count: number, area: number]> = {};
  for (const { body, ...rect } of rects) {
    const encoder = ENCODERS[body.kind];
    if (encoder === undefined) continue;
    const [count, area] = sent[encoder] ?? [0, 0];
    sent[encoder] = [count + 1, area + areaPx(rect)];
  }
  return sent;
}

/** Returns a function that paints a part of another photograph, at once. */
function painting({ desktop }: TestSession, part: Rect, round: number): () => void {
  const at = (x: number, y: number): number =>
    PHOTO[((y + round * 37) % SIZE.height) * SIZE.width + ((x + round * 61) % SIZE.width)]!;
  const rows = Array.from({ length: part.height }, (_, y) =>
    Uint32Array.from({ length: part.width }, (_, x) => at(part.x + x, part.y + y) ^ (round * 0x10305)),
  );
  const colours = new Uint32Array(areaPx(part));
  for (const [y, row] of rows.entries()) colours.set(row, y * part.width);
  return () => desktop.paint(part, colours);
}

const paint = (room: TestSession, part: Rect, round: number): void => painting(room, part, round)();

interface Measured {
  readonly stats: FrameStats;
  readonly paintedAtMs: number;
  /** When the last byte of the update was passed to the viewer's connection. */
  readonly sentAtMs: number;
  /** The rects of the update. */
  readonly rects: readonly ServerRect[];
}

/** Measures a frame in which this part is painted. */
async function measure(
  room: TestSession,
  viewer: MemoryViewer,
  part: Rect,
  round: number,
): Promise<Measured> {
  // Nothing is sharpened any more.
  await room.untilShown(viewer);
  await room.quiet();
  const updates = viewer.updates.length;
  const paintIt = painting(room, part, round);
  const measuring = room.session.frameStats({ kind: 'none' });
  // The measurement waits for a frame by now.
  await viewer.roundTrip();
  const sends: number[] = [];
  const send = viewer.wire.send.bind(viewer.wire);
  viewer.wire.send = (bytes) => {
    sends.push(performance.now());
    send(bytes);
  };
  const paintedAtMs = performance.now();
  paintIt();
  const stats = await measuring;
  await viewer.untilUpdates(updates + 1);
  viewer.wire.send = send;
  const { rects, atMs } = viewer.updates[updates]!;
  return { stats, paintedAtMs, sentAtMs: sends.findLast((sentAtMs) => sentAtMs <= atMs)!, rects };
}

/** A session whose viewer has its first picture, and whose encoder threads run. */
async function open(options: { readonly encoders?: typeof SLOW_ENCODERS } = {}) {
  const room = new TestSession({ size: SIZE, ...options });
  const viewer = await room.connect({ encodings: JPEG, updates: 'continuous' });
  await viewer.untilUpdates(1);
  await room.session.frameStats({ kind: 'none' });
  return { room, viewer };
}

suite('frame statistics, by an outside clock', () => {
  for (const { what, encoders, captureMs } of [
    { what: 'quick encoders and a quick capture', encoders: undefined, captureMs: 0 },
    { what: 'slow encoders', encoders: SLOW_ENCODERS, captureMs: 0 },
    { what: 'a slow capture', encoders: undefined, captureMs: CAPTURE_MS },
    { what: 'slow encoders and a slow capture', encoders: SLOW_ENCODERS, captureMs: CAPTURE_MS },
  ]) {
    test(`with ${what}, the times of a frame are those of a clock at the desktop and at the viewer`, async () => {
      const { room, viewer } = await open(encoders && { encoders });
      await using _room = room;
      await passesOnce(async (round) => {
        room.desktop.captureMs = captureMs;
        const { stats, paintedAtMs, sentAtMs } = await measure(room, viewer, wholeOf(SIZE), round + 1);
        const { tookMs, endedAtMs } = room.desktop.captureTimes.find(
          ({ startedAtMs }) => startedAtMs >= paintedAtMs,
        )!;
        room.desktop.captureMs = 0;
        assert.equal(stats.frame.changed, 100);
        return (
          wrongTime('server_time', stats.frame.server_time_us / 1000, sentAtMs - paintedAtMs) ??
          wrongTime('Screenshot and Analysis', msOf(stats, 'Screenshot') + msOf(stats, 'Analysis'), tookMs) ??
          wrongTime('Encoding_total', msOf(stats, 'Encoding_total'), sentAtMs - endedAtMs)
        );
      });
    });
  }

  test('the CPU time of the encoders is that of their threads, however late they answer', async () => {
    await using room = new TestSession({ size: SIZE, encoders: SLOW_ENCODERS });
    const encodings = [...CONTINUOUS, wire.PSEUDO_COMPRESSION_LAST];
    const viewer = await room.connect({ encodings, updates: 'continuous' });
    await room.session.frameStats({ kind: 'none' });
    await passesOnce(async (round) => {
      await room.quiet();
      const slowness = new Slowness(process.pid);
      const before = encoderThreadsMs();
      const { stats } = await measure(room, viewer, wholeOf(SIZE), round + 11);
      const usedMs = encoderThreadsMs() - before;
      const said = Object.keys(saidOf(stats)).reduce((sum, name) => sum + msOf(stats, name), 0);
      // The time of a rect below the tick of the scheduler's clock has that in which its thread waited for a core.
      return wrongTime('the CPU time of all encoders', said, usedMs, slowness.factor);
    });
  });

  test('a frame whose rest is captured slowly after its top has no encoding time in between', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: TOP_FIRST, updates: 'continuous' });
    await viewer.untilUpdates(1);
    await room.session.frameStats({ kind: 'none' });
    await passesOnce(async (round) => {
      room.desktop.captureMs = 5 * CAPTURE_MS;
      const { stats, paintedAtMs, sentAtMs, rects } = await measure(room, viewer, wholeOf(SIZE), round + 21);
      room.desktop.captureMs = 0;
      const encodingMs = msOf(stats, 'Encoding_total');
      assert.ok(encodingMs < sentAtMs - paintedAtMs - 4 * CAPTURE_MS, `${encodingMs} ms`);
      assert.deepEqual(saidOf(stats), sentOf(rects));
      return wrongTime('server_time', stats.frame.server_time_us / 1000, sentAtMs - paintedAtMs);
    });
  });

  test('a viewer’s wait is the time from the paint of a frame to its request', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({
      encodings: [...LOSSLESS, wire.PSEUDO_FENCE, wire.PSEUDO_DESKWIRE],
      updates: 'none',
      updated: () => undefined,
    });
    viewer.request(false);
    await viewer.untilUpdates(1);
    // A measurement waits for the threads, and would miss the frame that is requested meanwhile.
    const threads = Math.min(availableParallelism(), 4);
    await waitFor('the encoder threads', () => room.session.metrics().encoder.threads >= threads);
    await passesOnce(async (round) => {
      await room.quiet();
      const asked = viewer.messagesOf('reportFrameStats').length;
      const updates = viewer.updates.length;
      const paintIt = painting(room, PART, round + 31);
      const paintedAtMs = performance.now();
      paintIt();
      const measuring = room.session.frameStats({ kind: 'all' });
      await new Promise((resolve) => setTimeout(resolve, 150));
      const requestedAtMs = performance.now();
      viewer.request();
      await viewer.until('the question', () => viewer.messagesOf('reportFrameStats').length > asked);
      await viewer.untilUpdates(updates + 1);
      viewer.send({ type: 'frameStats', totalTime: 12_345, renderTime: 1_234 });
      const [side] = (await measuring).client_side;
      assert.deepEqual([side!.client_time_us, side!.processes[0]!.time_us], [12_345, 1_234]);
      return wrongTime('client_wait_us', side!.client_wait_us / 1000, requestedAtMs - paintedAtMs);
    });
  });
});

/** CPU time of this process's encoder threads so far, in milliseconds. */
function encoderThreadsMs(): number {
  const tasks = readdirSync('/proc/self/task').filter(
    (task) => readProc(process.pid, `task/${task}/comm`)?.trim() === 'deskwire-encode',
  );
  assert.ok(tasks.length > 0);
  return tasks.reduce(
    (sum, task) => sum + Number(readProc(process.pid, `task/${task}/schedstat`)!.split(' ')[0]) / 1e6,
    0,
  );
}

suite('the content of a measured frame', () => {
  test('rects, pixels and the changed share of a measured frame are those that a viewer was sent', async () => {
    const { room, viewer } = await open();
    await using _room = room;
    for (const [round, part] of [PART, wholeOf(SIZE), { ...PART, height: 64 }].entries()) {
      const { stats, rects } = await measure(room, viewer, part, round + 41);
      assert.deepEqual(saidOf(stats), sentOf(rects));
      const sentPx = rects.reduce((sum, rect) => sum + areaPx(rect), 0);
      assert.equal(sentPx, areaPx(part));
      assert.equal(stats.frame.changed, Math.round((100 * areaPx(part)) / areaPx(SIZE)));
    }
  });

  test('rects that two viewers share count once, and those of two profiles count for each', async () => {
    const { room, viewer } = await open();
    await using _room = room;
    const same = await room.connect({ encodings: JPEG, updates: 'continuous' });
    const lossless = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    for (const one of [same, lossless]) await one.untilUpdates(1);
    await room.quiet();
    const updates = [viewer, same, lossless].map((one) => one.updates.length);
    const { stats } = await measure(room, viewer, PART, 51);
    for (const [i, one] of [viewer, same, lossless].entries()) await one.untilUpdates(updates[i]! + 1);
    const [sent, shared, exact] = [viewer, same, lossless].map((one, i) => one.updates[updates[i]!]!.rects);
    assert.deepEqual(sentOf(shared!), sentOf(sent!));
    const both = sentOf(sent!);
    for (const [encoder, [count, area]] of Object.entries(sentOf(exact!))) {
      const [before, beforePx] = both[encoder] ?? [0, 0];
      both[encoder] = [before + count, beforePx + area];
    }
    assert.deepEqual(saidOf(stats), both);
  });

  test('a viewer reports the measured frame, not an update that sharpens its picture meanwhile', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: PAGE, updates: 'continuous' });
    await viewer.untilUpdates(1);
    /** Area of the updates that the viewer was asked about. */
    const timed: number[] = [];
    let isAsked = false;
    const push = viewer.messages.push.bind(viewer.messages);
    viewer.messages.push = (...messages) => {
      if (messages.some(({ type }) => type === 'reportFrameStats')) isAsked = true;
      return push(...messages);
    };
    const take = viewer.updates.push.bind(viewer.updates);
    viewer.updates.push = (...updates) => {
      if (isAsked) {
        isAsked = false;
        timed.push(updates[0]!.rects.reduce((sum, rect) => sum + areaPx(rect), 0));
        viewer.send({ type: 'frameStats', totalTime: 1000, renderTime: 100 });
      }
      // As Deskwire's page does, so that it is sent more.
      viewer.request();
      return take(...updates);
    };
    viewer.request();
    await room.session.frameStats({ kind: 'all' });
    for (let round = 0; round < 3; round++) {
      timed.length = 0;
      paint(room, wholeOf(SIZE), round + 61);
      const updates = viewer.updates.length;
      // The whole picture with loss, of which pieces are sharpened while the measurement waits for a frame.
      await viewer.until('a piece that is sharper', () => viewer.updates.length > updates + 1);
      const { frame, client_side: sides } = await room.session.frameStats({ kind: 'all' });
      assert.equal(frame.changed, 0);
      assert.equal(sides.length, 1);
      assert.deepEqual(timed, [areaPx(SIZE)]);
    }
  });

  test('a measured frame whose capture fails below its top is refused, and the next one is measured', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: TOP_FIRST, updates: 'continuous' });
    await viewer.untilUpdates(1);
    await room.session.frameStats({ kind: 'none' });
    await room.quiet();
    room.desktop.failBelowTop = 1;
    const measuring = room.session.frameStats({ kind: 'none' });
    await viewer.roundTrip();
    paint(room, wholeOf(SIZE), 71);
    await assert.rejects(measuring, { code: 'DESKTOP_CAPTURE_FAILED' });
    const { frame } = await room.session.frameStats({ kind: 'none' });
    assert.deepEqual([frame.resx, frame.resy], [SIZE.width, SIZE.height]);
  });
});
