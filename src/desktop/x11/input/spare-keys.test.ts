import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GIVE_BACK_AFTER_MS, REUSE_AFTER_MS, SpareKeys } from './spare-keys.ts';

const ADA = {};
const BOB = {};
const none = (): boolean => false;
const seventeen = (): number[] => Array.from({ length: 17 }, (_, i) => 100 + i);

test('the least recently used keycode is lent first, and none before the time for reuse', () => {
  const spare = new SpareKeys([1, 2]);
  assert.equal(spare.lend([0xa1], ADA, 0, none), 1);
  assert.equal(spare.lend([0xa2], ADA, 1, none), 2);
  assert.equal(spare.lend([0xa3], ADA, 2, none), undefined);
  assert.equal(spare.waitMs(ADA, 2, none), REUSE_AFTER_MS - 2);
  spare.touch(1, 10);
  spare.settle([1, 2]);
  assert.equal(spare.lend([0xa3], ADA, REUSE_AFTER_MS + 1, none), 2);
  assert.deepEqual(spare.find(0xa1), { keycode: 1, level: undefined });
  assert.equal(spare.find(0xa2), undefined);
});

test('a keycode that is lent is found only once it has settled, each time it is lent', () => {
  const spare = new SpareKeys([1]);
  for (const [keysym, nowMs] of [
    [0xa1, 0],
    [0xa2, REUSE_AFTER_MS],
  ] as const) {
    spare.lend([keysym], ADA, nowMs, none);
    assert.ok(spare.has(keysym));
    assert.equal(spare.find(keysym), undefined);
    spare.settle([1]);
    assert.deepEqual(spare.find(keysym), { keycode: 1, level: undefined });
  }
});

test('a keycode that is held down is not lent', () => {
  const spare = new SpareKeys([1, 2]);
  assert.equal(
    spare.lend([0xa1], ADA, 0, (keycode) => keycode === 1),
    2,
  );
  assert.equal(
    spare.waitMs(ADA, 0, () => true),
    undefined,
  );
});

test('a pair of keysyms shares a keycode, the second with Shift', () => {
  const spare = new SpareKeys([1]);
  spare.lend([0xa1, 0xa2], ADA, 0, none);
  spare.settle([1]);
  assert.deepEqual(spare.find(0xa1), { keycode: 1, level: 0 });
  assert.deepEqual(spare.find(0xa2), { keycode: 1, level: 1 });
  assert.deepEqual([...spare.bound], [[1, [0xa1, 0xa2]]]);
  spare.lend([0xa3], ADA, REUSE_AFTER_MS, none);
  spare.settle([1]);
  assert.equal(spare.find(0xa2), undefined);
  spare.forget(1);
  assert.equal(spare.find(0xa3), undefined);
  assert.equal(spare.bound.size, 0);
});

test('one writer leaves some keycodes for the others', () => {
  const spare = new SpareKeys(seventeen());
  let lent = 0;
  while (spare.lend([0x1000 + lent], ADA, lent, none) !== undefined) lent++;
  assert.equal(lent, 15);
  assert.ok(spare.waitMs(ADA, lent, none)! > 0);
  assert.equal(spare.waitMs(BOB, lent, none), 0);
  assert.equal(spare.lend([0xe9], BOB, lent, none), 115);
});

test('a writer that holds its share down waits for no time that passes', () => {
  const spare = new SpareKeys(seventeen());
  const held = new Set<number>();
  for (let i = 0; i < 15; i++) held.add(spare.lend([0x1000 + i], ADA, 0, none)!);
  const isHeld = (keycode: number): boolean => held.has(keycode);
  assert.equal(spare.waitMs(ADA, 10 * REUSE_AFTER_MS, isHeld), undefined);
  assert.equal(spare.waitMs(BOB, 10 * REUSE_AFTER_MS, isHeld), 0);
});

test('after a stall no keycode that is lent is reused early', () => {
  const spare = new SpareKeys([1, 2]);
  spare.lend([0xa1], ADA, 0, none);
  spare.touchAll(REUSE_AFTER_MS);
  assert.equal(spare.lend([0xa2], ADA, REUSE_AFTER_MS, none), 2);
  assert.equal(spare.lend([0xa3], ADA, REUSE_AFTER_MS, none), undefined);
});

test('a keycode is lent again as soon as programs have read its taps', () => {
  const spare = new SpareKeys([1]);
  spare.lend([0xa1], ADA, 0, none);
  spare.touch(1, 10);
  spare.read(10);
  assert.equal(spare.lend([0xa2], ADA, 11, none), undefined);
  spare.read(11);
  assert.equal(spare.lend([0xa2], ADA, 12, none), 1);
});

test('keycodes that other programs use are not lent until they leave them', () => {
  const spare = new SpareKeys([1, 2]);
  spare.leave(new Set([1]));
  assert.equal(spare.lend([0xa1], ADA, 0, none), 2);
  assert.equal(spare.lend([0xa2], ADA, 0, none), undefined);
  spare.leave(new Set());
  assert.equal(spare.lend([0xa2], ADA, 0, none), 1);
});

test('a use of a spare keycode is told from that of another one', () => {
  const spare = new SpareKeys([1]);
  assert.equal(spare.touch(1, 0), true);
  assert.equal(spare.touch(2, 0), false);
});

test('keycodes are given back after a while without a use, unless they are held or may be unread', () => {
  const spare = new SpareKeys([1, 2, 3]);
  for (const [keysym, nowMs] of [
    [0xa1, 0],
    [0xa2, 0],
    [0xa3, 100],
  ] as const) {
    spare.lend([keysym], ADA, nowMs, none);
  }
  const isHeld = (keycode: number): boolean => keycode === 2;
  assert.deepEqual(spare.giveBack(GIVE_BACK_AFTER_MS, isHeld), []);
  spare.read(50);
  assert.deepEqual(spare.giveBack(GIVE_BACK_AFTER_MS - 1, isHeld), []);
  assert.deepEqual(spare.giveBack(GIVE_BACK_AFTER_MS, isHeld), [1]);
  assert.equal(spare.has(0xa1), false);
  assert.deepEqual(spare.giveBack(2 * GIVE_BACK_AFTER_MS, none), [2]);
  assert.deepEqual(spare.giveBack(4 * GIVE_BACK_AFTER_MS, none), []);
  assert.deepEqual(spare.giveBack(11 * GIVE_BACK_AFTER_MS, none), [3]);
});
