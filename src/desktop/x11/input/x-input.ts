import { setTimeout as delay } from 'node:timers/promises';
import type { XTest } from 'x11';
import type { DesktopInput } from '../../desktop.ts';
import { extension, int16, type XConnection } from '../wire/connection.ts';
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

/** XTEST's word for "by this distance" in a motion. */
const RELATIVE = 1;
const BUTTONS = 10;

/**
 * Chromium takes a new keymap over on its own time: 5 ms after the binding no letter of 400 was wrong, and 20 ms
 * are left for a busy machine. A letter that is bound already costs nothing.
 */
const BINDING_SETTLES_MS = 20;

/** Changes of the keymap come in bursts; it is read again when they have ended. */
const KEYMAP_SETTLES_MS = 50;

/**
 * Keycodes that carry media and launcher keys which no program was seen to act on by keycode. They are lent
 * only when the free ones are used up.
 */
const LENDABLE = [
  98, 99, 100, 101, 102, 142, 191, 192, 193, 194, 195, 196, 198, 199, 200, 201, 209, 216, 221, 224, 234, 240,
  241, 249, 250, 252, 253, 254, 255,
];

/** Puts input into a display through XTEST. */
export class XInput implements DesktopInput {
  readonly #x: XConnection;
  readonly #test: XTest;
  readonly #keyboard: Keyboard;
  readonly #spare: SpareKeys;
  /** The keymap before anything was lent. */
  readonly #original: Keymap;
  readonly #buttons = new Set<number>();
  #rereading: NodeJS.Timeout | undefined;

  static async open(x: XConnection): Promise<XInput> {
    const test = await extension<XTest>('XTEST', (done) => x.client.require('xtest', done));
    const input = new XInput(x, test, await readKeymap(x));
    x.onEvent((event) => {
      if (event.type === MAPPING_NOTIFY && event.request === MAPPING_KEYBOARD) input.#keymapChanged();
    });
    return input;
  }

  constructor(x: XConnection, test: XTest, rows: number[][]) {
    this.#x = x;
    this.#test = test;
    this.#original = new Keymap(rows);
    const all = Array.from({ length: KEYCODE_COUNT }, (_, i) => FIRST_KEYCODE + i);
    const free = all.filter((keycode) => this.#original.isFree(keycode));
    this.#spare = new SpareKeys([...free, ...LENDABLE.filter((keycode) => !free.includes(keycode))]);
    this.#keyboard = new Keyboard(
      {
        send: (keycode, down) => this.#fake(down ? KEY_PRESS : KEY_RELEASE, keycode),
        bind: (keycode, keysym) => x.client.ChangeKeyboardMapping(keycode, 2, [keysym, keysym]),
        settled: async () => {
          await x.sync();
          await delay(BINDING_SETTLES_MS, undefined, { ref: false });
        },
        now: () => performance.now(),
      },
      this.#original,
      this.#spare,
    );
  }

  movePointer(x: number, y: number, signal?: AbortSignal): void {
    const place = [Math.max(0, int16(x)), Math.max(0, int16(y))] as const;
    this.#keyboard.run(() => this.#fake(MOTION_NOTIFY, 0, ...place), signal);
  }

  nudgePointer(dx: number, dy: number, signal?: AbortSignal): void {
    this.#keyboard.run(() => this.#fake(MOTION_NOTIFY, RELATIVE, int16(dx), int16(dy)), signal);
  }

  button(button: number, down: boolean, signal?: AbortSignal): void {
    if (!Number.isInteger(button) || button < 1 || button > BUTTONS) return;
    this.#keyboard.run(() => {
      if (down) this.#buttons.add(button);
      else this.#buttons.delete(button);
      this.#fake(down ? BUTTON_PRESS : BUTTON_RELEASE, button);
    }, signal);
  }

  key(keysym: number, down: boolean, evdevKeycode: number, signal?: AbortSignal): void {
    this.#keyboard.key(keysym, down, evdevKeycode, signal);
  }

  releaseAll(): void {
    this.#keyboard.releaseAll();
    this.#keyboard.run(() => {
      for (const button of this.#buttons) this.#fake(BUTTON_RELEASE, button);
      this.#buttons.clear();
    });
  }

  /** Lets go of everything and gives lent keycodes back. */
  close(): void {
    clearTimeout(this.#rereading);
    this.releaseAll();
    for (const keycode of this.#spare.bound.keys()) {
      if (!this.#x.isOpen) break;
      const row = this.#original.rowOf(keycode);
      if (row.length > 0) this.#x.client.ChangeKeyboardMapping(keycode, row.length, row);
    }
    this.#keyboard.close();
  }

  #fake(type: number, detail: number, x = 0, y = 0): void {
    if (this.#x.isOpen) this.#test.FakeInput(type, detail, 0, 0, x, y);
  }

  #keymapChanged(): void {
    clearTimeout(this.#rereading);
    this.#rereading = setTimeout(() => {
      // A connection that ends meanwhile is noticed by whoever owns it.
      this.#reread().catch(() => undefined);
    }, KEYMAP_SETTLES_MS).unref();
  }

  /** Some of the change may be our own lending; the rest is a new layout, which may have taken keys back. */
  async #reread(): Promise<void> {
    const lent = new Map(this.#spare.bound);
    const rows = await readKeymap(this.#x);
    const now = new Keymap(rows);
    for (const [keycode, keysym] of lent) {
      if (now.keysymAt(keycode, 0) !== keysym && this.#spare.bound.get(keycode) === keysym)
        this.#spare.forget(keycode);
    }
    this.#keyboard.keymap = new Keymap(rows, new Set(this.#spare.bound.keys()));
  }
}

async function readKeymap(x: XConnection): Promise<number[][]> {
  return x.request<number[][]>((client, done) =>
    client.GetKeyboardMapping(FIRST_KEYCODE, KEYCODE_COUNT, done),
  );
}
