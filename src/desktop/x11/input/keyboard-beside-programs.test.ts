// Keys of viewers while programs of the desktop use the keyboard.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createTypist, SHIFT_L, tap } from '../../../../test/support/typist.ts';

const CYRILLIC_ES = 0x0100_0441;

suite('a program that changes the group at the moment of a key', () => {
  test('the key is of the group that it was looked up in, and the group of the program is active afterwards', () => {
    const { open, log, lock } = createTypist();
    const input = open();
    input.key(0x63, true, 0);
    lock({ mods: 0, group: 1 }, 2);
    assert.deepEqual(log, ['+54', 'lock 0/1']);
    input.key(0x63, false, 0);
    assert.deepEqual(log, ['+54', 'lock 0/1', '-54']);
  });

  test('a key that changed the group for a moment does not bring the former one back', () => {
    const { open, log, lock } = createTypist();
    tap(open(), CYRILLIC_ES);
    lock({ mods: 0, group: 1 }, 4);
    assert.deepEqual(log, ['lock 0/1', '+54', '-54', 'lock 0/0', 'lock 0/1']);
  });
});

suite('modifiers that another program holds', () => {
  test('text arrives as it was typed, and the program has its modifiers back after each key', () => {
    const { open, log, otherPresses } = createTypist();
    const input = open();
    otherPresses(50, true);
    tap(input, 0x61);
    otherPresses(37, true);
    tap(input, 0x43);
    otherPresses(37, false);
    otherPresses(50, false);
    tap(input, 0x61);
    assert.deepEqual(log.splice(0, 4), ['-50', '+38', '+50', '-38']);
    assert.deepEqual(log, ['-37', '+54', '+37', '-54', '+38', '-38']);
  });

  test('a modifier that a viewer releases stays down while a program holds it', () => {
    const { open, log, otherPresses } = createTypist();
    const input = open();
    otherPresses(50, true);
    input.key(SHIFT_L, true, 42);
    tap(input, 0x41);
    input.key(SHIFT_L, false, 42);
    assert.deepEqual(log, ['+38', '-38']);
  });

  test('a modifier that a program released just before it was pressed for it again is released', () => {
    const { open, log, otherPresses } = createTypist();
    const input = open();
    otherPresses(50, true);
    input.key(0x61, true, 0);
    otherPresses(50, false, 3);
    assert.deepEqual(log, ['-50', '+38', '+50', '-50']);
    input.key(0x61, false, 0);
    tap(input, 0x43);
    assert.deepEqual(log.slice(4), ['-38', '+50', '+54', '-50', '-54']);
  });

  test('a modifier that a program released although a viewer holds it is pressed for the keys that need it', () => {
    const { open, log, otherPresses } = createTypist();
    const input = open();
    input.key(SHIFT_L, true, 42);
    otherPresses(50, false);
    tap(input, 0x41);
    tap(input, 0x63);
    otherPresses(50, true);
    tap(input, 0x41);
    input.key(SHIFT_L, false, 42);
    assert.deepEqual(log, ['+50', '+50', '+38', '-50', '-38', '+54', '-54', '+38', '-38', '-50']);
  });

  test('what the X server tells of own modifiers changes nothing', () => {
    const { open, log, otherPresses } = createTypist();
    const input = open();
    input.key(SHIFT_L, true, 42);
    otherPresses(50, true);
    input.key(SHIFT_L, false, 42);
    otherPresses(50, false);
    tap(input, 0x61);
    assert.deepEqual(log, ['+50', '-50', '+38', '-38']);
  });
});
