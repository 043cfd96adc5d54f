import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { least, withSlack } from '../../test/support/limits.ts';
import { LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { TestSession, turns } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { Desktop } from '../desktop/desktop.ts';
import { DesktopError } from '../desktop/errors.ts';
import { EncoderPool } from '../encode/pool.ts';
import { createSharedFrame } from '../pixels/shared-frame.ts';
import * as wire from '../protocol/constants.ts';
import type { FrameStats } from '../stats/frame-stats.ts';
import { FrameMeasurement } from './measure/frame-measurement.ts';

const SIZE = { width: 200, height: 120 };
const OURS = [...LOSSLESS, wire.PSEUDO_FENCE, wire.PSEUDO_DESKWIRE];
const KASM = [...LOSSLESS, wire.PSEUDO_FENCE, wire.PSEUDO_WEBP];
/** Time of a slow capture, in milliseconds: several frames' worth. */
const SLOW_MS = 100;
const OTHER = { ...OWNER, name: 'other', owner: false };

/** Answers each request for a report with these numbers, once its update has arrived and `gate` is resolved. */
function reporting(
  viewer: MemoryViewer,
  totalTime: number,
  renderTime: number,
  gate = Promise.resolve(),
): void {
  const push = viewer.messages.push.bind(viewer.messages);
  viewer.messages.push = (...messages) => {
    for (const { type } of messages) {
      if (type !== 'reportFrameStats') continue;
      const updated = viewer.until('its update', () => !viewer.isInsideUpdate);
      void Promise.all([updated, gate]).then(() =>
        viewer.send({ type: 'frameStats', totalTime, renderTime }),
      );
    }
    return push(...messages);
  };
}

const clients = (stats: FrameStats): string[] => stats.client_side.map(({ client }) => client);

suite('a measured frame', () => {
  test('a measured frame of a still screen is made at once, whole, with nothing changed', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect();
    await room.untilShown(viewer);
    await least(withSlack(250), async () => {
      const updates = viewer.updates.length;
      const startMs = performance.now();
      const stats = await room.session.frameStats({ kind: 'none' });
      const tookMs = performance.now() - startMs;
      assert.deepEqual([stats.frame.resx, stats.frame.resy, stats.frame.changed], [200, 120, 0]);
      await viewer.untilUpdates(updates + 1);
      const area = viewer.updates.at(-1)!.rects.reduce((sum, rect) => sum + rect.width * rect.height, 0);
      assert.equal(area, 200 * 120);
      const fill = stats.server_side.find(({ process_name }) => process_name === 'TightFillEncoder');
      assert.ok(fill && 'area' in fill && fill.area === 200 * 120);
      return tookMs;
    });
  });

  test('the measured frame is the next one of the desktop itself, if one comes in time', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect();
    await room.untilShown(viewer);
    // A measurement begins when all encoder threads have started. After this one, they have.
    await room.session.frameStats({ kind: 'none' });
    const stats = room.session.frameStats({ kind: 'none' });
    room.desktop.paint({ x: 0, y: 0, width: 100, height: 120 }, 0x123456);
    assert.equal((await stats).frame.changed, 50);
  });

  test('a measured frame is captured and encoded although no viewer watches', async () => {
    await using room = new TestSession({ size: SIZE });
    const stats = await room.session.frameStats({ kind: 'auto', owner: 'owner' });
    assert.equal(stats.frame.changed, 100, 'the first capture');
    assert.deepEqual(stats.client_side, []);
    const areas = stats.server_side.map((entry) => ('area' in entry ? entry.area : 0));
    assert.equal(
      areas.reduce((a, b) => a + b),
      200 * 120,
    );
    // The loop has looked since, and called off what was armed for the measurement.
    await room.quiet();
    const captures = room.desktop.captures;
    room.desktop.paint({ x: 0, y: 0, width: 10, height: 10 }, 1);
    await room.quiet();
    assert.equal(room.desktop.captures, captures, 'captures after the measurement');
  });

  test('a measured frame without a viewer leaves no capture armed', async () => {
    await using room = new TestSession({ size: SIZE });
    // The second frame is one that the desktop makes, and is sent at once: the encoder threads have started by then.
    for (let colour = 1; colour <= 2; colour++) {
      const stats = room.session.frameStats({ kind: 'none' });
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, colour);
      await stats;
      await room.quiet();
      const captures = room.desktop.captures;
      room.desktop.paint({ x: 0, y: 0, width: 10, height: 10 }, 0x100 + colour);
      await room.quiet();
      assert.equal(room.desktop.captures, captures);
    }
  });

  test('a frame is measured although no viewer is ready for it', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ updates: 'none' });
    viewer.request(false);
    await room.untilShown(viewer);
    const stats = await room.session.frameStats({ kind: 'all' });
    assert.deepEqual(stats.client_side, []);
  });

  test('the next frame is measured when it is drawn, and none is made for the caller', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: OURS });
    await room.untilShown(viewer);
    await room.quiet();
    reporting(viewer, 7000, 2000);
    const { captures } = room.desktop;
    const updates = viewer.updates.length;
    assert.equal(await room.session.nextFrameStats({ kind: 'all' }, 20), undefined);
    assert.deepEqual([room.desktop.captures, viewer.updates.length], [captures, updates]);
    const asked = [1, 2].map(() => room.session.nextFrameStats({ kind: 'all' }, 3000));
    room.desktop.paint({ x: 0, y: 0, width: 100, height: 120 }, 0x123456);
    const [stats, same] = await Promise.all(asked);
    assert.equal(stats?.frame.changed, 50);
    assert.equal(stats?.client_side[0]?.client_time_us, 7000);
    assert.deepEqual(same, stats);
    assert.equal(viewer.updates.length, updates + 1);
  });

  test('callers that ask at the same time share one measured frame', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect();
    await room.untilShown(viewer);
    await room.quiet();
    const updates = viewer.updates.length;
    const all = await Promise.all(Array.from({ length: 5 }, () => room.session.frameStats({ kind: 'none' })));
    for (const stats of all) assert.deepEqual(stats, all[0]);
    await room.quiet();
    assert.equal(viewer.updates.length, updates + 1);
  });

  test('a measured frame of a lost desktop is refused at once', async () => {
    await using room = new TestSession({ size: SIZE });
    room.desktop.lose();
    await assert.rejects(room.session.frameStats({ kind: 'none' }), { code: 'DESKTOP_LOST' });
    room.desktop.bringBack();
    assert.equal((await room.session.frameStats({ kind: 'none' })).frame.resx, 200);
  });
});

