import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Keyboard } from './keyboard.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT, Keymap } from './keymap.ts';
import { REUSE_AFTER_MS, SpareKeys } from './spare-keys.ts';

const SHIFT_L = 0xffe1;
const CONTROL_L = 0xffe3;
const LEVEL3_SHIFT = 0xfe03;
const TAB = 0xff09;
const RETURN = 0xff0d;
const CAPS_LOCK = 0xffe5;
const KP_1 = 0xffb1;
const KP_END = 0xff9c;

/** Part of a keymap: X keycode → first group's levels 1-4. */
const KEYS: Record<number, readonly number[]> = {
  10: [0x31, 0x21], // 1 !
  23: [TAB, 0xfe20],
  24: [0x71, 0x51, 0x40], // q Q @
  36: [RETURN],
  37: [CONTROL_L],
  38: [0x61, 0x41], // a A
  50: [SHIFT_L],
  54: [0x63, 0x43], // c C
  61: [0x2f, 0x3f], // / ?
  87: [KP_END, KP_1],
  92: [LEVEL3_SHIFT],
};
const SPARE = [200, 201, 202];

const rows = (): number[][] =>
  Array.from({ length: KEYCODE_COUNT }, (_, i) => {
    const [one = 0, two = 0, three = 0, four = 0] = KEYS[FIRST_KEYCODE + i] ?? [];
    return [one, two, one, two, three, four, 0];
  });

interface Typist {
  readonly keyboard: Keyboard;
  /** "+38" is a press, "-38" a release, "=200:e9" a binding. */
  readonly log: string[];
  /** Lets time pass and everything that was waiting go on. */
  pass(ms: number): Promise<void>;
}

function typist(spare: readonly number[] = SPARE): Typist {
  const log: string[] = [];
  let now = 0;
  const settling: (() => void)[] = [];
  const keyboard = new Keyboard(
    {
      send: (keycode, down) => log.push(`${down ? '+' : '-'}${keycode}`),
      bind: (keycode, keysym) => log.push(`=${keycode}:${keysym.toString(16)}`),
      settled: () =>
        new Promise((resolve) => {
          settling.push(resolve);
        }),
      now: () => now,
    },
    new Keymap(rows()),
    new SpareKeys(spare),
  );
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    for (const resolve of settling.splice(0)) resolve();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { keyboard, log, pass };
}

const tap = (keyboard: Keyboard, keysym: number, evdev = 0): void => {
  keyboard.key(keysym, true, evdev);
  keyboard.key(keysym, false, evdev);
};

test('a keysym the keymap has is its key', () => {
  const { keyboard, log } = typist();
  tap(keyboard, 0x61);
  tap(keyboard, RETURN);
  tap(keyboard, 0x0100_0061);
  assert.deepEqual(log, ['+38', '-38', '+36', '-36', '+38', '-38']);
});

test('Shift is pressed for the moment where the viewer did not press it', () => {
  const { keyboard, log } = typist();
  tap(keyboard, 0x41);
  assert.deepEqual(log, ['+50', '+38', '-50', '-38']);
});

test('Shift is let go for the moment where the keymap has the sign without it', () => {
  const { keyboard, log } = typist();
  keyboard.key(SHIFT_L, true, 42);
  tap(keyboard, 0x2f, 8);
  keyboard.key(SHIFT_L, false, 42);
  assert.deepEqual(log, ['+50', '-50', '+61', '+50', '-61', '-50']);
});

test('with the right modifiers held nothing is added', () => {
  const { keyboard, log } = typist();
  keyboard.key(SHIFT_L, true, 42);
  tap(keyboard, 0x41, 30);
  keyboard.key(SHIFT_L, false, 42);
  assert.deepEqual(log, ['+50', '+38', '-38', '-50']);
});

test('AltGr is pressed for a sign of the third level', () => {
  const { keyboard, log } = typist();
  tap(keyboard, 0x40);
  assert.deepEqual(log, ['+92', '+24', '-92', '-24']);
});

test('function keys are the same key under Shift', () => {
  const { keyboard, log } = typist();
  keyboard.key(SHIFT_L, true, 42);
  tap(keyboard, TAB, 15);
  assert.deepEqual(log, ['+50', '+23', '-23']);
});

test('Ctrl and a capital letter by Caps Lock is the plain shortcut', () => {
  const { keyboard, log } = typist();
  keyboard.key(CONTROL_L, true, 29);
  tap(keyboard, 0x43, 46);
  assert.deepEqual(log, ['+37', '+54', '-54']);
});

test('Ctrl and a letter of another script is the key under the finger', () => {
  const { keyboard, log } = typist();
  keyboard.key(CONTROL_L, true, 29);
  tap(keyboard, 0x0100_0441, 46);
  assert.deepEqual(log, ['+37', '+54', '-54']);
});

test('locks and nonsense are ignored', () => {
  const { keyboard, log } = typist();
  for (const keysym of [CAPS_LOCK, 0xff7f, 0, -1, 1.5, Number.NaN, 0xffff_ffff, 0x0111_0000])
    tap(keyboard, keysym);
  assert.deepEqual(log, []);
});

