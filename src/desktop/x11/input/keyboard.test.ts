import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  ALT_L,
  CAPS_LOCK,
  CONTROL_L,
  createTypist,
  ESCAPE,
  KP_1,
  KP_END,
  LEVEL3_SHIFT,
  MOD,
  MULTI_KEY,
  RETURN,
  SHIFT_L,
  TAB,
  tap,
} from '../../../../test/support/typist.ts';
import { BINDING_SETTLES_MS } from './input-turns.ts';
import { REPEAT_GAP_MS, SAME_KEY_GAP_MS } from './keyboard.ts';

const NUM_LOCK = 0xff7f;

suite('one writer', () => {
  test('a keysym that the keymap has is typed with its key', () => {
    const { open, log } = createTypist();
    const input = open();
    tap(input, 0x61);
    tap(input, RETURN);
    tap(input, 0x0100_0061);
    assert.deepEqual(log, ['+38', '-38', '+36', '-36', '+38', '-38']);
  });

  test('a capital letter without Shift from the viewer gets Shift for the moment of its press', () => {
    const { open, log } = createTypist();
    tap(open(), 0x41);
    assert.deepEqual(log, ['+50', '+38', '-50', '-38']);
  });

  test('a sign that the keymap has without Shift releases Shift for the moment of its press', () => {
    const { open, log } = createTypist();
    const input = open();
    input.key(SHIFT_L, true, 42);
    tap(input, 0x2f, 8);
    input.key(SHIFT_L, false, 42);
    assert.deepEqual(log, ['+50', '-50', '+61', '+50', '-61', '-50']);
  });

  test('a key that fits the modifiers of the viewer changes none of them', () => {
    const { open, log } = createTypist();
    const input = open();
    input.key(SHIFT_L, true, 42);
    tap(input, 0x41, 30);
    input.key(SHIFT_L, false, 42);
    assert.deepEqual(log, ['+50', '+38', '-38', '-50']);
  });

  test('a sign of the third level gets AltGr for the moment of its press', () => {
    const { open, log } = createTypist();
    tap(open(), 0x40);
    assert.deepEqual(log, ['+92', '+24', '-92', '-24']);
  });

  test('a function key under Shift stays the same key', () => {
    const { open, log } = createTypist();
    const input = open();
    input.key(SHIFT_L, true, 42);
    tap(input, TAB, 15);
    assert.deepEqual(log, ['+50', '+23', '-23']);
  });

  test('Ctrl and a capital letter by Caps Lock is the plain shortcut', () => {
    const { open, log } = createTypist();
    const input = open();
    input.key(CONTROL_L, true, 29);
    tap(input, 0x43, 46);
    assert.deepEqual(log, ['+37', '+54', '-54']);
  });

  test('Ctrl and a letter of another script is the physical key', () => {
    const { open, log } = createTypist();
    const input = open();
    input.key(CONTROL_L, true, 29);
    tap(input, 0x0100_0441, 46);
    assert.deepEqual(log, ['+37', '+54', '-54']);
  });

  test('lock keys and numbers that are no keysyms are ignored', () => {
    const { open, log } = createTypist();
    const input = open();
    for (const keysym of [CAPS_LOCK, NUM_LOCK, 0, -1, 1.5, Number.NaN, 0xffff_ffff, 0x0111_0000])
      tap(input, keysym);
    assert.deepEqual(log, []);
  });

  test('a digit of the keypad is its key with Num Lock, also as a command', () => {
    const { open, log } = createTypist();
    const input = open();
    tap(input, KP_1, 79);
    input.key(CONTROL_L, true, 29);
    tap(input, KP_1, 79);
    input.key(CONTROL_L, false, 29);
    const num = `lock ${MOD.num}/0`;
    assert.deepEqual(log, [num, '+87', '-87', 'lock 0/0', '+37', num, '+87', '-87', 'lock 0/0', '-37']);
  });

  test("the viewer's repeats of a key are repeats, a moment apart, and a repeat of a modifier is nothing", async () => {
    const { open, log, pass } = createTypist();
    const input = open();
    input.key(SHIFT_L, true, 42);
    input.key(SHIFT_L, true, 42);
    for (let i = 0; i < 3; i++) input.key(0x41, true, 30);
    input.key(0x41, false, 30);
    await pass(REPEAT_GAP_MS - 1);
    assert.deepEqual(log, ['+50', '+38', '~38']);
    await pass(REPEAT_GAP_MS);
    assert.deepEqual(log, ['+50', '+38', '~38', '~38']);
    await pass(REPEAT_GAP_MS);
    assert.deepEqual(log, ['+50', '+38', '~38', '~38', '-38']);
  });

  test('the same key is pressed again a moment after its release', async () => {
    const { open, log, pass } = createTypist();
    const input = open();
    for (let i = 0; i < 3; i++) tap(input, 0x61);
    for (let i = 0; i < 2; i++) {
      await pass(SAME_KEY_GAP_MS - 1);
      assert.deepEqual(log.splice(0), i === 0 ? ['+38', '-38'] : []);
      await pass(1);
      assert.deepEqual(log.splice(0), ['+38', '-38']);
    }
  });

  test('the same key is pressed again at once with another key or modifier in between', () => {
    const { open, log } = createTypist();
    const input = open();
    for (const keysym of [0x61, 0x63, 0x61, 0x41]) tap(input, keysym);
    assert.deepEqual(log, ['+38', '-38', '+54', '-54', '+38', '-38', '+50', '+38', '-50', '-38']);
  });

  test('the second of two presses waits for nothing a moment after the X server has carried out the release', async () => {
    const { open, log, pass } = createTypist();
    const input = open();
    tap(input, 0x61);
    for (let i = 0; i < 3; i++) {
      await pass(SAME_KEY_GAP_MS);
      log.length = 0;
      tap(input, 0x61);
      assert.deepEqual(log, ['+38', '-38']);
    }
  });

  test('the same key waits for a release that an X server carries out late', async () => {
    const typist = createTypist();
    const input = typist.open();
    tap(input, 0x61);
    typist.isStuck = true;
    await typist.pass(1000);
    tap(input, 0x61);
    typist.log.length = 0;
    typist.isStuck = false;
    typist.turns.serve();
    await typist.pass(SAME_KEY_GAP_MS - 1);
    assert.deepEqual(typist.log, []);
    await typist.pass(1);
    assert.deepEqual(typist.log, ['+38', '-38']);
  });

  test('a release that names another keysym of the physical key releases the keycode of its press', () => {
    const { open, log } = createTypist();
    const input = open();
    input.key(SHIFT_L, true, 42);
    input.key(0x41, true, 30);
    input.key(SHIFT_L, false, 42);
    input.key(0x61, false, 30);
    assert.deepEqual(log, ['+50', '+38', '-50', '-38']);
  });
});