/** A thread that never says that it has started. */
const SILENT = new URL('data:text/javascript,setInterval(() => undefined, 1e6)');

/** A measurement that fails if it gets as far as a frame. */
function framelessMeasurement(pool: Pick<EncoderPool, 'hold'>, pointerPosition: Desktop['pointerPosition']) {
  const unused = (): never => assert.fail('no frame is measured');
  const audience = { viewers: [], watch: unused };
  return new FrameMeasurement(audience, { nextFrame: unused }, pool, { pointerPosition }, 50);
}

test('a measurement is refused when the encoder threads do not start in time', async () => {
  const pool = new EncoderPool(createSharedFrame(SIZE), 1, { rectScript: SILENT });
  const measurement = framelessMeasurement(pool, async () => ({ x: 0, y: 0 }));
  await assert.rejects(measurement.measure(), { code: 'DESKTOP_TIMEOUT' });
  await pool.close();
});

test('a measurement of a desktop that does not answer is refused although the encoder threads have not started', async () => {
  const pool = { hold: () => ({ ready: new Promise<void>(() => undefined), release: () => undefined }) };
  const measurement = framelessMeasurement(pool, () => Promise.reject(new DesktopError('DESKTOP_LOST')));
  await assert.rejects(measurement.measure(), { code: 'DESKTOP_LOST' });
});

