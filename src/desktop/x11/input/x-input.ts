import { setTimeout as delay } from 'node:timers/promises';
import type { XTest } from 'x11';
import type { DesktopInput } from '../../desktop.ts';
import { extension, int16, type XConnection } from '../wire/connection.ts';
import { InputTurns } from './input-turns.ts';
import { Keyboard } from './keyboard.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT, Keymap } from './keymap.ts';
import { SpareKeys } from './spare-keys.ts';

const KEY_PRESS = 2;
const KEY_RELEASE = 3;
const BUTTON_PRESS = 4;
const BUTTON_RELEASE = 5;
const MOTION_NOTIFY = 6;
const MAPPING_NOTIFY = 34;

/** MappingNotify's request for the keyboard; 0 is the modifiers, 2 the pointer. */
const MAPPING_KEYBOARD = 1;

/** XTEST's detail of a motion that is relative. */
const RELATIVE = 1;

/**
 * Milliseconds from a change of the keymap to reading it, because changes come in bursts. A larger value follows a new
 * layout later; a smaller one reads the keymap more often during a burst.
 */
const KEYMAP_SETTLES_MS = 50;

/**
 * Milliseconds that the X server may take to release keys and take back keycodes when the input ends. A larger value
 * delays the end of a server whose display is stuck; a smaller one may leave a busy display with keys down.
 */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * Keycodes of media and launcher keys that no tested program acts on by keycode. They are lent only after the free
 * keycodes.
 */
const LENDABLE = [
  98, 99, 100, 101, 102, 142, 191, 192, 193, 194, 195, 196, 198, 199, 200, 201, 209, 216, 221, 224, 234, 240,
  241, 249, 250, 252, 253, 254, 255,
];

/** Puts input of several writers into a display through XTEST. */
export class XInput {
  readonly #x: XConnection;
  readonly #keyboard: Keyboard;
  readonly #turns: InputTurns;
  readonly #spare: SpareKeys;
  /** The keymap before any keycode was lent. */
  readonly #original: Keymap;
  #rereading: NodeJS.Timeout | undefined;

  static async open(x: XConnection): Promise<XInput> {
    const test = await extension<XTest>('XTEST', (done) => x.client.require('xtest', done));
    const input = new XInput(x, test, await readKeymap(x));
    x.onEvent((event) => {
      if (event.type === MAPPING_NOTIFY && event.request === MAPPING_KEYBOARD) input.#keymapChanged();
    });
    x.onDrain(() => input.#turns.serve());
    return input;
  }

  constructor(x: XConnection, test: XTest, rows: number[][]) {
    this.#x = x;
    this.#original = new Keymap(rows);
    const all = Array.from({ length: KEYCODE_COUNT }, (_, i) => FIRST_KEYCODE + i);
    const free = all.filter((keycode) => this.#original.isFree(keycode));
    this.#spare = new SpareKeys([...free, ...LENDABLE.filter((keycode) => !free.includes(keycode))]);
    const fake = (type: number, detail: number, atX = 0, atY = 0): void => {
      if (x.isOpen) test.FakeInput(type, detail, 0, 0, atX, atY);
    };
    const port = {
      key: (keycode: number, down: boolean) => fake(down ? KEY_PRESS : KEY_RELEASE, keycode),
      bind: (keycode: number, [plain = 0, shifted = plain]: readonly number[]) =>
        x.client.ChangeKeyboardMapping(keycode, 2, [plain, shifted]),
      move: (toX: number, toY: number) =>
        fake(MOTION_NOTIFY, 0, Math.max(0, int16(toX)), Math.max(0, int16(toY))),
      nudge: (dx: number, dy: number) => fake(MOTION_NOTIFY, RELATIVE, int16(dx), int16(dy)),
      button: (button: number, down: boolean) => fake(down ? BUTTON_PRESS : BUTTON_RELEASE, button),
      isBackedUp: () => x.isBackedUp,
      synced: () => x.sync(),
      wait: (ms: number) => delay(ms, undefined, { ref: false }),
      later: (action: () => void) => void setImmediate(action),
      nowMs: () => performance.now(),
    };
    this.#keyboard = new Keyboard(port, this.#original, this.#spare);
    this.#turns = new InputTurns(port, this.#keyboard, (nowMs) => this.#spare.touchAll(nowMs));
  }

  /** Opens one writer's input. */
  openWriter(): DesktopInput {
    return this.#turns.open();
  }

  /**
   * Releases everything that is down and gives lent keycodes back, also while a key waits for its binding. Resolves
   * when the X server has done so, or has not answered in time.
   */
  async close(): Promise<void> {
    clearTimeout(this.#rereading);
    this.#turns.close();
    if (!this.#x.isOpen) return;
    for (const keycode of this.#spare.bound.keys()) {
      const row = this.#original.rowOf(keycode);
      if (row.length > 0) this.#x.client.ChangeKeyboardMapping(keycode, row.length, row);
      this.#spare.forget(keycode);
    }
    const limit = new AbortController();
    const late = delay(CLOSE_TIMEOUT_MS, undefined, { signal: limit.signal }).catch(() => undefined);
    // A connection that ends meanwhile took the display with it.
    await Promise.race([this.#x.sync().catch(() => undefined), late]);
    limit.abort();
  }

  #keymapChanged(): void {
    this.#rereading ??= setTimeout(() => {
      this.#rereading = undefined;
      // The owner of the connection notices its end.
      this.#reread().catch(() => undefined);
    }, KEYMAP_SETTLES_MS).unref();
  }

  /**
   * Reads the keymap: some changes are our own, the others are a new layout, which may have taken lent keycodes
   * back.
   */
  async #reread(): Promise<void> {
    const lent = this.#spare.bound;
    const rows = await readKeymap(this.#x);
    const now = new Keymap(rows);
    for (const [keycode, keysyms] of lent) {
      const isOurs = keysyms.every((keysym, level) => now.keysymAt(keycode, level) === keysym);
      if (!isOurs && this.#spare.bound.get(keycode) === keysyms) this.#spare.forget(keycode);
    }
    this.#keyboard.keymap = new Keymap(rows, new Set(this.#spare.bound.keys()));
  }
}

async function readKeymap(x: XConnection): Promise<number[][]> {
  return x.request<number[][]>((client, done) =>
    client.GetKeyboardMapping(FIRST_KEYCODE, KEYCODE_COUNT, done),
  );
}
