import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBudget } from './byte-budget.ts';

test('a budget of bytes is shared, and what is given back can be taken again', () => {
  const budget = new ByteBudget(100);
  let told = 0;
  const stop = budget.onRoom(() => told++);
  const giveBack = budget.take(60);
  assert.ok(giveBack);
  assert.equal(budget.take(41), undefined);
  assert.ok(budget.take(40));
  giveBack();
  giveBack();
  assert.deepEqual([budget.takenBytes, told], [40, 1]);
  stop();
  budget.take(60)?.();
  assert.equal(told, 1);
});