suite('the state of the keyboard', () => {
  const CYRILLIC_ES = 0x0100_0441;

  test("what the desktop's user has locked is off while a key that it would change is down, and on again afterwards", () => {
    for (const [mods, keysym, keycode] of [
      [MOD.lock, 0x61, 38],
      [MOD.shift, 0x31, 10],
      [MOD.level3, 0x71, 24],
      [MOD.num, KP_END, 87],
      [MOD.num | MOD.shift, RETURN, 36],
    ] as const) {
      const { open, log, lock } = createTypist();
      lock({ mods, group: 0 });
      const input = open();
      tap(input, keysym);
      const rest = keysym === RETURN ? MOD.num : 0;
      assert.deepEqual(log, [`lock ${rest}/0`, `+${keycode}`, `-${keycode}`, `lock ${mods}/0`]);
    }
  });

  test('Num Lock stays on for keys that it does not change', () => {
    const { open, log, lock } = createTypist();
    lock({ mods: MOD.num, group: 0 });
    const input = open();
    for (const keysym of [0x61, RETURN, KP_1]) tap(input, keysym);
    assert.deepEqual(log, ['+38', '-38', '+36', '-36', '+87', '-87']);
  });

  test('each press and each repeat of a spare keycode is told, and no other key', async () => {
    const typist = createTypist();
    const input = typist.open();
    tap(input, 0x61);
    input.key(0x0100_4e00, true, 0);
    await typist.pass(BINDING_SETTLES_MS);
    assert.equal(typist.taps, 1);
    input.key(0x0100_4e00, true, 0);
    input.key(0x0100_4e00, false, 0);
    assert.equal(typist.taps, 2);
  });

  test('Caps Lock does not change a character that needs a spare keycode', async () => {
    const { open, log, lock, pass } = createTypist();
    lock({ mods: MOD.lock, group: 0 });
    tap(open(), 0xe9);
    await pass(BINDING_SETTLES_MS);
    assert.deepEqual(log, ['=200:e9', 'lock 0/0', '+200', '-200', 'lock 2/0']);
  });

  test('a letter of another group is typed in that group, and the group of the user is active again afterwards', async () => {
    const { open, log, lock, pass } = createTypist();
    lock({ mods: 0, group: 1 });
    const input = open();
    tap(input, CYRILLIC_ES);
    tap(input, 0x63);
    tap(input, 0x61);
    await pass(SAME_KEY_GAP_MS);
    assert.deepEqual(log, ['+54', '-54', 'lock 0/0', '+54', '-54', 'lock 0/1', '+38', '-38']);
  });

  test('a change that a program makes while a key is down is kept after its release', () => {
    const { open, log, lock } = createTypist();
    lock({ mods: MOD.lock, group: 0 });
    const input = open();
    input.key(0x61, true, 30);
    lock({ mods: MOD.num, group: 1 });
    input.key(0x61, false, 30);
    assert.deepEqual(log, ['lock 0/0', '+38', '-38', `lock ${MOD.lock | MOD.num}/1`]);
  });

  test('a shortcut of another script is the Latin letter of its key, in the group that has it', () => {
    const { open, log, lock } = createTypist();
    lock({ mods: 0, group: 1 });
    const input = open();
    input.key(CONTROL_L, true, 29);
    tap(input, CYRILLIC_ES, 46);
    input.key(CONTROL_L, false, 29);
    assert.deepEqual(log, ['+37', 'lock 0/0', '+54', '-54', 'lock 0/1', '-37']);
  });

  test('a lock key is the key that the desktop has in its place', () => {
    const { open, log } = createTypist(undefined, { 66: [0, [ESCAPE]] });
    tap(open(), CAPS_LOCK, 58);
    assert.deepEqual(log, ['+66', '-66']);
  });

  test('a modifier that the desktop does not have is the key in its place, or that of the other side', () => {
    const ALT_R = 0xffea;
    const SHIFT_R = 0xffe2;
    const { open, log } = createTypist();
    const input = open();
    tap(input, ALT_R, 100);
    tap(input, ALT_R);
    tap(input, SHIFT_R);
    tap(input, MULTI_KEY);
    tap(input, ALT_L);
    assert.deepEqual(log, ['+108', '-108', '+64', '-64', '+50', '-50', '+108', '-108', '+64', '-64']);
  });
});

