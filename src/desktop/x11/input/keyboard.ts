import { type HeldKey, HeldKeys, keyId } from './held-keys.ts';
import type { KeyStep } from './input-queue.ts';
import { type Keymap, LEVEL3, LEVEL5, LOCK_MASK, NUM, SHIFT } from './keymap.ts';
import {
  ISO_LEVEL3_SHIFT,
  ISO_LEVEL5_SHIFT,
  isAscii,
  isAsciiLetter,
  isCharacter,
  isCommandModifier,
  isFunctionKey,
  isLevel3,
  isLevel5,
  isLock,
  isModifier,
  isShift,
  otherSide,
  SHIFT_L,
} from './keysyms.ts';
import { type LockState, type Locks, sameLocks } from './lock-state.ts';
import type { SpareKeys, SparePlace } from './spare-keys.ts';
import { FIRST_KEYCODE, KEYCODE_COUNT } from './xkb-map.ts';

/** Operations of the keyboard on the display. */
export interface KeyboardPort {
  key(keycode: number, down: boolean): void;
  /** Presses a key that is down once more, as the X server's own autorepeat does: programs see no release. */
  repeat(keycode: number): void;
  /** Sets what is locked. Returns the number of the request. */
  lock(locks: Locks): number;
  /** Carries out an action without another program's input in its middle. */
  together(action: () => void): void;
}

/** A key that was found for a keysym. */
type Place = SparePlace & { readonly group: number | undefined };

/** Keysyms of keycodes: one for every level, or two, without and with Shift. None: what the keycode meant before. */
export type Bindings = ReadonlyMap<number, readonly number[]>;

/** Result of `bindAhead`, from which its caller knows the next step. */
export type Binding =
  /** Give these keycodes the keysyms, wait until programs know them, then call `settle` with the keycodes. */
  | { readonly kind: 'bound'; readonly bindings: Bindings }
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

/** Groups that a keyboard can have. */
const MAX_GROUPS = 4;

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
 * Milliseconds from a repeat of a key to the next one, or to its release. The X server carries a repeat out a millisecond
 * later, unless the next one or the release comes before. A larger value slows down repeats that arrive together; a
 * smaller one loses some of them on a busy machine.
 */
export const REPEAT_GAP_MS = 5;

/**
 * Milliseconds from the release of a key to the next press of it. LibreOffice's X11 look takes a press that comes with
 * the release for a repeat, and drops it. A larger value slows down runs of one character; a smaller one loses some of
 * them on a busy machine.
 */
export const SAME_KEY_GAP_MS = 5;

/**
 * Types keysyms on an X keyboard for several writers. A keysym that the keymap has is typed with its key. Shift or
 * AltGr is pressed or released for the moment of the press if the keymap needs that, and the locks and the group are
 * changed until the key is released. Any other keysym needs a spare keycode first: `canType` says so, and `bindAhead`
 * gets it. One writer's modifiers do not change another writer's keys.
 */
export class Keyboard {
  readonly #port: KeyboardPort;
  readonly #spare: SpareKeys;
  readonly #locks: LockState;
  readonly #writers = new Set<HeldKeys>();
  #keymap: Keymap;
  #repeatedAtMs = Number.NEGATIVE_INFINITY;
  #lastReleased = { keycode: 0, atMs: Number.NEGATIVE_INFINITY };

