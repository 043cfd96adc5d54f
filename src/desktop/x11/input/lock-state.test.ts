import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LockState, type Locks } from './lock-state.ts';

const CAPS = 2;
const NUM = 0x10;
const NONE = { mods: 0, group: 0 };

/** The X server says what a program, or this one, has locked on a keyboard with two groups. */
const tell = (state: LockState, locks: Locks, sequence: number): void =>
  state.told({ ...locks, isByKey: false }, sequence, 2);

test('an own change that the X server tells later does not become the choice of the user', () => {
  const locks = new LockState({ mods: CAPS, group: 1 });
  locks.set(NONE, 5);
  locks.set({ mods: CAPS, group: 1 }, 7);
  tell(locks, NONE, 5);
  tell(locks, { mods: CAPS, group: 1 }, 8);
  assert.deepEqual(locks.user, { mods: CAPS, group: 1 });
  assert.deepEqual(locks.present, { mods: CAPS, group: 1 });
});

test('a change by a program is the choice of the user', () => {
  const locks = new LockState(NONE);
  tell(locks, { mods: CAPS, group: 1 }, 3);
  assert.deepEqual(locks.user, { mods: CAPS, group: 1 });
  assert.deepEqual(locks.present, { mods: CAPS, group: 1 });
});

test('a change by a program before an own one that is under way is remembered for later', () => {
  const locks = new LockState(NONE);
  locks.set({ mods: NUM, group: 0 }, 9);
  tell(locks, { mods: CAPS, group: 0 }, 8);
  assert.deepEqual(locks.user, { mods: CAPS, group: 0 });
  assert.deepEqual(locks.present, { mods: NUM, group: 0 });
  tell(locks, { mods: NUM, group: 0 }, 9);
  assert.deepEqual(locks.user, { mods: CAPS, group: 0 });
});

test('a change by a program after an own one changes what it differs in', () => {
  const locks = new LockState({ mods: CAPS, group: 1 });
  locks.set(NONE, 4);
  tell(locks, NONE, 4);
  tell(locks, { mods: NUM, group: 0 }, 4);
  assert.deepEqual(locks.user, { mods: CAPS | NUM, group: 1 });
  assert.deepEqual(locks.present, { mods: NUM, group: 0 });
});

test('more own changes than are remembered leave the last one in force', () => {
  const locks = new LockState(NONE);
  for (let i = 1; i <= 10_000; i++) locks.set({ mods: i % 2 ? NUM : 0, group: 0 }, i);
  tell(locks, NONE, 10_000);
  assert.deepEqual(locks.user, NONE);
  assert.deepEqual(locks.present, NONE);
});

test('a key that switches to the next group while another one is set for a moment switches from the group of the user', () => {
  const locks = new LockState(NONE);
  locks.set({ mods: 0, group: 1 }, 5);
  locks.told({ mods: 0, group: 0, isByKey: true }, 5, 2);
  assert.deepEqual(locks.user, { mods: 0, group: 1 });
});

test('a program that sets a group while another one is set for a moment has set it for the user', () => {
  const locks = new LockState({ mods: 0, group: 1 });
  locks.set(NONE, 5);
  locks.told({ mods: 0, group: 2, isByKey: false }, 5, 4);
  assert.deepEqual(locks.user, { mods: 0, group: 2 });
});

test('own changes that the X server has carried out without telling are forgotten after a round trip', () => {
  const locks = new LockState(NONE);
  locks.set(NONE, 5);
  locks.set(NONE, 7);
  locks.confirmed(8);
  tell(locks, { mods: 0, group: 1 }, 8);
  assert.deepEqual(locks.user, { mods: 0, group: 1 });
  assert.deepEqual(locks.present, { mods: 0, group: 1 });
});

test('a group that a program sets just before a key is pressed in the former one is known to be out of force', () => {
  const locks = new LockState(NONE);
  locks.set(NONE, 6);
  tell(locks, { mods: 0, group: 1 }, 5);
  assert.deepEqual(locks.user, { mods: 0, group: 1 });
  assert.deepEqual(locks.present, NONE);
});
