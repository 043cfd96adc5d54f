import type { DesktopInput } from '../../src/desktop/desktop.ts';
import { InputTurns } from '../../src/desktop/x11/input/input-turns.ts';
import { type Bindings, Keyboard } from '../../src/desktop/x11/input/keyboard.ts';
import { Keymap } from '../../src/desktop/x11/input/keymap.ts';
import { LockState, type Locks, sameLocks } from '../../src/desktop/x11/input/lock-state.ts';
import { ModifierKeys } from '../../src/desktop/x11/input/modifier-keys.ts';
import { SpareKeys } from '../../src/desktop/x11/input/spare-keys.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT, NO_KEY, type XkbMap } from '../../src/desktop/x11/input/xkb-map.ts';

export const SHIFT_L = 0xffe1;
export const CONTROL_L = 0xffe3;
export const LEVEL3_SHIFT = 0xfe03;
export const TAB = 0xff09;
export const RETURN = 0xff0d;
export const KP_1 = 0xffb1;
export const KP_END = 0xff9c;
export const ESCAPE = 0xff1b;
export const ALT_L = 0xffe9;
export const MULTI_KEY = 0xff20;

export const CAPS_LOCK = 0xffe5;
const NUM_LOCK = 0xff7f;

/** X's modifiers of a key event. */
export const MOD = { shift: 1, lock: 2, control: 4, num: 0x10, level3: 0x80 } as const;

/** Types of keys, as the X keyboard extension has them. */
const TYPES = [
  { mods: 0, levels: new Map() },
  { mods: MOD.shift, levels: new Map([[MOD.shift, 1]]) },
  {
    mods: MOD.shift | MOD.level3,
    levels: new Map([
      [MOD.shift, 1],
      [MOD.level3, 2],
      [MOD.shift | MOD.level3, 3],
    ]),
  },
  {
    mods: MOD.shift | MOD.num,
    levels: new Map([
      [MOD.shift, 1],
      [MOD.num, 1],
    ]),
  },
] as const;
const [ONE_LEVEL, TWO_LEVEL, FOUR_LEVEL, KEYPAD] = [0, 1, 2, 3] as const;

/** Groups of the keyboard. */
const GROUPS = 2;

/** Part of a keymap: X keycode → type and levels of each group. */
const KEYS: Record<number, [type: number, ...groups: number[][]]> = {
  9: [ONE_LEVEL, [ESCAPE]],
  10: [TWO_LEVEL, [0x31, 0x21]], // 1 !
  23: [TWO_LEVEL, [TAB, 0xfe20]],
  24: [FOUR_LEVEL, [0x71, 0x51, 0x40]], // q Q @
  36: [ONE_LEVEL, [RETURN]],
  37: [ONE_LEVEL, [CONTROL_L]],
  38: [TWO_LEVEL, [0x61, 0x41]], // a A
  50: [ONE_LEVEL, [SHIFT_L]],
  54: [TWO_LEVEL, [0x63, 0x43], [0x0100_0441, 0x0100_0421]], // c C, Cyrillic es in the second group
  61: [TWO_LEVEL, [0x2f, 0x3f]], // / ?
  64: [ONE_LEVEL, [ALT_L]],
  66: [ONE_LEVEL, [CAPS_LOCK]],
  77: [ONE_LEVEL, [NUM_LOCK]],
  87: [KEYPAD, [KP_END, KP_1]],
  92: [ONE_LEVEL, [LEVEL3_SHIFT]],
  108: [ONE_LEVEL, [MULTI_KEY]],
};

const map = (keys: typeof KEYS): XkbMap => ({
  types: TYPES,
  keys: Array.from({ length: KEYCODE_COUNT }, (_, i) => {
    const [type, ...keysyms] = keys[FIRST_KEYCODE + i] ?? [];
    return type === undefined ? NO_KEY : { types: keysyms.map(() => type), outOfRange: 'wrap', keysyms };
  }),
  modifiers: new Map([
    [37, MOD.control],
    [50, MOD.shift],
    [66, MOD.lock],
    [77, MOD.num],
    [92, MOD.level3],
  ]),
});

