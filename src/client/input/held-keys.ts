import type { InputSink } from './input-sink.ts';

interface HeldKey {
  readonly keysym: number;
  readonly scancode: number;
}

/**
 * Tracks the keys that are down on the desktop. A key is released with the keysym that it was pressed with, even if
 * modifiers changed in between, so that no key stays down.
 */
export class HeldKeys {
  readonly #sink: Pick<InputSink, 'key'>;
  readonly #held = new Map<string, HeldKey>();

  constructor(sink: Pick<InputSink, 'key'>) {
    this.#sink = sink;
  }

  /**
   * Presses a key. A repeated press of a key that is down is sent as another press, which the desktop takes as a
   * repeat.
   */
  press(code: string, keysym: number, scancode: number): void {
    const before = this.#held.get(code);
    const key = before ?? { keysym, scancode };
    if (before && before.keysym !== keysym) {
      // The key now means another symbol, for example because Shift was pressed in between: release the old one.
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

  /** Releases all held keys for which `isReleased` returns true, the last pressed first. */
  releaseAll(isReleased: (code: string) => boolean = () => true): void {
    for (const code of [...this.#held.keys()].reverse()) {
      if (isReleased(code)) this.release(code);
    }
  }

  /** Presses and releases each keysym in turn. For composed text that has no key. */
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