test('keypad digits do not depend on Num Lock', async () => {
  const { keyboard, log, pass } = typist();
  tap(keyboard, KP_1, 79);
  await pass(20);
  assert.deepEqual(log, [`=200:${KP_1.toString(16)}`, '+200', '-200']);
});

test('what the keymap lacks is bound once, in batches, and everything waits its turn', async () => {
  const { keyboard, log, pass } = typist();
  tap(keyboard, 0xe9);
  tap(keyboard, 0x61);
  tap(keyboard, 0xdf);
  keyboard.run(() => log.push('click'));
  assert.deepEqual(log, ['=200:e9']);
  await pass(20);
  assert.deepEqual(log.splice(0), ['=200:e9', '+200', '-200', '+38', '-38', '=201:df']);
  tap(keyboard, 0xe9);
  await pass(20);
  assert.deepEqual(log, ['+201', '-201', 'click', '+200', '-200']);
});

test('no spare key changes its meaning too early', async () => {
  const { keyboard, log, pass } = typist([200]);
  tap(keyboard, 0xe9);
  await pass(20);
  tap(keyboard, 0xdf);
  assert.deepEqual(log, ['=200:e9', '+200', '-200'], 'waits');
});

test('spare keys: the least recently used goes first, the held never', () => {
  const spare = new SpareKeys([1, 2]);
  const none = (): boolean => false;
  assert.equal(spare.lend(0xa1, 0, none), 1);
  assert.equal(spare.lend(0xa2, 1, none), 2);
  assert.equal(spare.lend(0xa3, 2, none), undefined);
  assert.equal(spare.waitMs(2), REUSE_AFTER_MS - 2);
  spare.touch(1, 10);
  assert.equal(
    spare.lend(0xa3, 600, (keycode) => keycode === 2),
    1,
  );
  assert.equal(spare.find(0xa1), undefined);
  assert.equal(spare.find(0xa2), 2);
});

test("the viewer's repeat is a release and a press, except of modifiers", () => {
  const { keyboard, log } = typist();
  keyboard.key(SHIFT_L, true, 42);
  keyboard.key(SHIFT_L, true, 42);
  keyboard.key(0x41, true, 30);
  keyboard.key(0x41, true, 30);
  keyboard.key(0x41, false, 30);
  assert.deepEqual(log, ['+50', '+38', '-38', '+38', '-38']);
});

test('a release lets go of what its press pressed', () => {
  const { keyboard, log } = typist();
  keyboard.key(SHIFT_L, true, 42);
  keyboard.key(0x41, true, 30);
  keyboard.key(SHIFT_L, false, 42);
  keyboard.key(0x61, false, 30);
  assert.deepEqual(log, ['+50', '+38', '-50', '-38']);
});

test('releaseAll lets go of everything, and whatever was typed nothing is left down', () => {
  const keysyms = fc.constantFrom(0x61, 0x41, 0x63, 0x2f, 0x3f, 0x40, SHIFT_L, CONTROL_L, LEVEL3_SHIFT, TAB);
  const evdevs = fc.constantFrom(0, 0, 30, 42, 46, 53);
  fc.assert(
    fc.property(fc.array(fc.tuple(keysyms, fc.boolean(), evdevs), { maxLength: 40 }), (strokes) => {
      const { keyboard, log } = typist();
      for (const [keysym, down, evdev] of strokes) keyboard.key(keysym, down, evdev);
      keyboard.releaseAll();
      const held = new Set<string>();
      for (const entry of log) {
        const keycode = entry.slice(1);
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

test('thousands of keys held at once, more than there are spare ones, are let by', async () => {
  const { keyboard, log, pass } = typist();
  for (let i = 0; i < 20_000; i++) keyboard.key(0x1004e00 + i, true, 0);
  await pass(0);
  await pass(REUSE_AFTER_MS);
  log.length = 0;
  keyboard.key(0x61, true, 0);
  await pass(REUSE_AFTER_MS);
  assert.equal(log.at(-1), '+38');
});

test('what waits is dropped once its signal is aborted, and nothing is bound for it', async () => {
  const { keyboard, log, pass } = typist([200]);
  const guest = new AbortController();
  keyboard.key(0xe9, true, 0, guest.signal);
  keyboard.key(0xe9, false, 0);
  // No spare key is left for this one yet.
  keyboard.key(0xe8, true, 0, guest.signal);
  keyboard.key(0xe8, false, 0);
  keyboard.run(() => log.push('moved'), guest.signal);
  keyboard.key(0x61, true, 0);
  keyboard.run(() => log.push('clicked'));
  assert.deepEqual(log.splice(0), ['=200:e9']);
  guest.abort();
  await pass(20);
  assert.deepEqual(log.splice(0), ['+38', 'clicked']);
  await pass(REUSE_AFTER_MS);
  assert.deepEqual(log, []);
});
