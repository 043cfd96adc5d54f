import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './comparison.ts';
import type { FanoutResult } from './fanout.ts';
import type { MemoryResult } from './memory.ts';
import { formatJudgements, formatResults, formatWorst } from './report.ts';
import type { MemoryNow } from './rig.ts';
import type { RoundNumbers } from './round.ts';
import { type Judgement, judge, judgeFanout, judgeKeyboard, judgeLinks, judgeMemory } from './thresholds.ts';

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
  ssim: 0.95,
  chromaDb: 40,
  exactPercent: 0,
  exactAfterMs: Number.POSITIVE_INFINITY,
  othersPercent: 0,
};

const SIZE = { width: 1920, height: 1080 };

const verdicts = (judgements: readonly Judgement[]): [string, number, boolean][] =>
  judgements.map(({ workload, measured, kept }) => [workload, measured, kept]);

test('promises are judged by the ratio of medians', () => {
  const tigervnc = [ROUND, { ...ROUND, p50Ms: 1000 }, ROUND];
  const moving = compare('moving-30', { tigervnc, deskwire: [{ ...ROUND, p50Ms: 16, cpuMsPerFrame: 9 }] });
  const small = compare('small-30', { tigervnc, deskwire: [{ ...ROUND, p50Ms: 21 }] });
  assert.deepEqual(verdicts(judge([moving, small], SIZE)), [
    ['moving-30', 0, true],
    ['moving-30', 0.8, false],
    ['moving-30', 0.9, true],
    ['small-30', 1.05, false],
    ['small-30', 1, true],
    ['moving-30', 1, true],
    ['small-30', 1, true],
  ]);
});

test('a picture whose quality was reduced for speed misses its promise', () => {
  const spoiled = compare('video-30', { tigervnc: [ROUND], deskwire: [{ ...ROUND, ssim: 0.9449 }] });
  const [similarity] = judge([spoiled], SIZE);
  assert.match(similarity!.promise, /^SSIM/);
  assert.equal(similarity!.kept, false);
});

test('text counts as lossless only if every sample was exact', () => {
  const kept = (exactPercent: number): boolean | undefined =>
    judge([compare('pages-30', { deskwire: [{ ...ROUND, exactPercent }] })], SIZE).find(({ promise }) =>
      promise.startsWith('text lossless'),
    )?.kept;
  assert.equal(kept(100), true);
  assert.equal(kept(99.9), false);
});

test('a promise without a measurement is not judged', () => {
  assert.deepEqual(judge([compare('moving-30', { deskwire: [ROUND] })], SIZE), []);
  assert.deepEqual(judge([compare('idle', { tigervnc: [ROUND] })], SIZE), []);
  const unseen = { ...ROUND, p50Ms: undefined, p99Ms: undefined, cpuMsPerFrame: undefined, ssim: undefined };
  assert.deepEqual(judge([compare('moving-30', { tigervnc: [ROUND], deskwire: [unseen] })], SIZE), []);
});

test('a screen is judged by the promises for its size', () => {
  const results = [compare('video-30', { tigervnc: [ROUND], deskwire: [{ ...ROUND, fps: 28 }] })];
  assert.deepEqual(verdicts(judge(results, { width: 3840, height: 2160 })), [['video-30', 28, false]]);
  assert.deepEqual(judge(results, { width: 1280, height: 720 }), []);
});

test('of rounds that differ, the worst ratio of the same round is reported, and what it painted', () => {
  const deskwire = [ROUND, { ...ROUND, fps: 20, p50Ms: 18 }, { ...ROUND, p50Ms: 30 }];
  const tigervnc = [{ ...ROUND, fps: 60 }, ROUND, { ...ROUND, p50Ms: 60 }];
  const { worst } = compare('pages-30', { deskwire, tigervnc }, ['a', 'b', 'c']);
  assert.equal(worst!.fps, 20);
  assert.deepEqual(worst!.ratios.p50Ms, { value: 1, drawn: 'a' });
  assert.deepEqual(worst!.ratios.fps, { value: 0.5, drawn: 'a' });
  assert.match(
    formatWorst([compare('pages-30', { deskwire, tigervnc }, ['a', 'b', 'c'])]),
    /x 1\.00 with a$/m,
  );
});

test('scrolling is judged by its worst round, and pages by the medians', () => {
  const worse = { ...ROUND, fps: 28, p50Ms: 9 };
  const deskwire = [{ ...ROUND, p50Ms: 2, cpuMsPerFrame: 5, bytesPerFrame: 100, exactPercent: 100 }, worse];
  const rounds = { deskwire: [deskwire[0]!, deskwire[0]!, worse], tigervnc: [ROUND, ROUND, ROUND] };
  const missed = (workload: 'scroll-lines-30' | 'pages-30'): string[] =>
    judge([compare(workload, rounds, ['a', 'b', 'c'])], SIZE)
      .filter(({ kept }) => !kept)
      .map(({ promise }) => promise);
  assert.deepEqual(missed('scroll-lines-30'), [
    'all 30 fps, which 29 count as, in the worst round',
    'p50 latency at most 0.3 x TigerVNC in the worst round',
    'CPU per frame at most 0.6 x TigerVNC in the worst round',
    'bytes per frame at most 0.3 x TigerVNC in the worst round',
  ]);
  assert.deepEqual(missed('pages-30'), []);
});

