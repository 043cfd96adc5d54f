import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebpBudget } from './webp-budget.ts';

const FRAME_MS = 20;

/** A budget that has seen many rects at this speed, in pixels per microsecond. */
function seen(threads: number, pxPerUs: number): WebpBudget {
  const budget = new WebpBudget(threads);
  for (let i = 0; i < 100; i++) budget.took(64_000, 64_000 / pxPerUs);
  return budget;
}

const isAbout = (found: number, wanted: number): void =>
  assert.ok(Math.abs(found / wanted - 1) < 0.01, `${found} instead of ${wanted}`);

test('the WebP budget is three tenths of a frame on every thread at the measured speed', () => {
  isAbout(seen(1, 20).pxOf(FRAME_MS), 0.3 * 20_000 * 20);
  isAbout(seen(4, 20).pxOf(FRAME_MS), 4 * 0.3 * 20_000 * 20);
  isAbout(seen(1, 5).pxOf(FRAME_MS), 0.3 * 20_000 * 5);
});

test('the WebP budget is small before the first measurement, and soon follows the measured speed', () => {
  const budget = new WebpBudget(2);
  const first = budget.pxOf(FRAME_MS);
  assert.ok(first > 0 && first < seen(2, 20).pxOf(FRAME_MS));
  for (let i = 0; i < 30; i++) budget.took(64_000, 6_400);
  assert.ok(budget.pxOf(FRAME_MS) > first * 1.1);
  for (let i = 0; i < 30; i++) budget.took(64_000, 64_000);
  assert.ok(budget.pxOf(FRAME_MS) < first / 4);
});

test('a rect that took no measurable time keeps the WebP budget finite', () => {
  const budget = new WebpBudget(1);
  for (let i = 0; i < 1000; i++) budget.took(1, 0);
  assert.ok(budget.pxOf(FRAME_MS) < 10_000, `${budget.pxOf(FRAME_MS)} pixels`);
});