suite('the client side', () => {
  test('the client side has the viewers that the caller chose', async () => {
    await using room = new TestSession({ size: SIZE, owners: ['owner', 'second'] });
    const ours = await room.connect({ user: OTHER, encodings: OURS });
    const kasm = await room.connect({ user: { ...OWNER, name: 'second' }, encodings: KASM });
    const own = await room.connect({ user: OWNER, encodings: OURS });
    reporting(ours, 12_345, 2_345);
    reporting(kasm, 17, 3);
    reporting(own, 9_000, 1_000);
    for (const viewer of [ours, kasm, own]) await room.untilShown(viewer);
    const [first, second, third] = room.session.connections().map(({ id }) => id);
    const { session } = room;
    assert.deepEqual(clients(await session.frameStats({ kind: 'all' })), [first, second, third]);
    assert.deepEqual(clients(await session.frameStats({ kind: 'none' })), []);
    assert.deepEqual(clients(await session.frameStats({ kind: 'auto', owner: 'owner' })), [third]);
    assert.deepEqual(clients(await session.frameStats({ kind: 'auto', owner: 'absent' })), [second]);
    assert.deepEqual(clients(await session.frameStats({ kind: 'one', id: first! })), [first]);
    await assert.rejects(session.frameStats({ kind: 'one', id: 'nobody' }), {
      code: 'SESSION_NO_SUCH_CLIENT',
    });

    const [mine, theirs] = (await session.frameStats({ kind: 'all' })).client_side;
    assert.deepEqual(
      [mine!.client_time_us, mine!.processes[0]!.time_us],
      [12_345, 2_345],
      'microseconds from ours',
    );
    assert.deepEqual([theirs!.client_time_us, theirs!.processes[0]!.time_us], [17_000, 3_000]);
    assert.ok(mine!.ping_us > 0);
  });

  test('the client side leaves out viewers that do not report, cannot report, or are gone', async () => {
    await using room = new TestSession({ size: SIZE });
    const standard = await room.connect({ encodings: LOSSLESS });
    const good = await room.connect({ encodings: OURS });
    reporting(good, 1000, 1);
    // A viewer that is gone would be waited for until two seconds after the wish.
    await least(2000, async () => {
      const silent = await room.connect({ encodings: OURS });
      for (const viewer of [silent, standard, good]) await room.untilShown(viewer);
      const startMs = performance.now();
      const measuring = room.session.frameStats({ kind: 'all' });
      await silent.until('the wish', () => silent.messagesOf('reportFrameStats').length === 1);
      silent.wire.vanish();
      const stats = await measuring;
      const tookMs = performance.now() - startMs;
      assert.equal(stats.client_side.length, 1);
      assert.equal(stats.client_side[0]!.client_time_us, 1000);
      assert.equal(standard.messagesOf('reportFrameStats').length, 0);
      return tookMs;
    });
  });

  test('the wait for a viewer that never reports ends after two seconds', async () => {
    await using room = new TestSession({ size: SIZE });
    const silent = await room.connect({ encodings: OURS });
    await room.untilShown(silent);
    await least(2000 + withSlack(250), async () => {
      const startMs = performance.now();
      assert.deepEqual((await room.session.frameStats({ kind: 'all' })).client_side, []);
      const tookMs = performance.now() - startMs;
      assert.ok(tookMs > 1500, `${tookMs} ms`);
      return tookMs;
    });
  });

  test('a report reaches each caller, although another caller asks before it has come', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: OURS });
    const gate = Promise.withResolvers<void>();
    reporting(viewer, 5000, 1, gate.promise);
    await room.untilShown(viewer);
    const first = room.session.frameStats({ kind: 'all' });
    await viewer.until('the wish', () => viewer.messagesOf('reportFrameStats').length === 1);
    await room.quiet();
    const second = room.session.frameStats({ kind: 'all' });
    gate.resolve();
    assert.equal((await first).client_side.length, 1);
    assert.equal((await second).client_side.length, 1);
  });

  test('the client side has no report that was not asked for', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: OURS });
    await room.untilShown(viewer);
    await room.quiet();
    const measuring = room.session.frameStats({ kind: 'all' });
    viewer.send({ type: 'frameStats', totalTime: 1, renderTime: 1 });
    await viewer.until('the wish', () => viewer.messagesOf('reportFrameStats').length === 1);
    viewer.send({ type: 'frameStats', totalTime: 777, renderTime: 7 });
    assert.equal((await measuring).client_side[0]!.client_time_us, 777);
  });
});

