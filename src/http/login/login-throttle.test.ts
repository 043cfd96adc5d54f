import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginThrottle } from './login-throttle.ts';

const MINUTE_MS = 60_000;
const ADDRESS = '10.0.0.1';

function setUp() {
  const clock = { nowMs: 0 };
  return { clock, throttle: new LoginThrottle(() => clock.nowMs) };
}

test('two failed logins cost nothing, and each further one doubles the wait up to half a minute', () => {
  const { clock, throttle } = setUp();
  const waits = Array.from({ length: 11 }, () => {
    throttle.failed('fred', ADDRESS);
    const wait = throttle.delayMs('fred', ADDRESS);
    clock.nowMs += wait;
    return wait;
  });
  assert.deepEqual(waits, [0, 0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('after the wait the throttle lets one login through and makes the others wait again', () => {
  const { clock, throttle } = setUp();
  for (let i = 0; i < 5; i++) throttle.failed('fred', ADDRESS);
  clock.nowMs += throttle.delayMs('fred', ADDRESS);
  assert.equal(throttle.delayMs('fred', ADDRESS), 0);
  assert.equal(throttle.delayMs('fred', ADDRESS), 2000);
});

test('the throttle forgets failures after a successful login and after a quarter of an hour', () => {
  const { clock, throttle } = setUp();
  for (let i = 0; i < 5; i++) throttle.failed('fred', ADDRESS);
  assert.ok(throttle.delayMs('fred', ADDRESS) > 0);
  throttle.succeeded('fred', ADDRESS);
  assert.equal(throttle.delayMs('fred', ADDRESS), 0);
  for (let i = 0; i < 5; i++) throttle.failed('fred', ADDRESS);
  clock.nowMs += 15 * MINUTE_MS + 1;
  assert.equal(throttle.delayMs('fred', ADDRESS), 0);
  throttle.failed('fred', ADDRESS);
  assert.equal(throttle.delayMs('fred', ADDRESS), 0);
});

test('a few failed logins slow down neither another name at that address nor that name elsewhere', () => {
  const { throttle } = setUp();
  for (let i = 0; i < 9; i++) throttle.failed('fred', ADDRESS);
  assert.ok(throttle.delayMs('fred', ADDRESS) > 0);
  assert.equal(throttle.delayMs('fred', '10.0.0.2'), 0);
  assert.equal(throttle.delayMs('eve', ADDRESS), 0);
});

test('a guesser who tries many names from one address gets 30 tries a minute', () => {
  const { clock, throttle } = setUp();
  let tries = 0;
  const guessUntil = (endMs: number): void => {
    while (clock.nowMs < endMs) {
      const wait = throttle.delayMs(`name${tries}`, ADDRESS);
      clock.nowMs += wait;
      if (wait > 0) continue;
      throttle.failed(`name${tries}`, ADDRESS);
      tries += 1;
    }
  };
  guessUntil(MINUTE_MS);
  assert.ok(tries > 50 && tries < 100, `${tries} tries in the first minute`);
  tries = 0;
  guessUntil(2 * MINUTE_MS);
  assert.ok(tries <= 31, `${tries} tries in the second minute`);
  assert.equal(throttle.delayMs('eve', '10.0.0.2'), 0);
});

test('a successful login lets the next one of its address through, but not before a wait for a failure', () => {
  const { clock, throttle } = setUp();
  for (let i = 0; i < 60; i++) throttle.failed(`name${i}`, ADDRESS);
  assert.equal(throttle.delayMs('ada', ADDRESS), 2000);
  clock.nowMs += 2000;
  for (let i = 0; i < 20; i++) {
    assert.equal(throttle.delayMs(`user${i}`, ADDRESS), 0);
    assert.equal(throttle.delayMs('ada', ADDRESS), 2000, 'one login at a time');
    clock.nowMs += 25;
    throttle.succeeded(`user${i}`, ADDRESS);
  }
  throttle.failed('fred', ADDRESS);
  throttle.succeeded('ada', ADDRESS);
  assert.equal(throttle.delayMs('ada', ADDRESS), 2000);
});

test('the failures of an address decay by one every 20 s, however often further ones come', () => {
  const { clock, throttle } = setUp();
  for (let i = 0; i < 1000; i++) throttle.failed(`name${i}`, ADDRESS);
  assert.equal(throttle.delayMs('ada', ADDRESS), 2000);
  clock.nowMs += 6 * 20_000;
  throttle.failed('fred', ADDRESS);
  assert.equal(throttle.delayMs('ada', ADDRESS), 100, 'the first wait, although 1,000 had failed');
  clock.nowMs += 20_000;
  for (let i = 0; i < 500; i++) {
    assert.equal(throttle.delayMs(`later${i}`, ADDRESS), 0, `after ${i} failures, one every 20 s`);
    throttle.failed(`later${i}`, ADDRESS);
    clock.nowMs += 20_000;
  }
});

test('a guesser with an account of their own is slowed down all the same', () => {
  const { throttle } = setUp();
  for (let i = 0; i < 60; i++) {
    throttle.failed(`name${i}`, ADDRESS);
    throttle.succeeded('guesser', ADDRESS);
  }
  assert.ok(throttle.delayMs('other', ADDRESS) > 0);
});

test('the throttle remembers 10,000 names and forgets the one that failed longest ago', () => {
  const { throttle } = setUp();
  for (const name of ['first', 'last']) for (let i = 0; i < 5; i++) throttle.failed(name, ADDRESS);
  for (let i = 0; i < 9_999; i++) throttle.failed('other', `10.1.${i >> 8}.${i & 255}`);
  assert.equal(throttle.delayMs('first', ADDRESS), 0);
  assert.ok(throttle.delayMs('last', ADDRESS) > 0);
});
