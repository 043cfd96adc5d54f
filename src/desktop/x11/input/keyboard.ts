import { FIRST_KEYCODE, KEYCODE_COUNT, type Keymap, type KeyPlace, LEVEL3, SHIFT } from './keymap.ts';
import {
  ISO_LEVEL3_SHIFT,
  isCommandModifier,
  isLevel3,
  isLock,
  isShift,
  isUsable,
  normalizeKeysym,
  SHIFT_L,
} from './keysyms.ts';
import type { SpareKeys } from './spare-keys.ts';

/** What the keyboard does to the display. */
export interface KeyboardPort {
  send(keycode: number, down: boolean): void;
  /** Gives a keycode a keysym on every level, so that no modifier changes it. */
  bind(keycode: number, keysym: number): void;
  /** Resolves when programs have had the time to learn what was bound. */
  settled(): Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** A key that is down: what was pressed for it is what will be released. */
interface HeldKey {
  readonly keysym: number;
  readonly keycode: number;
  /** Modifiers that must be held when it is pressed; undefined where they make no difference. */
  readonly level: number | undefined;
}

type Step = (
  | { readonly kind: 'key'; readonly keysym: number; readonly down: boolean; readonly evdev: number }
  | { readonly kind: 'run'; readonly action: () => void }
) & {
  /** Once it is aborted, the step is dropped if it still waits. */
  readonly signal: AbortSignal | undefined;
};

/**
 * Types keysyms on an X keyboard. A keysym that the keymap has is typed with its key, and with Shift or AltGr
 * pressed or let go for the moment where the viewer's keyboard has it elsewhere. Any other gets a spare keycode,
 * and everything after it waits until programs know of it: the order of all input is kept.
 */
export class Keyboard {
  readonly #port: KeyboardPort;
  readonly #spare: SpareKeys;
  #keymap: Keymap;
  /** By physical key where the viewer told it, else by keysym. */
  readonly #held = new Map<number, HeldKey>();
  readonly #queue: Step[] = [];
  #isWaiting = false;
  #isClosed = false;

  constructor(port: KeyboardPort, keymap: Keymap, spare: SpareKeys) {
    this.#port = port;
    this.#keymap = keymap;
    this.#spare = spare;
  }

  set keymap(keymap: Keymap) {
    this.#keymap = keymap;
  }

  key(keysym: number, down: boolean, evdev: number, signal?: AbortSignal): void {
    const normal = normalizeKeysym(keysym);
    if (isLock(normal) || !isUsable(normal)) return;
    this.#take({ kind: 'key', keysym: normal, down, evdev, signal });
  }

  /** Does something in order with the keys: at once unless some are waiting. */
  run(action: () => void, signal?: AbortSignal): void {
    this.#take({ kind: 'run', action, signal });
  }