suite('bottleneck stats', () => {
  test('bottleneck stats are listed by user and connection, whatever the names', async () => {
    await using room = new TestSession({ size: SIZE });
    assert.deepEqual(room.session.bottleneckStats(), {});
    const names = ['__proto__', 'constructor', 'owner', 'owner'];
    for (const name of names) await room.untilShown(await room.connect({ user: { ...OWNER, name } }));
    const stats = room.session.bottleneckStats();
    assert.deepEqual(Object.keys(stats).sort(), ['__proto__', 'constructor', 'owner']);
    const parsed = Object.entries(JSON.parse(JSON.stringify(stats)) as typeof stats);
    assert.equal(parsed.length, 3);
    const ids = room.session.connections().map(({ id }) => id);
    const found = parsed.flatMap(([, connections]) => Object.keys(connections));
    assert.deepEqual(found.sort(), ids.sort());
    for (const [, connections] of parsed) {
      for (const numbers of Object.values(connections)) {
        assert.equal(numbers.length, 4);
        for (const n of numbers) assert.ok(n >= 0 && n <= 10 && Math.round(n * 10) / 10 === n);
      }
    }
  });

  test('the bottleneck stats of a viewer that has seen no frame are all 10', async () => {
    await using room = new TestSession({ size: SIZE });
    await room.connect({ updates: 'none' });
    assert.deepEqual(Object.values(room.session.bottleneckStats().owner!), [[10, 10, 10, 10]]);
  });

  for (const [whose, encodings] of [
    ['an ordinary viewer', LOSSLESS],
    ['Deskwire’s page', OURS],
    ['KasmVNC’s page', KASM],
  ] as const) {
    test(`the frames of the start of ${whose} are no bottleneck, and are reported as those of the start`, async () => {
      await using room = new TestSession({ size: SIZE });
      room.desktop.captureMs = SLOW_MS;
      const viewer = await room.connect({ encodings });
      reporting(viewer, 1000, 10);
      await room.untilShown(viewer);
      await room.quiet();
      room.desktop.captureMs = 0;
      const [[, levels] = []] = Object.entries(room.session.bottleneckStats().owner!);
      assert.deepEqual(levels, [10, 10, 10, 10]);
      const { start_up: starts } = await room.session.frameStats({ kind: 'all' });
      assert.equal(starts.length, 1);
      const { client, frames, slowest_time: slowest, server_time: sum, picture_time: whole } = starts[0]!;
      assert.equal(client, room.session.connections()[0]!.id);
      assert.ok(frames >= 1 && slowest >= SLOW_MS && sum >= slowest && whole! >= SLOW_MS);
      // A slow frame after the start is one, and changes nothing of what the start was.
      room.desktop.captureMs = SLOW_MS;
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, 5);
      await room.untilShown(viewer);
      await room.quiet();
      assert.ok(Object.values(room.session.bottleneckStats().owner!)[0]![0] < 10);
      assert.deepEqual((await room.session.frameStats({ kind: 'all' })).start_up, starts);
    });
  }

  test('a viewer that has seen no frame has a start without frames, and only chosen ones are listed', async () => {
    await using room = new TestSession({ size: SIZE });
    await room.connect({ updates: 'none' });
    const { start_up: starts } = await room.session.frameStats({ kind: 'auto', owner: 'owner' });
    assert.deepEqual([starts[0]?.frames, starts[0]?.picture_time], [0, null]);
    assert.deepEqual((await room.session.frameStats({ kind: 'none' })).start_up, []);
  });

  test('the network level falls to 0 after three silent seconds, unless the viewer requests nothing', async () => {
    await using room = new TestSession({ size: SIZE });
    const stalled = await room.connect({ user: { ...OWNER, name: 'stalled' } });
    const idle = await room.connect({ user: { ...OWNER, name: 'idle' }, updates: 'none' });
    idle.request(false);
    await room.untilShown(stalled);
    await room.untilShown(idle);
    stalled.wire.stall();
    const network = (user: string): number => Object.values(room.session.bottleneckStats()[user]!)[0]![2];
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 1);
    await room.quiet();
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 2);
    await waitFor('a network that counts as silent', () => network('stalled') === 0);
    // On a busy machine its first frame may have waited for its wire; that is forgotten after ten seconds.
    await waitFor('a viewer that nothing holds up', () => network('idle') === 10);
    stalled.wire.resume();
    await room.untilShown(stalled);
    assert.ok(network('stalled') <= 10);
  });
});

test('a measurement of a desktop that hangs after it said where its pointer is is refused within 5 s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pool = { hold: () => ({ ready: Promise.resolve(), release: () => undefined }) };
  const audience = { viewers: [], watch: () => ({ makeFullFrame: () => undefined, end: () => undefined }) };
  const loop = { nextFrame: () => new Promise<never>(() => undefined) };
  const desktop = { pointerPosition: async () => ({ x: 0, y: 0 }) };
  const refused = assert.rejects(new FrameMeasurement(audience, loop, pool, desktop).measure(), {
    code: 'DESKTOP_TIMEOUT',
  });
  for (let ms = 0; ms < 5000; ms += 100) {
    await turns(2);
    t.mock.timers.tick(100);
  }
  await refused;
});
