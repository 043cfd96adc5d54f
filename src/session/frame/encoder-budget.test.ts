import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEncoderBudgets, EncoderBudget } from './encoder-budget.ts';

/** A budget of two threads, with a clock that the test sets. */
function createBudget(): { budget: EncoderBudget; time: { nowMs: number; wakes: number } } {
  const time = { nowMs: 0, wakes: 0 };
  const budget = new EncoderBudget({ threads: 2, nowMs: () => time.nowMs, wake: () => time.wakes++ });
  return { budget, time };
}

const taken = (usualCpuMs: number, cpuMs: number) => ({ usualCpuMs, cpuMs, share: 1 });

/** Milliseconds that updates of that CPU time take to be sent, one after the other, `count` times. */
function pace(cpuMs: number, eachMs: number, count: number): number {
  const { budget, time } = createBudget();
  for (let pass = 0; pass < count; pass++) {
    budget.took('key', taken(cpuMs, cpuMs), pass);
    time.nowMs += Math.max(eachMs, budget.waitMs(time.nowMs));
  }
  budget.close();
  return time.nowMs;
}

suite('the encoder time of one user', () => {
  for (const { what, cpuMs, eachMs, mostMs, leastMs } of [
    { what: 'small changes 60 times a second', cpuMs: 2, eachMs: 16, leastMs: 3200, mostMs: 3200 },
    { what: 'a film at 30 frames a second', cpuMs: 30, eachMs: 33, leastMs: 6600, mostMs: 6600 },
    // 100 ms of each update at two thirds of the time, but for the first 300 ms.
    { what: 'updates of 200 ms of CPU time', cpuMs: 200, eachMs: 33, leastMs: 29_000, mostMs: 30_500 },
  ]) {
    test(`200 updates, ${what}, take as long as their share of the encoder threads`, () => {
      const tookMs = pace(cpuMs, eachMs, 200);
      assert.ok(tookMs >= leastMs && tookMs <= mostMs, `${tookMs} ms`);
    });
  }

  test('a user who waits is woken when time is left', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { budget, time } = createBudget();
    budget.took('key', taken(800, 800), 0);
    const waitMs = budget.waitMs(0);
    assert.ok(waitMs > 0);
    t.mock.timers.tick(waitMs);
    assert.equal(time.wakes, 1);
    assert.equal(budget.waitMs(waitMs), 0);
    budget.took('key', taken(800, 800), 1);
    budget.close();
    t.mock.timers.tick(10_000);
    assert.equal(time.wakes, 1);
  });

  test('no update makes a user wait for longer than a second', () => {
    const { budget } = createBudget();
    for (let pass = 0; pass < 100; pass++) budget.took('key', taken(1000, 1000), pass);
    assert.ok(budget.waitMs(0) <= 1001, `${budget.waitMs(0)} ms`);
    budget.close();
  });

  test('an estimate that was too low is corrected at once, one that was too high step by step', () => {
    const { budget } = createBudget();
    assert.equal(budget.estimateMs('key', 20), 10);
    budget.took('key', taken(20, 60), 0);
    assert.equal(budget.estimateMs('key', 20), 30);
    budget.took('key', taken(20, 20), 1);
    assert.equal(budget.estimateMs('key', 20), 25);
    assert.equal(budget.estimateMs('other', 20), 10);
    budget.close();
  });

  test('an update whose rects another viewer paid for says nothing about costs', () => {
    const { budget } = createBudget();
    budget.took('key', taken(20, 0), 0);
    assert.equal(budget.estimateMs('key', 20), 10);
    budget.close();
  });

  test('the profiles whose costs are known are bounded, and a forgotten one is served first', () => {
    const { budget } = createBudget();
    budget.took('first', taken(20, 60), 0);
    assert.deepEqual([budget.estimateMs('first', 20), budget.servedIn('first')], [30, 0]);
    for (let i = 0; i < 16; i++) budget.took(`${i}`, taken(2, 2), i);
    assert.deepEqual([budget.estimateMs('first', 20), budget.servedIn('first')], [10, -1]);
    budget.close();
  });

  test('all connections of a user have one budget, which outlives them', () => {
    const budgets = createEncoderBudgets({ threads: 2, nowMs: () => 0, wake: () => undefined });
    assert.equal(budgets.of('ada'), budgets.of('ada'));
    assert.notEqual(budgets.of('ada'), budgets.of('bob'));
    budgets.close();
  });
});
