import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LinkLane } from './link-lane.ts';

/** 5 Mbit/s in bytes per second. */
const SLOW = 625_000;

const bytes = (length: number, first = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);
const arrived = (lane: LinkLane, nowMs: number): number =>
  lane.take(nowMs).reduce((sum, part) => sum + part.length, 0);

test('bytes pass a link lane at its rate and then take its delay', () => {
  const lane = new LinkLane({ bytesPerSecond: SLOW, delayMs: 25 });
  lane.push(0, bytes(62_500));
  assert.equal(arrived(lane, 25), 0);
  const after75 = arrived(lane, 75);
  assert.ok(Math.abs(after75 - 31_250) <= 1460, `${after75}`);
  assert.ok(Math.abs(arrived(lane, 124) + after75 - 61_875) <= 1460);
  assert.equal(lane.isEmpty, false);
  arrived(lane, 125.001);
  assert.equal(lane.isEmpty, true);
});

test('the time when a byte arrives does not depend on how often a link lane is read', () => {
  const often = new LinkLane({ bytesPerSecond: SLOW, delayMs: 10 });
  const seldom = new LinkLane({ bytesPerSecond: SLOW, delayMs: 10 });
  let oftenBytes = 0;
  for (let nowMs = 0; nowMs <= 200; nowMs++) {
    if (nowMs % 40 === 0) for (const lane of [often, seldom]) lane.push(nowMs, bytes(20_000));
    oftenBytes += arrived(often, nowMs);
  }
  assert.equal(arrived(seldom, 200), oftenBytes);
});

test('an idle link lane saves up no capacity', () => {
  const lane = new LinkLane({ bytesPerSecond: SLOW });
  lane.push(10_000, bytes(62_500));
  assert.ok(arrived(lane, 10_010) <= 6250);
});

test('a link lane is full when the waiting bytes need longer than its queue allows', () => {
  const lane = new LinkLane({ bytesPerSecond: SLOW, queueMs: 100 });
  lane.push(0, bytes(62_500));
  assert.equal(lane.isFull, false);
  lane.push(0, bytes(1));
  assert.equal(lane.isFull, true);
  arrived(lane, 50);
  assert.equal(lane.isFull, false);
  assert.ok(Math.abs(lane.waitingBytes - 31_250) <= 1460);
});

test('a new rate of a link lane applies from the time when it is set', () => {
  const lane = new LinkLane({ bytesPerSecond: SLOW });
  lane.push(0, bytes(625_000));
  const before = arrived(lane, 100);
  lane.setRate(100, SLOW * 4);
  const after = arrived(lane, 200);
  assert.ok(Math.abs(before - 62_500) <= 1460, `${before}`);
  assert.ok(Math.abs(after - 250_000) <= 2 * 2500, `${after}`);
});

test('without a rate limit everything arrives at once', () => {
  const lane = new LinkLane();
  lane.push(5, bytes(10_000_000));
  assert.equal(lane.isFull, false);
  assert.equal(arrived(lane, 5), 10_000_000);
});

test('a link lane neither loses, duplicates nor reorders bytes', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ afterMs: fc.nat(50), length: fc.nat(5000), rate: fc.integer({ min: 1e4, max: 1e7 }) }),
      ),
      (steps) => {
        const lane = new LinkLane({ bytesPerSecond: SLOW, delayMs: 7 });
        const took: Uint8Array[] = [];
        let nowMs = 0;
        let pushed = 0;
        for (const { afterMs, length, rate } of steps) {
          nowMs += afterMs;
          lane.push(nowMs, bytes(length, pushed));
          pushed += length;
          lane.setRate(nowMs, rate);
          took.push(...lane.take(nowMs));
        }
        took.push(...lane.take(nowMs + 1e9));
        assert.deepEqual(Buffer.concat(took), Buffer.from(bytes(pushed)));
        assert.equal(lane.isEmpty, true);
      },
    ),
  );
});
