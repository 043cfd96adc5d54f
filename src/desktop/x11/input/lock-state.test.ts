import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LockState } from './lock-state.ts';

const CAPS = 2;
const NUM = 0x10;
const NONE = { mods: 0, group: 0 };

test('an own change that the X server tells later does not become the choice of the user', () => {
  const locks = new LockState({ mods: CAPS, group: 1 });
  locks.set(NONE, 5);
  locks.set({ mods: CAPS, group: 1 }, 7);
  locks.told(NONE, 5);
  locks.told({ mods: CAPS, group: 1 }, 8);
  assert.deepEqual(locks.user, { mods: CAPS, group: 1 });
  assert.deepEqual(locks.present, { mods: CAPS, group: 1 });
});

test('a change by a program is the choice of the user', () => {
  const locks = new LockState(NONE);
  locks.told({ mods: CAPS, group: 1 }, 3);
  assert.deepEqual(locks.user, { mods: CAPS, group: 1 });
  assert.deepEqual(locks.present, { mods: CAPS, group: 1 });
});

test('a change by a program before an own one that is under way is remembered for later', () => {
  const locks = new LockState(NONE);
  locks.set({ mods: NUM, group: 0 }, 9);
  locks.told({ mods: CAPS, group: 0 }, 8);
  assert.deepEqual(locks.user, { mods: CAPS, group: 0 });
  assert.deepEqual(locks.present, { mods: NUM, group: 0 });
  locks.told({ mods: NUM, group: 0 }, 9);
  assert.deepEqual(locks.user, { mods: CAPS, group: 0 });
});

test('a change by a program after an own one changes what it differs in', () => {
  const locks = new LockState({ mods: CAPS, group: 1 });
  locks.set(NONE, 4);
  locks.told(NONE, 4);
  locks.told({ mods: NUM, group: 0 }, 4);
  assert.deepEqual(locks.user, { mods: CAPS | NUM, group: 1 });
  assert.deepEqual(locks.present, { mods: NUM, group: 0 });
});

test('more own changes than are remembered leave the last one in force', () => {
  const locks = new LockState(NONE);
  for (let i = 1; i <= 1000; i++) locks.set({ mods: i % 2 ? NUM : 0, group: 0 }, i);
  locks.told(NONE, 1000);
  assert.deepEqual(locks.user, NONE);
  assert.deepEqual(locks.present, NONE);
});