/** The input room above a display that only records, with a clock that the test sets. */
export interface Typist {
  open(): DesktopInput;
  readonly turns: InputTurns;
  /**
   * "+38" is a press, "-38" a release, "~38" a repeat, "=200:e9" a binding, "lock 2/1" locks modifiers and a group,
   * "move 1,2", "nudge 1,2", "+button 1".
   */
  readonly log: string[];
  /** What a program of the desktop locks before the last `requestsLate` requests; the X server tells it now. */
  lock(locks: Locks, requestsLate?: number): void;
  /** What another program presses or releases, before the last `requestsLate` requests; the X server tells it now. */
  otherPresses(keycode: number, isDown: boolean, requestsLate?: number): void;
  /** Whether the program with the focus says when it has handled its input. */
  answers: boolean;
  /** Whether the program with the focus does not know the last bindings yet. */
  isLearning: boolean;
  /** Whether an input method has the last key. */
  isComposing: boolean;
  /** Presses of spare keycodes that the keyboard has told of. */
  taps: number;
  readonly keyboard: Keyboard;
  /** Lets time pass, in steps of a millisecond, and everything that waited for it go on. */
  pass(ms: number): Promise<void>;
  /** Whether the display takes nothing; a round trip then waits. */
  isStuck: boolean;
}

export function createTypist(
  spareKeycodes: readonly number[] = [200, 201, 202],
  changes: typeof KEYS = {},
): Typist {
  const log: string[] = [];
  let now = 0;
  const waiting: { readonly isOver: () => boolean; readonly goOn: () => void }[] = [];
  const until = (isOver: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ isOver, goOn: resolve });
    });
  const spare = new SpareKeys(spareKeycodes);
  const locks = new LockState({ mods: 0, group: 0 });
  const modifiers = new ModifierKeys();
  let requests = 0;
  let locked: Locks = { mods: 0, group: 0 };
  const port = {
    key: (keycode: number, down: boolean) => {
      log.push(`${down ? '+' : '-'}${keycode}`);
      return ++requests;
    },
    bind: async (bindings: Bindings) => {
      for (const [keycode, keysyms] of bindings)
        log.push(`=${keycode}:${keysyms.map((keysym) => keysym.toString(16)).join(',')}`);
    },
    repeat: (keycode: number) => log.push(`~${keycode}`),
    lock: (wanted: Locks) => {
      if (!sameLocks(locked, wanted)) log.push(`lock ${wanted.mods}/${wanted.group}`);
      locked = wanted;
      return ++requests;
    },
    together: (action: () => void) => action(),
    handled: async () => {
      const askedMs = now;
      if (typist.answers) await until(() => !typist.isStuck && now > askedMs);
      return typist.answers;
    },
    known: () => until(() => !typist.isLearning),
    givenBack: () => (typist.isComposing ? until(() => !typist.isComposing) : undefined),
    tapped: () => void typist.taps++,
    refresh: () => undefined,
    move: (x: number, y: number) => void log.push(`move ${x},${y}`),
    nudge: (dx: number, dy: number) => void log.push(`nudge ${dx},${dy}`),
    button: (button: number, down: boolean) => void log.push(`${down ? '+' : '-'}button ${button}`),
    isBackedUp: () => typist.isStuck,
    synced: () => until(() => !typist.isStuck),
    wait: (ms: number) => {
      const endMs = now + ms;
      return until(() => now >= endMs);
    },
    later: (action: () => void) => void until(() => true).then(action),
    nowMs: () => now,
  };
  const keyboard = new Keyboard(port, new Keymap(map({ ...KEYS, ...changes })), spare, {
    locks,
    modifiers,
  });
  const turns = new InputTurns(port, keyboard, (nowMs) => spare.touchAll(nowMs));
  const settle = async (): Promise<void> => {
    for (let goesOn = true; goesOn; ) {
      goesOn = false;
      for (const entry of [...waiting]) {
        if (!entry.isOver()) continue;
        waiting.splice(waiting.indexOf(entry), 1);
        entry.goOn();
        goesOn = true;
      }
      for (let i = 0; i < 6; i++) await Promise.resolve();
    }
  };
  const typist: Typist = {
    open: () => turns.open(),
    turns,
    log,
    lock: (now, requestsLate = 0) => {
      if (requestsLate === 0) locked = now;
      locks.told({ ...now, isByKey: false }, requests - requestsLate, GROUPS);
      keyboard.locksTold();
    },
    otherPresses: (keycode, isDown, requestsLate = 0) =>
      keyboard.modifierTold({ keycode, isDown }, requests - requestsLate),
    answers: false,
    isLearning: false,
    isComposing: false,
    taps: 0,
    keyboard,
    isStuck: false,
    pass: async (ms) => {
      await settle();
      for (let i = 0; i < ms; i++) {
        now++;
        await settle();
      }
    },
  };
  return typist;
}

export function tap(input: DesktopInput, keysym: number, evdev = 0): void {
  input.key(keysym, true, evdev);
  input.key(keysym, false, evdev);
}
