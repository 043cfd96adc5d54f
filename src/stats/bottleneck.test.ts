import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BottleneckMeter, type FrameSample } from './bottleneck.ts';

const LIMIT = 1000 / 60;
const frame = (over: Partial<FrameSample>): FrameSample => ({
  atMs: 0,
  cpuMs: 1,
  heldMs: 0,
  limitMs: LIMIT,
  ...over,
});

test('a connection without frames has no constraint', () => {
  assert.deepEqual(new BottleneckMeter(0).read(0), [10, 10, 10, 10]);
});

test('quick frames on a free link are no constraint', () => {
  const meter = new BottleneckMeter(0);
  for (let i = 0; i < 100; i++) meter.add(frame({ atMs: i }));
  assert.deepEqual(meter.read(100), [10, 10, 10, 10]);
});

test('half of the frames at the limit give a CPU grade of 5.0, and close ones count a fifth', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ cpuMs: LIMIT }));
  meter.add(frame({}));
  assert.equal(meter.read(1)[0], 5);
  const close = new BottleneckMeter(0);
  close.add(frame({ cpuMs: LIMIT * 0.8 }));
  assert.equal(close.read(1)[0], 8);
});

test('a frame counts once for each whole limit that it took, and the grade never falls below 0', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ cpuMs: LIMIT * 3.5 }));
  for (let i = 0; i < 9; i++) meter.add(frame({}));
  assert.equal(meter.read(1)[0], 7);
  const hopeless = new BottleneckMeter(0);
  hopeless.add(frame({ cpuMs: LIMIT * 50, heldMs: LIMIT * 50 }));
  assert.deepEqual(hopeless.read(1), [0, 0, 0, 0]);
});

test('a frame held by the network lowers the network grade alone, and only beyond the limit', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ heldMs: LIMIT * 2.1 }));
  for (let i = 0; i < 9; i++) meter.add(frame({ heldMs: LIMIT }));
  assert.deepEqual(meter.read(1), [10, 10, 8, 8]);
});

test('the current grade forgets frames after ten seconds, the average does not', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ atMs: 0, cpuMs: LIMIT }));
  meter.add(frame({ atMs: 11_000 }));
  assert.deepEqual(meter.read(20_000), [10, 5, 10, 10]);
  assert.deepEqual(meter.read(30_000), [10, 6.7, 10, 10]);
});

test('one slow frame does not outweigh minutes, however slow it is and however few frames follow', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ atMs: 1_000, cpuMs: 5_000, heldMs: LIMIT * 50 }));
  assert.deepEqual(meter.read(2_000), [0, 0, 0, 0]);
  for (let minute = 1; minute <= 3; minute++) meter.add(frame({ atMs: minute * 60_000 }));
  const [cpu, cpuAverage, network, networkAverage] = meter.read(200_000);
  assert.deepEqual([cpu, network], [10, 10]);
  assert.deepEqual([cpuAverage, networkAverage], [9.5, 9.5]);
});

test('a load that lasts is in the average for as long as it lasted', () => {
  const meter = new BottleneckMeter(0);
  for (let atMs = 0; atMs < 60_000; atMs += 50) meter.add(frame({ atMs, cpuMs: 40 }));
  assert.deepEqual(meter.read(60_000).slice(0, 2), [0, 0]);
  assert.deepEqual(meter.read(120_000).slice(0, 2), [10, 5]);
});

test('frames of the start do not count as slow, but they do count as held', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ atMs: 300, cpuMs: undefined }));
  assert.deepEqual(meter.read(400), [10, 10, 10, 10]);
  meter.add(frame({ atMs: 500, cpuMs: undefined, heldMs: LIMIT * 4 }));
  assert.deepEqual(meter.read(600), [10, 10, 0, 0]);
});

test('three seconds of silence with a frame held give a network grade of 0.0', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ atMs: 0 }));
  assert.equal(meter.read(2_999, { byNetworkSinceMs: 0 })[2], 10);
  assert.equal(meter.read(3_000, { byNetworkSinceMs: 0 })[2], 0);
});

test('the average counts all the time of a silence, while it lasts and afterwards', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ atMs: 30_000 }));
  assert.equal(meter.read(60_000, { byNetworkSinceMs: 30_000 })[3], 5);
  meter.add(frame({ atMs: 60_000, heldMs: 30_000 }));
  assert.equal(meter.read(70_000)[3], 4.3);
  const unread = new BottleneckMeter(0);
  unread.add(frame({ atMs: 60_000, heldMs: 30_000 }));
  assert.equal(unread.read(70_000)[3], 4.3);
});

test('a frame that has been encoded for three seconds gives a CPU grade of 0.0, and leaves the network grade alone', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ atMs: 0 }));
  assert.deepEqual(meter.read(2_999, { byEncodingSinceMs: 0 }), [10, 10, 10, 10]);
  const stuck = meter.read(3_000, { byEncodingSinceMs: 0 });
  assert.deepEqual([stuck[0], stuck[2], stuck[3]], [0, 10, 10]);
  // Without the frames of the last ten seconds there would be no constraint.
  assert.equal(meter.read(30_000, { byEncodingSinceMs: 10_000 })[0], 0);
});

test('the average counts all the time in which a frame was encoded, while that lasts and afterwards', () => {
  const meter = new BottleneckMeter(0);
  meter.add(frame({ atMs: 30_000 }));
  assert.equal(meter.read(60_000, { byEncodingSinceMs: 30_000 })[1], 5);
  meter.add(frame({ atMs: 60_000, cpuMs: 30_000 }));
  assert.equal(meter.read(70_000)[1], 4.3);
});

test('the current grade is that of the frames of ten seconds, however many there are and at whatever times', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ gapMs: fc.nat(3_000), isSlow: fc.boolean() }), { minLength: 1, maxLength: 200 }),
      fc.nat(12_000),
      (frames, laterMs) => {
        const meter = new BottleneckMeter(0);
        let atMs = 0;
        const sent = frames.map(({ gapMs, isSlow }) => {
          atMs += gapMs;
          meter.add(frame({ atMs, cpuMs: isSlow ? LIMIT : 1 }));
          return { atMs, isSlow };
        });
        const nowMs = atMs + laterMs;
        const gradeOf = (agoMs: number): number => {
          const counted = sent.filter((one) => one.atMs > nowMs - agoMs);
          const slow = counted.filter(({ isSlow }) => isSlow).length;
          return counted.length === 0 ? 10 : Math.round((10 - (10 * slow) / counted.length) * 10) / 10;
        };
        // Frames are forgotten together with those of the same tenth of a second.
        const exact = Array.from({ length: 101 }, (_, i) => gradeOf(9_900 + i));
        assert.ok(exact.includes(meter.read(nowMs)[0]));
      },
    ),
  );
});
