import type { DesktopInput } from '../../src/desktop/desktop.ts';
import { InputTurns } from '../../src/desktop/x11/input/input-turns.ts';
import { Keyboard } from '../../src/desktop/x11/input/keyboard.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT, Keymap } from '../../src/desktop/x11/input/keymap.ts';
import { SpareKeys } from '../../src/desktop/x11/input/spare-keys.ts';

export const SHIFT_L = 0xffe1;
export const CONTROL_L = 0xffe3;
export const LEVEL3_SHIFT = 0xfe03;
export const TAB = 0xff09;
export const RETURN = 0xff0d;
export const KP_1 = 0xffb1;
const KP_END = 0xff9c;

/** Part of a keymap: X keycode → the four levels of the first group. */
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

const rows = (): number[][] =>
  Array.from({ length: KEYCODE_COUNT }, (_, i) => {
    const [one = 0, two = 0, three = 0, four = 0] = KEYS[FIRST_KEYCODE + i] ?? [];
    return [one, two, one, two, three, four, 0];
  });

/** The input room above a display that only records, with a clock that the test sets. */
export interface Typist {
  open(): DesktopInput;
  readonly turns: InputTurns;
  /** "+38" is a press, "-38" a release, "=200:e9" a binding, "move 1,2", "nudge 1,2", "+button 1". */
  readonly log: string[];
  /** Lets time pass, in steps of a millisecond, and everything that waited for it go on. */
  pass(ms: number): Promise<void>;
  /** Whether the display takes nothing; a round trip then waits. */
  isStuck: boolean;
}

export function createTypist(spareKeycodes: readonly number[] = [200, 201, 202]): Typist {
  const log: string[] = [];
  let now = 0;
  const waiting: { readonly isOver: () => boolean; readonly goOn: () => void }[] = [];
  const until = (isOver: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ isOver, goOn: resolve });
    });
  const spare = new SpareKeys(spareKeycodes);
  const port = {
    key: (keycode: number, down: boolean) => log.push(`${down ? '+' : '-'}${keycode}`),
    bind: (keycode: number, keysyms: readonly number[]) =>
      log.push(`=${keycode}:${keysyms.map((keysym) => keysym.toString(16)).join(',')}`),
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
  const turns = new InputTurns(port, new Keyboard(port, new Keymap(rows()), spare), (nowMs) =>
    spare.touchAll(nowMs),
  );
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
