import type { InputSink } from './input-sink.ts';

interface HeldKey {
  readonly keysym: number;
  readonly scancode: number;
}

/**
 * What is held down on the desktop. A key goes up with the keysym that it went down with, whatever modifiers changed in
 * between, so nothing can be left hanging.
 */
export class HeldKeys {
  readonly #sink: InputSink;
  readonly #held = new Map<string, HeldKey>();

  constructor(sink: InputSink) {
    this.#sink = sink;
  }

  /** A repeated press of a key that is down is sent as another press: that is how the desktop repeats. */
  press(code: string, keysym: number, scancode: number): void {
    const before = this.#held.get(code);
    const key = before ?? { keysym, scancode };
    if (before && before.keysym !== keysym) {
      // The same key now means another symbol (Shift came down in between): the old one must not stay down.
      this.release(code);
      this.#held.set(code, { keysym, scancode });
      this.#sink.key(true, keysym, scancode);
      return;
    }
    this.#held.set(code, key);
    this.#sink.key(true, key.keysym, key.scancode);
  }

  release(code: string): void {
    const key = this.#held.get(code);
    if (!key) return;
    this.#held.delete(code);
    this.#sink.key(false, key.keysym, key.scancode);
  }

  /** Releases everything, or all for which `isReleased` is true, last pressed first. */
  releaseAll(isReleased: (code: string) => boolean = () => true): void {
    for (const code of [...this.#held.keys()].reverse()) {
      if (isReleased(code)) this.release(code);
    }
  }

  /** Presses and releases each keysym in turn: composed text, which no single key stands for. */
  type(keysyms: readonly number[]): void {
    for (const keysym of keysyms) {
      this.#sink.key(true, keysym, 0);
      this.#sink.key(false, keysym, 0);
    }
  }

  has(code: string): boolean {
    return this.#held.has(code);
  }
}
