import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginThrottle, throttleKey } from './throttle.ts';

const MINUTE_MS = 60_000;

function setUp() {
  const clock = { nowMs: 0 };
  return { clock, throttle: new LoginThrottle(() => clock.nowMs) };
}

test('two failures cost nothing, then each doubles the wait, up to half a minute', () => {
  const { clock, throttle } = setUp();
  const waits = Array.from({ length: 11 }, () => {
    throttle.failed('k');
    const wait = throttle.delayMs('k');
    clock.nowMs += wait;
    return wait;
  });
  assert.deepEqual(waits, [0, 0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('after the wait one attempt is let through, not all that asked', () => {
  const { clock, throttle } = setUp();
  for (let i = 0; i < 5; i++) throttle.failed('k');
  clock.nowMs += throttle.delayMs('k');
  assert.equal(throttle.delayMs('k'), 0);
  assert.equal(throttle.delayMs('k'), 2000);
});

test('a success forgets, a quarter of an hour too, and other keys never mattered', () => {
  const { clock, throttle } = setUp();
  const [a, b] = [throttleKey('fred', '10.0.0.1'), throttleKey('fred', '10.0.0.2')];
  for (let i = 0; i < 5; i++) throttle.failed(a);
  assert.equal(throttle.delayMs(a) > 0, true);
  assert.equal(throttle.delayMs(b), 0);
  throttle.succeeded(a);
  assert.equal(throttle.delayMs(a), 0);
  for (let i = 0; i < 5; i++) throttle.failed(a);
  clock.nowMs += 15 * MINUTE_MS + 1;
  assert.equal(throttle.delayMs(a), 0);
  throttle.failed(a);
  assert.equal(throttle.delayMs(a), 0);
});

test('what is remembered is bounded, and the oldest goes first', () => {
  const { throttle } = setUp();
  for (const key of ['first', 'last']) for (let i = 0; i < 5; i++) throttle.failed(key);
  for (let i = 0; i < 9_999; i++) throttle.failed(`k${i}`);
  assert.equal(throttle.delayMs('first'), 0);
  assert.equal(throttle.delayMs('last') > 0, true);
});
