import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { CONNECTION_LIMITS } from '../http/connections/connection-limits.ts';
import { Newcomers } from './newcomers.ts';

function create(limits = {}, loginMs = 60_000) {
  const ended: unknown[] = [];
  const newcomers = new Newcomers({
    limits: { ...CONNECTION_LIMITS, ...limits },
    loginMs,
    ended: (reason, block) => ended.push([reason, block]),
  });
  const add = (block: string | undefined) => {
    const socket = new Socket();
    return { socket, ...newcomers.add(socket, block)! };
  };
  return { newcomers, add, ended };
}

test('a newcomer that does not log in in time is ended', async () => {
  const { add, ended } = create({}, 20);
  const { socket } = add('10.0.0.1');
  await once(socket, 'close');
  assert.deepEqual(ended, [['RFB_LOGIN_TIMED_OUT', '10.0.0.1']]);
});

test('the oldest newcomer of an address makes way for its next one, and the oldest of all for any', () => {
  const { newcomers, add, ended } = create({ halfOpen: 3, halfOpenOfAddress: 2 });
  const [first, second, third, fourth, fifth] = ['a', 'a', 'a', 'b', undefined].map(add);
  assert.deepEqual(
    [first, second, third, fourth, fifth].map((one) => one!.socket.destroyed),
    [true, true, false, false, false],
  );
  assert.deepEqual(ended, [
    ['RFB_ADDRESS_NEWCOMERS_FULL', 'a'],
    ['RFB_NEWCOMERS_FULL', 'a'],
  ]);
  newcomers.close();
});

test('a newcomer whose password is being checked neither makes way nor runs out of time', async () => {
  const { newcomers, add } = create({ halfOpen: 1 }, 20);
  const first = add('a');
  first.checking();
  const second = add('b');
  await once(second.socket, 'close');
  assert.ok(!first.socket.destroyed);
  newcomers.close();
  assert.ok(first.socket.destroyed);
});

test('where the passwords of all newcomers are being checked, the next one is ended', () => {
  const { newcomers, add, ended } = create({ halfOpen: 3, halfOpenOfAddress: 2 });
  const [first, second] = [add('a'), add('a')];
  first.checking();
  second.checking();
  const third = add('a');
  assert.ok(third.socket.destroyed);
  assert.deepEqual(ended, [['RFB_ADDRESS_NEWCOMERS_FULL', 'a']]);
  const other = add('b');
  other.checking();
  assert.ok(add('c').socket.destroyed);
  assert.deepEqual(ended.at(-1), ['RFB_NEWCOMERS_FULL', 'c']);
  assert.ok([first, second, other].every(({ socket }) => !socket.destroyed));
  // What was refused has its last answer, and makes way.
  second.refused();
  assert.ok(!add('a').socket.destroyed);
  assert.ok(second.socket.destroyed && !first.socket.destroyed);
  newcomers.close();
});

test('a newcomer that has logged in, or has gone, takes no place', async () => {
  const { newcomers, add, ended } = create({ halfOpen: 2 });
  const [in1, gone] = [add('a'), add('b')];
  in1.leave();
  gone.socket.destroy();
  await once(gone.socket, 'close');
  const others = [add('c'), add('d')];
  assert.ok([in1, ...others].every(({ socket }) => !socket.destroyed));
  assert.deepEqual(ended, []);
  newcomers.close();
  in1.socket.destroy();
});
