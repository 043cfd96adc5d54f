import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PageRun } from './page.ts';
import { formatPages, judgePages } from './page-report.ts';
import type { ShownNumbers } from './page-round.ts';

const SIZE = { width: 1920, height: 1080 };
const SHOWN: ShownNumbers = { fps: 30, p50Ms: 50, p99Ms: 90, browserCpuMs: 20, serverCpuMs: 10 };
const RUN: PageRun = {
  film: SHOWN,
  text: SHOWN,
  small: SHOWN,
  keyP50Ms: 30,
  keyP99Ms: 50,
  firstPictureMs: 500,
};

/** The promises that are broken, in order. */
const broken = (ours: readonly PageRun[], theirs: readonly PageRun[]): string[] =>
  judgePages({ deskwire: ours, novnc: theirs }, SIZE)
    .filter(({ kept }) => !kept)
    .map(({ promise }) => promise);

test('a page as quick as noVNC breaks each promise to be quicker, and one that is quick enough none', () => {
  assert.equal(broken([RUN], [RUN]).length, 4);
  const slow = { ...SHOWN, p50Ms: 100, fps: 11 };
  const theirs = { ...RUN, film: slow, text: slow, keyP99Ms: 72, firstPictureMs: 630 };
  assert.deepEqual(broken([RUN], [theirs]), []);
});

test('a film of fewer frames is good enough if noVNC shows less than half of them', () => {
  const film = (fps: number): PageRun => ({
    ...RUN,
    film: { ...SHOWN, fps, p50Ms: fps > 15 ? 40 : 90 },
    text: { ...SHOWN, p50Ms: fps > 15 ? 50 : 90 },
    keyP99Ms: fps > 15 ? 10 : 50,
    firstPictureMs: fps > 15 ? 10 : 500,
  });
  assert.deepEqual(broken([film(20)], [film(10)]), []);
  assert.match(broken([film(20)], [film(10.1)])[0]!, /at least 24, or twice noVNC's \(1\.98 x\)/);
});

test('a page that shows nothing breaks the promises, and a run of one page has none', () => {
  const nothing: ShownNumbers = { ...SHOWN, fps: 0, p50Ms: undefined, p99Ms: undefined };
  assert.equal(broken([{ ...RUN, film: nothing, text: nothing, small: nothing }], [RUN]).length, 7);
  assert.deepEqual(judgePages({ deskwire: [RUN] }, SIZE), []);
});

test('the table has the medians of both pages, and their ratios', () => {
  const theirs = [20, 60, 30].map((keyP99Ms) => ({ ...RUN, keyP99Ms }));
  const table = formatPages({ deskwire: [{ ...RUN, keyP99Ms: 15 }], novnc: theirs });
  assert.match(table, /key to pixel: p99 ms +\| +15\.0 \| +30\.0 \| +0\.50 \|/);
  assert.match(formatPages({ deskwire: [RUN] }), /film: p50 ms +\| +50\.0 \| +- \| +- \|/);
});
