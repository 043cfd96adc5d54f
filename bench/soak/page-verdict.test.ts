import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgePage, type PageSample } from './page-verdict.ts';

/** A sample for each minute, with some noise. */
const hour = (bytesOf: (minute: number) => number, more: Partial<PageSample> = {}): PageSample[] =>
  Array.from({ length: 54 }, (_, minute) => ({
    atMs: (6 + minute) * 60_000,
    heapBytes: 4_000_000 + bytesOf(minute) + ((minute * 37) % 11) * 2000,
    ...{ nodes: 500, listeners: 90 },
    ...(minute === 53 && more),
  }));

test('a heap that stays as it is for an hour is no failure, also with one peak', () => {
  assert.deepEqual(judgePage(hour(() => 0)).failures, []);
  const { slope, failures } = judgePage(hour((minute) => (minute === 40 ? 5e6 : 0)));
  assert.deepEqual(failures, []);
  assert.ok(Math.abs(slope.mibPerMinute) < 0.001);
});

test('a heap that grows by a MiB in an hour, more nodes and more listeners are failures', () => {
  const { slope, failures } = judgePage(hour((minute) => (minute * (1 << 20)) / 60));
  assert.match(failures.join(), /^the heap may grow by 8\.5 KiB a minute$/);
  assert.ok(Math.abs(slope.mibPerMinute - 1 / 60) < 0.002);
  assert.match(judgePage(hour(() => 0, { nodes: 560 })).failures.join(), /^60 nodes more$/);
  assert.match(judgePage(hour(() => 0, { listeners: 120 })).failures.join(), /^30 listeners more$/);
});

test('a few measurements tell nothing', () => {
  assert.match(judgePage(hour(() => 0).slice(0, 3)).failures.join(), /too few/);
});