  constructor(port: KeyboardPort, keymap: Keymap, spare: SpareKeys, locks: LockState) {
    this.#port = port;
    this.#keymap = keymap;
    this.#spare = spare;
    this.#locks = locks;
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

  /**
   * The keysym to type for one that a viewer sent. Undefined for a key that locks: the viewer's computer has applied its
   * locks already. If the desktop's keymap has another key in its place, such as Escape, that is meant.
   */
  meaning(keysym: number, evdev: number): number | undefined {
    if (!isLock(keysym)) return keysym;
    const physical = physicalOf(evdev);
    const meant = physical && this.#keymap.keysymAt(physical, 0, this.#locks.user.group);
    return !meant || isLock(meant) ? undefined : meant;
  }

  /** Whether the key was repeated a moment ago, so that another repeat or its release would undo that. */
  isRepeating(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): boolean {
    return nowMs - this.#repeatedAtMs < REPEAT_GAP_MS && writer.get(keyId(keysym, evdev)) !== undefined;
  }

  /** Whether the key that would be pressed was released a moment ago. */
  isTooSoon(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): boolean {
    const { keycode, atMs } = this.#lastReleased;
    return nowMs - atMs < SAME_KEY_GAP_MS && this.#find(writer, keysym, evdev)?.keycode === keycode;
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
    const bindings = new Map<number, readonly number[]>();
    for (const keysyms of missing.size > MOST_UNPAIRED ? pairs(missing) : singles(missing)) {
      const keycode = this.#spare.lend(keysyms, writer, nowMs, isHeld);
      if (keycode === undefined) break;
      bindings.set(keycode, keysyms);
    }
    if (bindings.size > 0) return { kind: 'bound', bindings };
    const waitMs = this.#spare.waitMs(writer, nowMs, isHeld);
    return waitMs === undefined ? { kind: 'impossible' } : { kind: 'tooEarly', waitMs };
  }

  /** The program that was typed in has read all keys that were pressed until a time. */
  read(untilMs: number): void {
    this.#spare.read(untilMs);
  }

  /** Takes back the spare keycodes that have not been used for a while. The caller binds them to nothing. */
  giveBack(nowMs: number): Bindings {
    return new Map(this.#spare.giveBack(nowMs, (held) => this.#isHeld(held)).map((keycode) => [keycode, []]));
  }

  /** Makes new bindings usable for every writer. Called once programs know them. */
  settle(keycodes: Iterable<number>): void {
    this.#spare.settle(keycodes);
  }

  /** Presses a key that `canType` has found. A key that is down already is pressed again, as a repeat. */
  press(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): void {
    const id = keyId(keysym, evdev);
    const held = writer.get(id);
    if (held?.keysym === keysym) {
      if (isModifier(keysym)) return;
      this.#port.repeat(held.keycode);
      this.#repeatedAtMs = nowMs;
      return;
    }
    if (held) this.#release(writer, id, nowMs);
    const found = this.#find(writer, keysym, evdev);
    if (!found) return;
    const locks = this.#locksFor(keysym, found);
    const key = { keysym, ...found, overridesLocks: !sameLocks(locks, this.#locks.user) };
    const isDown = this.#isHeld(key.keycode);
    if (isDown && !isModifier(keysym)) this.#port.key(key.keycode, false);
    if (!isDown || !isModifier(keysym)) this.#pressWithModifiers(writer, key, locks);
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
    this.#restoreLocks();
  }

  #release(writer: HeldKeys, id: number, nowMs: number): void {
    const key = writer.get(id);
    if (!key) return;
    writer.delete(id);
    // Another key of this writer, or another writer, may hold the same keycode.
    if (this.#isHeld(key.keycode)) return;
    this.#port.key(key.keycode, false);
    if (!isModifier(key.keysym)) this.#lastReleased = { keycode: key.keycode, atMs: nowMs };
    this.#spare.touch(key.keycode, nowMs);
    this.#restoreLocks();
  }

  #isHeld(keycode: number): boolean {
    for (const writer of this.#writers) if (writer.hasKeycode(keycode)) return true;
    return false;
  }

  #find(writer: HeldKeys, keysym: number, evdev: number): Place | undefined {
    const { level, isCommand } = writer;
    const { group } = this.#locks.user;
    const physical = physicalOf(evdev);
    const latin = isCommand ? this.#latinKey(keysym, physical, level) : undefined;
    if (latin) return latin;
    const place = this.#keymap.find(keysym, level, physical, group);
    if (place && this.#isReachable(place.level, level)) {
      // Ctrl and a capital letter without Shift is Caps Lock on the viewer's side, not another command.
      return isCommand && this.#isOtherCase(keysym, place) ? { ...place, level } : place;
    }
    if (physical !== 0 && this.#keymap.keysymAt(physical, 0, group) !== 0) {
      // A shortcut on a keyboard of another script, or a modifier that the desktop's keymap has made another key.
      if (isCommand || isModifier(keysym)) return { keycode: physical, group: undefined, level };
    }
    if (isModifier(keysym)) return this.#keymap.find(otherSide(keysym), level, physical, group);
    const spare = this.#spare.find(keysym);
    return spare && { ...spare, group: undefined };
  }

  /**
   * The key of a shortcut with a letter of another script: programs know their shortcuts by Latin letters. Undefined if
   * the physical key has none.
   */
  #latinKey(keysym: number, physical: number, level: number): Place | undefined {
    if (physical === 0 || !isCharacter(keysym) || isAscii(keysym)) return undefined;
    for (let group = 0; group < MAX_GROUPS; group++) {
      if (isAsciiLetter(this.#keymap.keysymAt(physical, 0, group)))
        return { keycode: physical, group, level };
    }
    return undefined;
  }

  #isReachable(needed: number, level: number): boolean {
    const { group } = this.#locks.user;
    const missing = needed & ~level;
    if (missing & LEVEL3 && !this.#keymap.find(ISO_LEVEL3_SHIFT, 0, 0, group)) return false;
    return !(missing & LEVEL5) || this.#keymap.find(ISO_LEVEL5_SHIFT, 0, 0, group) !== undefined;
  }

  #isOtherCase(keysym: number, { keycode, level, group }: Place): boolean {
    const other = this.#keymap.keysymAt(keycode, (level ?? 0) ^ SHIFT, group ?? this.#locks.user.group);
    return (
      other !== 0 &&
      other !== keysym &&
      String.fromCodePoint(other & 0xffff).toLowerCase() ===
        String.fromCodePoint(keysym & 0xffff).toLowerCase()
    );
  }

  /** What must be locked while a key is pressed: the user's locks, as far as they do not change its meaning. */
  #locksFor(keysym: number, { keycode, group, level }: Place): Locks {
    const { user } = this.#locks;
    if (isModifier(keysym) || this.#keymap.changesLocks(keycode)) return user;
    const all = this.#keymap.locksThatMatter(keycode, group ?? user.group);
    const matters = isFunctionKey(keysym) ? all & ~LOCK_MASK : all;
    const wanted = level !== undefined && level & NUM ? this.#keymap.numLock : 0;
    return { mods: (user.mods & ~matters) | wanted, group: group ?? user.group };
  }

  #lock(locks: Locks): void {
    if (!sameLocks(locks, this.#locks.present)) this.#locks.set(locks, this.#port.lock(locks));
  }

  /** Gives the user's locks back, unless a key that is down needs others. */
  #restoreLocks(): void {
    for (const writer of this.#writers) for (const key of writer) if (key.overridesLocks) return;
    this.#lock(this.#locks.user);
  }

  /** Presses a key, with the modifiers and locks that it needs. */
  #pressWithModifiers(writer: HeldKeys, { keysym, keycode, level }: HeldKey, locks: Locks): void {
    const up = isModifier(keysym) ? new Set<number>() : this.#modifiersOfOthers(writer);
    const added = new Set<number>();
    if (level !== undefined) {
      this.#correct(SHIFT, isShift, SHIFT_L, level, up, added);
      this.#correct(LEVEL3, isLevel3, ISO_LEVEL3_SHIFT, level, up, added);
      this.#correct(LEVEL5, isLevel5, ISO_LEVEL5_SHIFT, level, up, added);
    }
    const press = (): void => {
      this.#lock(locks);
      for (const modifier of up) this.#port.key(modifier, false);
      for (const modifier of added) this.#port.key(modifier, true);
      this.#port.key(keycode, true);
      for (const modifier of added) this.#port.key(modifier, false);
      for (const modifier of up) this.#port.key(modifier, true);
    };
    if (up.size + added.size === 0) press();
    else this.#port.together(press);
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
      const place = this.#keymap.find(keysym, 0, 0, this.#locks.user.group);
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

/** The keycode of a physical key, or 0 if the viewer did not name it. */
const physicalOf = (evdev: number): number =>
  evdev > 0 && evdev < KEYCODE_COUNT ? evdev + FIRST_KEYCODE : 0;

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
