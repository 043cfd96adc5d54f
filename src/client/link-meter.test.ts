import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkMeter } from './link-meter.ts';

test('frames and bytes are counted a second, anew after each look', () => {
  const meter = new LinkMeter(1000);
  meter.received(3000);
  meter.drawn(4);
  meter.drawn(9);
  meter.drawn(2);
  assert.deepEqual(meter.take(2500), {
    framesPerSecond: 2,
    bytesPerSecond: 2000,
    latencyMs: undefined,
    renderMs: 9,
  });
  assert.deepEqual(meter.take(3500), {
    framesPerSecond: 0,
    bytesPerSecond: 0,
    latencyMs: undefined,
    renderMs: 0,
  });
});

test('the latency is that of the last answered question; answers to others do not count', () => {
  const meter = new LinkMeter(0);
  const first = meter.ask(100)!;
  assert.equal(meter.ask(150), undefined);
  meter.answered(first + 1, 200);
  assert.equal(meter.take(250).latencyMs, undefined);
  meter.answered(first, 300);
  meter.answered(first, 900);
  assert.equal(meter.take(1000).latencyMs, 200);
  const second = meter.ask(1000)!;
  assert.notEqual(second, first);
  assert.equal(meter.take(2000).latencyMs, 200);
  meter.answered(second, 2050);
  assert.equal(meter.take(3000).latencyMs, 1050);
});

test('numbers of questions fit into a byte', () => {
  const meter = new LinkMeter(0);
  for (let i = 0; i < 300; i++) {
    const question = meter.ask(i)!;
    assert.ok(question >= 0 && question < 256);
    meter.answered(question, i + 1);
  }
});
