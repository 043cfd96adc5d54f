import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf, type ViewerNumbers, verdictOf } from './verdict.ts';

const FINE: ViewerNumbers = {
  cpu: 10,
  cpuAverage: 10,
  network: 10,
  networkAverage: 10,
  latencyMs: 8,
  drawingMs: 3,
};

test('the sentence on a viewer names the link, the server, both, the viewer itself, or nothing', () => {
  for (const [numbers, verdict, level] of [
    [{}, 'fine', 'good'],
    [{ latencyMs: undefined, drawingMs: undefined }, 'fine', 'good'],
    [{ network: 4.9 }, 'network', 'bad'],
    [{ network: 0, latencyMs: 900, drawingMs: 80 }, 'network', 'bad'],
    [{ cpu: 4.9 }, 'cpu', 'bad'],
    [{ cpu: 0, network: 0 }, 'both', 'bad'],
    [{ drawingMs: 50 }, 'drawing', 'bad'],
    [{ drawingMs: 49, network: 8.9 }, 'networkAtTimes', 'warn'],
    [{ network: 5, cpu: 5 }, 'networkAtTimes', 'warn'],
    [{ cpu: 8.9 }, 'cpuAtTimes', 'warn'],
    [{ latencyMs: 150 }, 'far', 'warn'],
    [{ latencyMs: 149, networkAverage: 4.9 }, 'networkBefore', 'good'],
    [{ networkAverage: 5, cpuAverage: 4.9 }, 'cpuBefore', 'good'],
  ] as const) {
    const found = verdictOf({ ...FINE, ...numbers });
    assert.equal(found, verdict, JSON.stringify(numbers));
    assert.equal(levelOf(found), level, verdict);
  }
});
