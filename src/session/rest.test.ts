import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rest } from './rest.ts';

test('a session is at rest once when it has not been used for a while, and never while it is watched', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let rests = 0;
  const rest = new Rest(() => rests++, 100);
  t.mock.timers.tick(99);
  rest.used();
  t.mock.timers.tick(99);
  assert.equal(rests, 0);
  t.mock.timers.tick(1);
  t.mock.timers.tick(1000);
  assert.equal(rests, 1);
  rest.watched(true);
  rest.used();
  t.mock.timers.tick(1000);
  assert.equal(rests, 1);
  rest.watched(false);
  t.mock.timers.tick(100);
  assert.equal(rests, 2);
  rest.used();
  rest.close();
  t.mock.timers.tick(1000);
  assert.equal(rests, 2);
});
