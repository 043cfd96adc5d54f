import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketLane } from './packet-lane.ts';

const packet = (bytes: number, first = 0): Uint8Array => new Uint8Array(bytes).fill(first, 0, 1);

test('packets pass the bottleneck one after another, and arrive after the delay', () => {
  const lane = new PacketLane({ bytesPerSecond: 100_000, delayMs: 25 });
  lane.push(0, packet(1000));
  lane.push(0, packet(500));
  assert.equal(lane.take(34.9).length, 0);
  assert.deepEqual(
    lane.take(35).map(({ length }) => length),
    [1000],
  );
  assert.deepEqual(
    lane.take(40).map(({ length }) => length),
    [500],
  );
  assert.deepEqual(
    { ...lane.counts },
    { carried: 2, carriedBytes: 1500, lost: 0, overflowed: 0, longestQueueMs: 10 },
  );
});

test('packets that find the queue full are dropped', () => {
  const lane = new PacketLane({ bytesPerSecond: 100_000, queueMs: 20 });
  for (let i = 0; i < 5; i++) lane.push(0, packet(1000, i));
  assert.deepEqual(
    lane.take(1000).map(([first]) => first),
    [0, 1, 2],
  );
  assert.equal(lane.counts.overflowed, 2);
  assert.equal(lane.counts.longestQueueMs, 20);
});

test('the set share of the packets is lost, and the same packets for the same seed', () => {
  const arrived = (seed: number): number[] => {
    const lane = new PacketLane({ lossShare: 0.02, seed });
    for (let i = 0; i < 10_000; i++) lane.push(0, new Uint8Array(Uint16Array.of(i).buffer));
    return lane.take(0).map(({ buffer }) => new Uint16Array(buffer)[0]!);
  };
  assert.ok(Math.abs(arrived(1).length - 9800) < 60, `${arrived(1).length}`);
  assert.deepEqual(arrived(1), arrived(1));
  assert.notDeepEqual(arrived(1), arrived(2));
});
