import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendMeter } from './send-meter.ts';

test('a connection that is sent thirty updates of 1,000 bytes a second has these rates', () => {
  const meter = new SendMeter(5_000);
  for (let i = 1; i <= 300; i++) meter.update(5_000 + (i * 1000) / 30, i * 1000);
  const { updates, bytes } = meter.read(15_000, 300_000);
  assert.ok(Math.abs(updates - 30) < 0.5, `${updates}`);
  assert.ok(Math.abs(bytes - 30_000) < 500, `${bytes}`);
});

test('updates and bytes of earlier than five seconds do not count', () => {
  const meter = new SendMeter(0);
  meter.update(100, 1_000_000);
  meter.update(200, 2_000_000);
  assert.deepEqual(meter.read(1_000, 2_000_000), { updates: 2, bytes: 2_000_000 });
  assert.deepEqual(meter.read(5_000, 2_000_000), { updates: 0, bytes: 0 });
  assert.deepEqual(meter.read(1_000_000, 2_000_000), { updates: 0, bytes: 0 });
});

test('the first update of a connection is no rate of hundreds a second', () => {
  const meter = new SendMeter(0);
  meter.update(2, 500);
  assert.deepEqual(meter.read(3, 500), { updates: 1, bytes: 500 });
});

test('bytes that were sent outside updates count as well', () => {
  const meter = new SendMeter(0);
  assert.deepEqual(meter.read(1_500, 3_000), { updates: 0, bytes: 2_000 });
});
