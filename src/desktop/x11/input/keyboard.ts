import { type HeldKey, HeldKeys, keyId } from './held-keys.ts';
import type { KeyStep } from './input-queue.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT, type Keymap, type KeyPlace, LEVEL3, SHIFT } from './keymap.ts';
import {
  ISO_LEVEL3_SHIFT,
  isCharacter,
  isCommandModifier,
  isLevel3,
  isModifier,
  isShift,
  SHIFT_L,
} from './keysyms.ts';
import type { SpareKeys, SparePlace } from './spare-keys.ts';

/** Operations of the keyboard on the display. */
export interface KeyboardPort {
  key(keycode: number, down: boolean): void;
  /** Gives a keycode one keysym for every level, or two keysyms: without and with Shift. */
  bind(keycode: number, keysyms: readonly number[]): void;
}

/** Result of `bindAhead`, from which its caller knows the next step. */
export type Binding =
  /** Wait until programs know the new bindings, then call `settle` with these keycodes. */
  | { readonly kind: 'bound'; readonly keycodes: readonly number[] }
  /**
   * Try again soon: the first key is bound for another writer or an earlier press, and programs may not know it yet.
   */
  | { readonly kind: 'settling' }
  /** The first key can be pressed: the keymap has changed. */
  | { readonly kind: 'ready' }
  /** Try again after this time. */
  | { readonly kind: 'tooEarly'; readonly waitMs: number }
  /** Drop the key press: the writer holds every keycode down that it could get. */
  | { readonly kind: 'impossible' };

/**
 * Characters bound in one go. A larger value gives a long text fewer waits for new bindings. A smaller value makes the
 * programs of the desktop read fewer keymap changes at once.
 */
const BATCH = 96;

/**
 * Up to this many characters get a keycode each. More share keycodes in pairs, which makes every other one need Shift
 * and doubles what fits.
 */
const MOST_UNPAIRED = 8;

/**
 * Types keysyms on an X keyboard for several writers. A keysym that the keymap has is typed with its key, and Shift
 * or AltGr is pressed or released for the moment of the press if the keymap needs that. Any other keysym needs a
 * spare keycode first: `canType` says so, and `bindAhead` gets it. One writer's modifiers do not change another
 * writer's keys.
 */
export class Keyboard {
  readonly #port: KeyboardPort;
  readonly #spare: SpareKeys;
  readonly #writers = new Set<HeldKeys>();
  #keymap: Keymap;

  constructor(port: KeyboardPort, keymap: Keymap, spare: SpareKeys) {
    this.#port = port;
    this.#keymap = keymap;
    this.#spare = spare;
  }

  set keymap(keymap: Keymap) {
    this.#keymap = keymap;
  }

  /** Adds a writer, which holds no key. */
  open(): HeldKeys {
    const writer = new HeldKeys();
    this.#writers.add(writer);
    return writer;
  }

  /** Releases the writer's keys and removes it. */
  close(writer: HeldKeys): void {
    this.releaseAll(writer);
    this.#writers.delete(writer);
  }

  /** Whether the key can be pressed without a new binding. */
  canType(writer: HeldKeys, { keysym, evdev }: KeyStep): boolean {
    return this.#find(writer, keysym, evdev) !== undefined;
  }

  /** Binds what the given key presses of a writer need, the first of them above all. */
  bindAhead(writer: HeldKeys, presses: Iterable<KeyStep>, nowMs: number): Binding {
    const missing = new Set<number>();
    for (const step of presses) {
      const canType = this.canType(writer, step);
      const isBound = canType || this.#spare.has(step.keysym);
      // The first press is missing, or it needs no new binding.
      if (isBound && missing.size === 0) return { kind: canType ? 'ready' : 'settling' };
      if (!isBound) missing.add(step.keysym);
      if (missing.size >= BATCH) break;
    }
    const isHeld = (keycode: number): boolean => this.#isHeld(keycode);
    const keycodes: number[] = [];
    for (const keysyms of missing.size > MOST_UNPAIRED ? pairs(missing) : singles(missing)) {
      const keycode = this.#spare.lend(keysyms, writer, nowMs, isHeld);
      if (keycode === undefined) break;
      this.#port.bind(keycode, keysyms);
      keycodes.push(keycode);
    }
    if (keycodes.length > 0) return { kind: 'bound', keycodes };
    const waitMs = this.#spare.waitMs(writer, nowMs, isHeld);
    return waitMs === undefined ? { kind: 'impossible' } : { kind: 'tooEarly', waitMs };
  }

  /** Makes new bindings usable for every writer. Called once programs know them. */
  settle(keycodes: readonly number[]): void {
    this.#spare.settle(keycodes);
  }

