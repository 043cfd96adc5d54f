import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { GONE_AFTER_MS, Presence } from './presence.ts';

function create() {
  const clock = new ManualClock();
  const said: string[] = [];
  const presence = new Presence({
    after: clock.after,
    joined: (user) => said.push(`${user} joined`),
    left: (user) => said.push(`${user} left`),
  });
  return { clock, presence, said };
}

test('a user joins with the first connection, and leaves some time after the end of the last one', () => {
  const { clock, presence, said } = create();
  presence.connected('ada');
  presence.connected('ada');
  assert.deepEqual(said, ['ada joined']);
  presence.disconnected('ada');
  clock.pass(GONE_AFTER_MS * 2);
  assert.deepEqual(said, ['ada joined']);
  presence.disconnected('ada');
  clock.pass(GONE_AFTER_MS - 1);
  assert.deepEqual(said, ['ada joined']);
  clock.pass(1);
  assert.deepEqual(said, ['ada joined', 'ada left']);
});

test('a user who connects again at once has neither left nor joined, however often', () => {
  const { clock, presence, said } = create();
  presence.connected('ada');
  for (let i = 0; i < 100; i++) {
    presence.disconnected('ada');
    clock.pass(GONE_AFTER_MS / 2);
    presence.connected('ada');
  }
  clock.pass(GONE_AFTER_MS * 2);
  assert.deepEqual(said, ['ada joined']);
});

test('after the end nothing is said, and no timer runs', () => {
  const { clock, presence, said } = create();
  presence.connected('ada');
  presence.connected('bob');
  presence.disconnected('ada');
  presence.close();
  presence.disconnected('bob');
  assert.equal(clock.waiting, 0);
  assert.deepEqual(said, ['ada joined', 'bob joined']);
});
