import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TurnQueue } from './turn-queue.ts';

/** Takes all items out of a queue. */
function drain(queue: TurnQueue<string>): string[] {
  const taken: string[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) taken.push(item);
  return taken;
}

test('callers take turns, and the items of one caller keep their order', () => {
  const queue = new TurnQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) queue.push(item[0], item);
  assert.equal(queue.length, 6);
  assert.deepEqual(drain(queue), ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  assert.equal(queue.length, 0);
});

test('an item that is removed takes no turn', () => {
  const queue = new TurnQueue<string>();
  for (const item of ['a1', 'a2', 'b1', 'c1']) queue.push(item[0], item);
  queue.remove('a', 'a1');
  queue.remove('b', 'b1');
  queue.remove('b', 'b1');
  queue.remove('d', 'd1');
  assert.equal(queue.length, 2);
  assert.deepEqual(drain(queue), ['a2', 'c1']);
});
