import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  assert.deepEqual(new BottleneckMeter().read(0), [10, 10, 10, 10]);
});

test('quick frames on a free link are no constraint', () => {
  const meter = new BottleneckMeter();
  for (let i = 0; i < 100; i++) meter.add(frame({ atMs: i }));
  assert.deepEqual(meter.read(100), [10, 10, 10, 10]);
});

test('half of the frames at the limit give a CPU grade of 5.0, and close ones count a fifth', () => {
  const meter = new BottleneckMeter();
  meter.add(frame({ cpuMs: LIMIT }));
  meter.add(frame({}));
  assert.equal(meter.read(1)[0], 5);
  const close = new BottleneckMeter();
  close.add(frame({ cpuMs: LIMIT * 0.8 }));
  assert.equal(close.read(1)[0], 8);
});

test('a frame counts once for each whole limit that it took, and the grade never falls below 0', () => {
  const meter = new BottleneckMeter();
  meter.add(frame({ cpuMs: LIMIT * 3.5 }));
  for (let i = 0; i < 9; i++) meter.add(frame({}));
  assert.equal(meter.read(1)[0], 7);
  const hopeless = new BottleneckMeter();
  hopeless.add(frame({ cpuMs: LIMIT * 50, heldMs: LIMIT * 50 }));
  assert.deepEqual(hopeless.read(1), [0, 0, 0, 0]);
});

test('a frame held by the network lowers the network grade alone, and only beyond the limit', () => {
  const meter = new BottleneckMeter();
  meter.add(frame({ heldMs: LIMIT * 2.1 }));
  for (let i = 0; i < 9; i++) meter.add(frame({ heldMs: LIMIT }));
  assert.deepEqual(meter.read(1), [10, 10, 8, 8]);
});

test('the current grade forgets frames after ten seconds, the average does not', () => {
  const meter = new BottleneckMeter();
  meter.add(frame({ atMs: 0, cpuMs: LIMIT }));
  meter.add(frame({ atMs: 11_000 }));
  assert.deepEqual(meter.read(11_000), [10, 5, 10, 10]);
  assert.deepEqual(meter.read(30_000), [10, 5, 10, 10]);
});

test('three seconds of silence with a frame held give a network grade of 0.0', () => {
  const meter = new BottleneckMeter();
  meter.add(frame({ atMs: 0 }));
  assert.equal(meter.read(2_999, 0)[2], 10);
  assert.equal(meter.read(3_000, 0)[2], 0);
});