test('beside a busy core only the tail is judged', () => {
  const results = [
    compare('video-30', { tigervnc: [ROUND], deskwire: [{ ...ROUND, p99Ms: 41, p50Ms: 100 }] }),
  ];
  assert.deepEqual(verdicts(judge(results, SIZE, true)), [['video-30', 1.025, false]]);
});

test("memory is judged by Deskwire's own without OpenGL's libraries, and screenshots only where there are any", () => {
  const at = (mib: number): MemoryNow => ({ mib: mib + 41, aloneMiB: mib + 91, openGlMiB: 41 });
  const memory: MemoryResult = {
    peer: 'deskwire',
    idle: at(140),
    viewed: at(201),
    left: at(160),
    afterScreenshots: undefined,
  };
  assert.deepEqual(verdicts(judgeMemory([{ ...memory, peer: 'tigervnc' }, memory], SIZE)), [
    ['memory', 140, true],
    ['memory', 201, false],
    ['memory', 160, true],
  ]);
});

test('rounds of a fixed picture have no worst one', () => {
  assert.equal(compare('video-30', { deskwire: [ROUND], tigervnc: [ROUND] }).worst, undefined);
  assert.equal(formatWorst([compare('video-30', { deskwire: [ROUND], tigervnc: [ROUND] })]), '');
});

test('infinite values have no ratio', () => {
  const never = { ...ROUND, exactAfterMs: Number.POSITIVE_INFINITY };
  const { ratios } = compare('moving-30', { tigervnc: [never], deskwire: [{ ...ROUND, exactAfterMs: 300 }] });
  assert.equal(ratios!.exactAfterMs, undefined);
});

test("the promises for many viewers are judged by Deskwire's numbers alone", () => {
  const fanout: FanoutResult = {
    peer: 'deskwire',
    workload: 'video-10',
    paintedFps: 10,
    viewers: 16,
    leastFps: 9.4,
    medianFps: 10,
    cpuRatio: 1.4,
    memoryMBPerViewer: 10.1,
  };
  const judgements = judgeFanout([fanout, { ...fanout, peer: 'tigervnc' }], SIZE);
  assert.deepEqual(verdicts(judgements), [
    ['video-10', 9.4, false],
    ['video-10', 1.4, true],
    ['video-10', 10.1, false],
  ]);
});

test('the report has a line per server, a line of ratios, and a verdict per promise', () => {
  const results = [
    compare('idle', { tigervnc: [ROUND], deskwire: [{ ...ROUND, cpuPercent: 0.5, bytes: 1 }] }),
  ];
  const names = formatResults(results)
    .split('\n')
    .map((line) => line.slice(0, 28).trim());
  assert.deepEqual(names, ['', 'idle tigervnc', 'idle deskwire', 'idle ratio']);
  assert.match(
    formatJudgements(judge(results, SIZE)),
    /^PASS {2}idle: under 1 %.*\(measured 0\.500\)\nMISS {2}idle: 0 bytes/,
  );
});

test('the promises about slow links are judged by the age of updates', () => {
  const link = { ageMs: { p50: 1, p95: 251, p99: 300 }, updatesPerSecond: 20, usedShare: 0.9 };
  const judgements = judgeLinks([
    { ...link, mbit: 5, congestionControl: 'cubic', lossShare: 0 },
    { ...link, mbit: 2.4, congestionControl: 'bbr', lossShare: 0.02 },
  ]);
  assert.deepEqual(verdicts(judgements), [
    ['links', 251, false],
    ['links', 300, true],
  ]);
});

test('the promises about typed text are judged for each program, and one that does not run breaks them', () => {
  const counts = { program: 'xterm', characters: 100, lost: 0, swapped: 0, doubled: 0, other: 0 };
  const judgements = judgeKeyboard({
    typed: [
      { ...counts, keycodes: 'new', charactersPerSecond: 30 },
      { ...counts, keycodes: 'none', charactersPerSecond: 299, lost: 1, other: 1 },
    ],
    composed: [
      { program: 'xterm, ibus', got: '你好' },
      { program: 'xterm, fcitx5', got: 'nihao ' },
    ],
    failed: [{ program: 'Swing', reason: 'Debian package default-jdk is missing' }],
  });
  assert.deepEqual(verdicts(judgements), [
    ['keyboard', 0, true],
    ['keyboard', 30, true],
    ['keyboard', 2, false],
    ['keyboard', 299, false],
    ['keyboard', 2, true],
    ['keyboard', 6, false],
    ['keyboard', 0, false],
  ]);
  assert.match(
    formatJudgements(judgements),
    /MISS {2}keyboard: Swing can be typed into, but: Debian package/,
  );
});
