import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpProblem } from '../problems/errors.ts';
import { RecentRefusals } from './recent-refusals.ts';

test('the reason of a refused WebSocket is kept for its browser for 5 s, and told once', () => {
  let nowMs = 0;
  const recent = new RecentRefusals(() => nowMs);
  const problem = httpProblem('HTTP_FOREIGN_PAGE');
  recent.add('192.0.2.1', 'Firefox', problem);
  assert.equal(recent.take('192.0.2.2', 'Firefox'), undefined);
  assert.equal(recent.take('192.0.2.1', 'curl'), undefined);
  nowMs = 4999;
  assert.equal(recent.take('192.0.2.1', 'Firefox'), problem);
  assert.equal(recent.take('192.0.2.1', 'Firefox'), undefined);
  recent.add('192.0.2.1', 'Firefox', problem);
  nowMs += 5000;
  assert.equal(recent.take('192.0.2.1', 'Firefox'), undefined);
  for (let i = 0; i < 300; i++) recent.add(`10.0.0.${i}`, '', problem);
  assert.equal(recent.take('10.0.0.43', ''), undefined, 'the oldest are dropped');
  assert.equal(recent.take('10.0.0.44', ''), problem);
});