suite('two writers', () => {
  test("one writer's Shift does not change another writer's letter", async () => {
    const { open, log, pass } = createTypist();
    const [ada, bob] = [open(), open()];
    ada.key(SHIFT_L, true, 42);
    tap(bob, 0x61, 30);
    tap(ada, 0x41, 30);
    await pass(SAME_KEY_GAP_MS);
    assert.deepEqual(log, ['+50', '-50', '+38', '+50', '-38', '+38', '-38']);
  });

  test("one writer's Shift does not change another writer's Tab", () => {
    const { open, log } = createTypist();
    const [ada, bob] = [open(), open()];
    ada.key(SHIFT_L, true, 42);
    tap(bob, TAB, 15);
    assert.deepEqual(log, ['+50', '-50', '+23', '+50', '-23']);
  });

  test("one writer's Ctrl does not make another writer's letter a command", async () => {
    const { open, log, pass } = createTypist();
    const [ada, bob] = [open(), open()];
    ada.key(CONTROL_L, true, 29);
    tap(bob, 0x63, 46);
    tap(ada, 0x63, 46);
    await pass(SAME_KEY_GAP_MS);
    assert.deepEqual(log.splice(0), ['+37', '-37', '+54', '+37', '-54', '+54', '-54']);
    tap(bob, 0x0100_0434, 46);
    await pass(BINDING_SETTLES_MS);
    assert.deepEqual(log, ['=200:1000434', '-37', '+200', '+37', '-200']);
  });

  test('a modifier that both hold is down until both have released it', () => {
    const { open, log } = createTypist();
    const [ada, bob] = [open(), open()];
    ada.key(SHIFT_L, true, 42);
    bob.key(SHIFT_L, true, 42);
    ada.key(SHIFT_L, false, 42);
    tap(bob, 0x41, 30);
    bob.key(SHIFT_L, false, 42);
    assert.deepEqual(log, ['+50', '+38', '-38', '-50']);
  });

  test('a letter that both hold is typed twice and released with the second release', () => {
    const { open, log } = createTypist();
    const [ada, bob] = [open(), open()];
    ada.key(0x61, true, 30);
    bob.key(0x61, true, 30);
    ada.key(0x61, false, 30);
    bob.key(0x61, false, 30);
    assert.deepEqual(log, ['+38', '-38', '+38', '-38']);
  });

  test('a writer that leaves releases its own keys only', () => {
    const { open, log } = createTypist();
    const [ada, bob] = [open(), open()];
    ada.key(SHIFT_L, true, 42);
    bob.key(0x63, true, 46);
    ada.close();
    assert.deepEqual(log.splice(0), ['+50', '-50', '+54', '+50', '-50']);
    bob.close();
    assert.deepEqual(log, ['-54']);
  });
});

test('whatever two writers type, releaseAll leaves nothing down and no key is pressed while it is down', () => {
  const keysyms = fc.constantFrom(0x61, 0x41, 0x63, 0x2f, 0x3f, 0x40, SHIFT_L, CONTROL_L, LEVEL3_SHIFT, TAB);
  const evdevs = fc.constantFrom(0, 0, 30, 42, 46, 53);
  const strokes = fc.array(fc.tuple(fc.nat(1), keysyms, fc.boolean(), evdevs), { maxLength: 40 });
  fc.assert(
    fc.property(strokes, (all) => {
      const { open, log } = createTypist();
      const writers = [open(), open()];
      for (const [writer, keysym, down, evdev] of all) writers[writer]!.key(keysym, down, evdev);
      for (const writer of writers) writer.releaseAll();
      const held = new Set<string>();
      for (const entry of log) {
        const keycode = entry.slice(1);
        if (/^[~l=t]/.test(entry)) continue;
        if (entry.startsWith('+')) {
          assert.ok(!held.has(keycode), `pressed while down: ${log}`);
          held.add(keycode);
        } else {
          assert.ok(held.delete(keycode), `released while up: ${log}`);
        }
      }
      assert.equal(held.size, 0, `left down: ${log}`);
    }),
    { numRuns: 500 },
  );
});
