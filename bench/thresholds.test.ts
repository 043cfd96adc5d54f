import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './comparison.ts';
import { formatJudgements, formatResults } from './report.ts';
import type { RoundNumbers } from './round.ts';
import { judge } from './thresholds.ts';

const ROUND: RoundNumbers = {
  fps: 30,
  p50Ms: 20,
  p99Ms: 40,
  bytesPerFrame: 1000,
  bytes: 90_000,
  cpuMsPerFrame: 10,
  cpuPercent: 30,
  memoryMiB: 100,
  painted: 90,
  lost: 0,
  torn: 0,
  othersPercent: 0,
};

test('promises are judged by the ratio of medians', () => {
  const tigervnc = [ROUND, { ...ROUND, p50Ms: 1000 }, ROUND];
  const kept = compare('moving-30', { tigervnc, deskwire: [{ ...ROUND, p50Ms: 16 }] });
  const broken = compare('small-30', { tigervnc, deskwire: [{ ...ROUND, p50Ms: 21 }] });
  assert.deepEqual(
    judge([kept, broken]).map(({ workload, measured, kept: isKept }) => [workload, measured, isKept]),
    [
      ['moving-30', 0.8, true],
      ['small-30', 1.05, false],
    ],
  );
});

test('what was not measured is not judged', () => {
  assert.deepEqual(judge([compare('moving-30', { deskwire: [ROUND] })]), []);
  assert.deepEqual(judge([compare('idle', { tigervnc: [ROUND] })]), []);
  const unseen = { ...ROUND, p50Ms: undefined };
  assert.deepEqual(judge([compare('moving-30', { tigervnc: [ROUND], deskwire: [unseen] })]), []);
});

test('the report has a line a server, one of ratios, and a verdict a promise', () => {
  const results = [
    compare('idle', { tigervnc: [ROUND], deskwire: [{ ...ROUND, cpuPercent: 0.5, bytes: 1 }] }),
  ];
  const names = formatResults(results)
    .split('\n')
    .map((line) => line.slice(0, 22).trim());
  assert.deepEqual(names, ['', 'idle tigervnc', 'idle deskwire', 'idle ratio']);
  const verdicts = formatJudgements(judge(results));
  assert.match(verdicts, /^PASS {2}idle: under 1 %.*\(measured 0\.50\)\nMISS {2}idle: 0 bytes/);
});
