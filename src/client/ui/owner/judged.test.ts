import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Judged, saidAbout, worstOf } from './judged.ts';
import type { Verdict } from './verdict.ts';

function judged(user: string, verdict: Verdict, cpu: number, network: number): Judged {
  const numbers = { cpu, cpuAverage: cpu, network, networkAverage: network };
  const rates = { fps: 1, bytesPerSecond: 1, latencyMs: 1, frame: undefined };
  return { reading: { id: user, user, ...numbers, ...rates }, verdict };
}

const FINE = judged('fine', 'fine', 10, 10);
const SLOW = judged('slow', 'network', 10, 1);
const LATE = judged('late', 'cpu', 2, 10);
const LATE_TOO = judged('late too', 'cpuAtTimes', 6, 10);

const names = (list: readonly Judged[]): string[] => list.map(({ reading }) => reading.id);

test('the viewer that is held up most is chosen first', () => {
  assert.equal(worstOf([FINE, LATE, SLOW]), SLOW);
  assert.equal(worstOf([]), undefined);
});

test('sentences are said about the chosen viewer and about others that are held up, and about the server once', () => {
  assert.deepEqual(names(saidAbout([FINE, LATE, SLOW, LATE_TOO], FINE)), ['fine', 'slow', 'late']);
  assert.deepEqual(names(saidAbout([FINE, LATE, SLOW, LATE_TOO], LATE_TOO)), ['late too', 'slow']);
  assert.deepEqual(names(saidAbout([FINE], undefined)), []);
  const many = Array.from({ length: 9 }, (_, i) => judged(`slow ${i}`, 'network', 10, 1));
  assert.equal(saidAbout(many, many[8]).length, 4);
});