  /** Presses a key that `canType` has found. A key that is down already is pressed again, as a repeat. */
  press(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): void {
    const id = keyId(keysym, evdev);
    const held = writer.get(id);
    if (held?.keysym === keysym) {
      if (isModifier(keysym)) return;
      // X drops the second press of a key that is down.
      this.#port.key(held.keycode, false);
      this.#pressWithModifiers(writer, held);
      return;
    }
    if (held) this.#release(writer, id, nowMs);
    const found = this.#find(writer, keysym, evdev);
    if (!found) return;
    const key = { keysym, ...found };
    const isDown = this.#isHeld(key.keycode);
    if (isDown && !isModifier(keysym)) this.#port.key(key.keycode, false);
    if (!isDown || !isModifier(keysym)) this.#pressWithModifiers(writer, key);
    writer.set(id, key);
    this.#spare.touch(key.keycode, nowMs);
  }

  release(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): void {
    this.#release(writer, keyId(keysym, evdev), nowMs);
  }

  /** Releases every key that the writer holds down. */
  releaseAll(writer: HeldKeys): void {
    const keycodes = new Set([...writer].map((key) => key.keycode));
    writer.clear();
    for (const keycode of keycodes) if (!this.#isHeld(keycode)) this.#port.key(keycode, false);
  }

  #release(writer: HeldKeys, id: number, nowMs: number): void {
    const key = writer.get(id);
    if (!key) return;
    writer.delete(id);
    // Another key of this writer, or another writer, may hold the same keycode.
    if (this.#isHeld(key.keycode)) return;
    this.#port.key(key.keycode, false);
    this.#spare.touch(key.keycode, nowMs);
  }

  #isHeld(keycode: number): boolean {
    for (const writer of this.#writers) if (writer.hasKeycode(keycode)) return true;
    return false;
  }

  #find(writer: HeldKeys, keysym: number, evdev: number): SparePlace | undefined {
    const { level, isCommand } = writer;
    const physical = evdev > 0 && evdev < KEYCODE_COUNT ? evdev + FIRST_KEYCODE : 0;
    const place = this.#keymap.find(keysym, level, physical);
    if (place && this.#isReachable(place, level)) {
      // Ctrl and a capital letter without Shift is Caps Lock on the viewer's side, not another command.
      return isCommand && this.#isOtherCase(keysym, place) ? { ...place, level } : place;
    }
    if (isCommand && physical !== 0 && this.#keymap.keysymAt(physical, 0) !== 0) {
      // A shortcut on a keyboard of another script: programs know their shortcuts by the keymap's letters.
      return { keycode: physical, level };
    }
    return this.#spare.find(keysym);
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

  /** Presses a key, with the modifiers that it needs for the moment of the press. */
  #pressWithModifiers(writer: HeldKeys, { keysym, keycode, level }: HeldKey): void {
    const up = isModifier(keysym) ? new Set<number>() : this.#modifiersOfOthers(writer);
    const added = new Set<number>();
    if (level !== undefined) {
      this.#correct(SHIFT, isShift, SHIFT_L, level, up, added);
      this.#correct(LEVEL3, isLevel3, ISO_LEVEL3_SHIFT, level, up, added);
    }
    for (const modifier of up) this.#port.key(modifier, false);
    for (const modifier of added) this.#port.key(modifier, true);
    this.#port.key(keycode, true);
    for (const modifier of added) this.#port.key(modifier, false);
    for (const modifier of up) this.#port.key(modifier, true);
  }

  /** Puts into `up` or `added` what one bit of `level` needs. */
  #correct(
    bit: number,
    isOfBit: (keysym: number) => boolean,
    keysym: number,
    level: number,
    up: Set<number>,
    added: Set<number>,
  ): void {
    const down = [...this.#writers].flatMap((writer) => [...writer].filter((key) => isOfBit(key.keysym)));
    if ((level & bit) === 0) for (const key of down) up.add(key.keycode);
    else if (down.length === 0) {
      const place = this.#keymap.find(keysym, 0, 0);
      if (place) added.add(place.keycode);
    }
  }

  /** Keycodes of the Ctrl, Alt and other command modifiers that only other writers hold. */
  #modifiersOfOthers(writer: HeldKeys): Set<number> {
    const keycodes = new Set<number>();
    for (const other of this.#writers) {
      if (other === writer) continue;
      for (const { keysym, keycode } of other) {
        if (isCommandModifier(keysym) && !writer.hasKeycode(keycode)) keycodes.add(keycode);
      }
    }
    return keycodes;
  }
}

function* singles(keysyms: Iterable<number>): Iterable<readonly number[]> {
  for (const keysym of keysyms) yield [keysym];
}

/** Characters in pairs, in order. Keys of the keypad and functions stay alone: X gives them other levels. */
function* pairs(keysyms: Iterable<number>): Iterable<readonly number[]> {
  let first: number | undefined;
  for (const keysym of keysyms) {
    if (!isCharacter(keysym)) yield [keysym];
    else if (first === undefined) first = keysym;
    else {
      yield [first, keysym];
      first = undefined;
    }
  }
  if (first !== undefined) yield [first];
}
