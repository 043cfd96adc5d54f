import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Readiness } from './readiness.ts';

/** A desktop whose questions are counted, with a clock that the test sets. */
function desktop() {
  const facts = { isThere: true, asked: 0, nowMs: 0, answer: async () => ({ x: 0, y: 0 }) };
  const readiness = new Readiness(
    {
      revive: () => facts.isThere,
      pointerPosition: () => {
        facts.asked++;
        return facts.answer();
      },
    },
    () => facts.nowMs,
  );
  return { facts, readiness };
}

test('a desktop that answers is ready, and is asked once a second however many callers there are', async () => {
  const { facts, readiness } = desktop();
  assert.deepEqual(await Promise.all([readiness.check(), readiness.check()]), [true, true]);
  facts.nowMs = 999;
  assert.equal(await readiness.check(), true);
  assert.equal(facts.asked, 1);
  facts.nowMs = 1000;
  assert.equal(await readiness.check(), true);
  assert.equal(facts.asked, 2);
});

test('a desktop that does not answer within the limit is not ready, and is asked nothing meanwhile', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { facts, readiness } = desktop();
  facts.answer = () => new Promise(() => undefined);
  const first = readiness.check();
  facts.nowMs = 1500;
  const second = readiness.check();
  t.mock.timers.tick(2000);
  assert.deepEqual(await Promise.all([first, second]), [false, false]);
  assert.equal(facts.asked, 1);
});

test('a desktop that was given up or is lost is not ready', async () => {
  const { facts, readiness } = desktop();
  facts.isThere = false;
  assert.equal(await readiness.check(), false);
  assert.equal(facts.asked, 0);
  facts.isThere = true;
  facts.answer = () => Promise.reject(new Error('lost'));
  facts.nowMs = 1000;
  assert.equal(await readiness.check(), false);
});