  releaseAll(): void {
    this.run(() => {
      for (const keycode of new Set([...this.#held.values()].map((key) => key.keycode))) {
        this.#port.send(keycode, false);
      }
      this.#held.clear();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#queue.length = 0;
  }

  #take(step: Step): void {
    if (this.#isClosed) return;
    this.#queue.push(step);
    this.#drain();
  }

  #drain(): void {
    while (!this.#isWaiting && this.#queue.length > 0) {
      const step = this.#queue[0]!;
      if (step.signal?.aborted) {
        this.#queue.shift();
        continue;
      }
      if (step.kind === 'key' && step.down && this.#lacks(step)) {
        // Every spare key is held down: this one can't be typed.
        if (!this.#bindAhead()) this.#queue.shift();
        continue;
      }
      this.#queue.shift();
      if (step.kind === 'run') step.action();
      else if (step.down) this.#press(step.keysym, step.evdev);
      else this.#release(step.keysym, step.evdev);
    }
  }

  /**
   * Binds what the waiting steps need, as far as there are spare keys, and goes on when that is settled. Returns
   * false where there is nothing to wait for.
   */
  #bindAhead(): boolean {
    const now = this.#port.now();
    const held = new Set([...this.#held.values()].map((key) => key.keycode));
    let wasBound = false;
    for (const step of this.#queue) {
      if (step.signal?.aborted || step.kind !== 'key' || !step.down || !this.#lacks(step)) continue;
      const keycode = this.#spare.lend(step.keysym, now, (code) => held.has(code));
      if (keycode === undefined) break;
      this.#port.bind(keycode, step.keysym);
      wasBound = true;
    }
    const waitMs = this.#spare.waitMs(now);
    if (!wasBound && waitMs === 0) return false;
    this.#isWaiting = true;
    const proceed = wasBound
      ? this.#port.settled()
      : new Promise((resolve) => setTimeout(resolve, waitMs).unref());
    proceed
      // The display is gone, and with it whoever would read this.
      .catch(() => this.close())
      .finally(() => {
        this.#isWaiting = false;
        this.#drain();
      });
    return true;
  }

  get #level(): number {
    let level = 0;
    for (const { keysym } of this.#held.values()) {
      if (isShift(keysym)) level |= SHIFT;
      if (isLevel3(keysym)) level |= LEVEL3;
    }
    return level;
  }

  get #isCommand(): boolean {
    return [...this.#held.values()].some(({ keysym }) => isCommandModifier(keysym));
  }

  #lacks({ keysym, evdev }: { keysym: number; evdev: number }): boolean {
    return this.#find(keysym, evdev) === undefined;
  }

  #find(keysym: number, evdev: number): { keycode: number; level: number | undefined } | undefined {
    const level = this.#level;
    const physical = evdev > 0 && evdev < KEYCODE_COUNT ? evdev + FIRST_KEYCODE : 0;
    const place = this.#keymap.find(keysym, level, physical);
    if (place && this.#isReachable(place, level)) {
      // Ctrl and a capital letter without Shift is Caps Lock on the viewer's side, not another command.
      return this.#isCommand && this.#isOtherCase(keysym, place) ? { ...place, level: undefined } : place;
    }
    const spare = this.#spare.find(keysym);
    if (this.#isCommand && physical !== 0 && this.#keymap.keysymAt(physical, 0) !== 0) {
      // A shortcut on a keyboard of another script: programs know their shortcuts by the keymap's letters.
      return { keycode: physical, level: undefined };
    }
    return spare === undefined ? undefined : { keycode: spare, level: undefined };
  }

  #isReachable(place: KeyPlace, level: number): boolean {
    const needsLevel3 = ((place.level ^ level) & place.level & LEVEL3) !== 0;
    return !needsLevel3 || this.#keymap.find(ISO_LEVEL3_SHIFT, 0, 0) !== undefined;
  }

  #isOtherCase(keysym: number, place: KeyPlace): boolean {
    const other = this.#keymap.keysymAt(place.keycode, place.level ^ SHIFT);
    return (
      other !== 0 &&
      other !== keysym &&
      String.fromCodePoint(other & 0xffff).toLowerCase() ===
        String.fromCodePoint(keysym & 0xffff).toLowerCase()
    );
  }

  #press(keysym: number, evdev: number): void {
    const id = keyId(keysym, evdev);
    const held = this.#held.get(id);
    if (held?.keysym === keysym) {
      // The viewer's keyboard repeats; X drops a second press of a key that is down.
      if (isShift(keysym) || isLevel3(keysym) || isCommandModifier(keysym)) return;
      this.#port.send(held.keycode, false);
      this.#pressWithLevel(held);
      return;
    }
    if (held) this.#release(held.keysym, evdev);
    const found = this.#find(keysym, evdev);
    if (!found) return;
    const key = { keysym, ...found };
    if ([...this.#held.values()].some((other) => other.keycode === key.keycode))
      this.#port.send(key.keycode, false);
    this.#pressWithLevel(key);
    this.#held.set(id, key);
    this.#spare.touch(key.keycode, this.#port.now());
  }

  /** Presses a key with its modifiers put right for the moment of the press. */
  #pressWithLevel({ keycode, level }: { keycode: number; level: number | undefined }): void {
    const undo: (() => void)[] = [];
    const wrong = level === undefined ? 0 : level ^ this.#level;
    for (const [bit, isModifier, keysym] of [
      [SHIFT, isShift, SHIFT_L],
      [LEVEL3, isLevel3, ISO_LEVEL3_SHIFT],
    ] as const) {
      if ((wrong & bit) === 0) continue;
      const isHeld = (level! & bit) === 0;
      const held = [...this.#held.values()].filter((key) => isModifier(key.keysym)).map((key) => key.keycode);
      const added = this.#keymap.find(keysym, 0, 0)?.keycode;
      for (const modifier of new Set(isHeld ? held : [added])) {
        if (modifier === undefined) continue;
        this.#port.send(modifier, !isHeld);
        undo.push(() => this.#port.send(modifier, isHeld));
      }
    }
    this.#port.send(keycode, true);
    for (const step of undo) step();
  }

  #release(keysym: number, evdev: number): void {
    // A viewer that tells keysyms only may name another one at the release, when Shift went up in between.
    const id = keyId(keysym, evdev);
    const known = this.#held.has(id) ? id : [...this.#held].find(([, key]) => key.keysym === keysym)?.[0];
    if (known === undefined) return;
    const { keycode } = this.#held.get(known)!;
    this.#held.delete(known);
    if ([...this.#held.values()].some((key) => key.keycode === keycode)) return;
    this.#port.send(keycode, false);
    this.#spare.touch(keycode, this.#port.now());
  }
}

const keyId = (keysym: number, evdev: number): number => (evdev > 0 ? -evdev : keysym);
