import { type HeldKey, HeldKeys, keyId } from './held-keys.ts';
import type { KeyStep } from './input-queue.ts';
import { KeySearch, type Place } from './key-search.ts';
import { keycodeShares } from './keycode-shares.ts';
import { type Keymap, LEVEL3, LEVEL5, LOCK_MASK, NUM, SHIFT } from './keymap.ts';
import {
  ISO_LEVEL3_SHIFT,
  ISO_LEVEL5_SHIFT,
  isCommandModifier,
  isFunctionKey,
  isLevel3,
  isLevel5,
  isModifier,
  isShift,
  SHIFT_L,
} from './keysyms.ts';
import { type LockState, type Locks, sameLocks } from './lock-state.ts';
import type { KeyChange, ModifierKeys } from './modifier-keys.ts';
import type { SpareKeys } from './spare-keys.ts';

/** Operations of the keyboard on the display. */
export interface KeyboardPort {
  /** Presses or releases a key. Returns the number of the request. */
  key(keycode: number, down: boolean): number;
  /** Presses a key that is down once more, as the X server's own autorepeat does: programs see no release. */
  repeat(keycode: number): void;
  /** A spare keycode was pressed: the program that has the focus may read that later. */
  tapped(): void;
  /** Sets what is locked. Returns the number of the request. */
  lock(locks: Locks): number;
  /** Carries out an action without another program's input in its middle. */
  together(action: () => void): void;
}

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

/**
 * Characters bound in one go. A larger value gives a long text fewer waits for new bindings. A smaller value makes the
 * programs of the desktop read fewer keymap changes at once.
 */
const BATCH = 96;

/**
 * Milliseconds from a repeat of a key to the next one, or to its release. The X server carries a repeat out a
 * millisecond later, unless the next one or the release comes before. A larger value slows down repeats that arrive
 * together; a smaller one loses some of them on a busy machine.
 */
export const REPEAT_GAP_MS = 5;

/**
 * Milliseconds from the release of a key to the next press of it, if no other key comes between. LibreOffice's X11 look
 * takes a press with the time of the release, in milliseconds, for a repeat, and drops it. A larger value slows down
 * runs of one character; with a smaller one both may get the same time.
 */
export const SAME_KEY_GAP_MS = 2;

/** What must be locked while a key is pressed. */
interface WantedLocks extends Locks {
  /** Whether the key would mean something else under other locks. */
  readonly matter: boolean;
}

/** The last event of the keyboard, if that was the release of a key that is no modifier. */
interface Released {
  readonly keycode: number;
  /** Time at which the X server was known to have carried it out. Undefined before that. */
  carriedOutAtMs: number | undefined;
}

/**
 * Types keysyms on an X keyboard for several writers. A keysym that the keymap has is typed with its key. Shift or
 * AltGr is pressed or released for the moment of the press if the keymap needs that, and the locks and the group are
 * changed until the key is released. Any other keysym needs a spare keycode first: `canType` says so, and `bindAhead`
 * gets it. Modifiers of other writers, and of other programs, do not change a writer's keys.
 */
export class Keyboard {
  readonly #port: KeyboardPort;
  readonly #spare: SpareKeys;
  readonly #locks: LockState;
  readonly #modifiers: ModifierKeys;
  readonly #search: KeySearch;
  readonly #writers = new Set<HeldKeys>();
  #repeatedAtMs = Number.NEGATIVE_INFINITY;
  #released: Released | undefined;

  constructor(
    port: KeyboardPort,
    keymap: Keymap,
    spare: SpareKeys,
    state: { readonly locks: LockState; readonly modifiers: ModifierKeys },
  ) {
    this.#port = port;
    this.#spare = spare;
    this.#locks = state.locks;
    this.#modifiers = state.modifiers;
    this.#search = new KeySearch(keymap, spare, state.locks);
  }

  set keymap(keymap: Keymap) {
    this.#search.keymap = keymap;
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

  /** The keysym to type for one that a viewer sent, or undefined, as in `KeySearch.meaning`. */
  meaning(keysym: number, evdev: number): number | undefined {
    return this.#search.meaning(keysym, evdev);
  }

  /**
   * The X server says that the locks have changed. A program that did so just before a key was pressed gets its locks
   * back now.
   */
  locksTold(): void {
    this.#restoreLocks();
  }

  /** The X server says that a modifier was pressed or released, as `ModifierKeys.toldOfOther` has it. */
  modifierTold(change: KeyChange, sequence: number): void {
    const { keycode, isDown } = change;
    if (!this.#isTracked(keycode)) return;
    const isHeldHere = this.#isHeld(keycode);
    if (!this.#modifiers.toldOfOther(change, sequence, isHeldHere)) return;
    // It was pressed again here, for the program that had released it by then.
    if (!isDown && !isHeldHere && this.#modifiers.down.has(keycode)) this.#key(keycode, false);
  }

  /** Whether the key was repeated a moment ago, so that another repeat or its release would undo that. */
  isRepeating(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): boolean {
    return nowMs - this.#repeatedAtMs < REPEAT_GAP_MS && writer.get(keyId(keysym, evdev)) !== undefined;
  }

  /**
   * The release of the key that would be pressed, if no other key has come between, and that was a moment ago or may
   * not have been carried out yet.
   */
  releasedJustNow(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): Released | undefined {
    const released = this.#released;
    if (!released || nowMs - (released.carriedOutAtMs ?? nowMs) >= SAME_KEY_GAP_MS) return undefined;
    const place = this.#search.find(writer, keysym, evdev);
    const needsModifier = place?.level !== undefined && ((place.level ^ writer.level) & ~NUM) !== 0;
    return place?.keycode === released.keycode && !needsModifier ? released : undefined;
  }

  /** The last release, if the X server may not have carried it out yet. */
  get openRelease(): Released | undefined {
    return this.#released?.carriedOutAtMs === undefined ? this.#released : undefined;
  }

  /** Takes a release for long enough ago. */
  forget(released: Released): void {
    if (this.#released === released) this.#released = undefined;
  }

  /** Whether the key can be pressed without a new binding. */
  canType(writer: HeldKeys, { keysym, evdev }: KeyStep): boolean {
    return this.#search.find(writer, keysym, evdev) !== undefined;
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
    for (const keysyms of keycodeShares(missing)) {
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
    this.#released = undefined;
  }

  /** Presses a key that `canType` has found. A key that is down already is pressed again, as a repeat. */
  press(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): void {
    const id = keyId(keysym, evdev);
    const held = writer.get(id);
    if (held?.keysym === keysym) {
      if (isModifier(keysym)) return;
      this.#port.repeat(held.keycode);
      this.#tapped(held.keycode, nowMs);
      this.#released = undefined;
      this.#repeatedAtMs = nowMs;
      return;
    }
    if (held) this.#release(writer, id, nowMs);
    const found = this.#search.find(writer, keysym, evdev);
    if (!found) return;
    const locks = this.#locksFor(keysym, found);
    const key = { keysym, ...found, overridesLocks: !sameLocks(locks, this.#locks.user) };
    const isDown = this.#isHeld(key.keycode) || this.#modifiers.ofOthers.has(key.keycode);
    if (isDown && !isModifier(keysym)) this.#key(key.keycode, false);
    // A modifier that another program has released has to be pressed again.
    if (!isDown || !isModifier(keysym) || this.#isUp(key.keycode)) {
      this.#pressWithModifiers(writer, key, locks);
    }
    writer.set(id, key);
    this.#tapped(key.keycode, nowMs);
  }

  release(writer: HeldKeys, { keysym, evdev }: KeyStep, nowMs: number): void {
    this.#release(writer, keyId(keysym, evdev), nowMs);
  }

  /** Releases every key that the writer holds down. */
  releaseAll(writer: HeldKeys): void {
    const keycodes = new Set([...writer].map((key) => key.keycode));
    writer.clear();
    for (const keycode of keycodes) if (!this.#isHeldByAnother(keycode)) this.#key(keycode, false);
    this.#restoreLocks();
  }

  #release(writer: HeldKeys, id: number, nowMs: number): void {
    const key = writer.get(id);
    if (!key) return;
    writer.delete(id);
    // Another key of this writer, another writer or another program may hold the same keycode.
    if (this.#isHeldByAnother(key.keycode)) return;
    this.#key(key.keycode, false);
    if (!isModifier(key.keysym)) this.#released = { keycode: key.keycode, carriedOutAtMs: undefined };
    this.#spare.touch(key.keycode, nowMs);
    this.#restoreLocks();
  }

  #tapped(keycode: number, nowMs: number): void {
    if (this.#spare.touch(keycode, nowMs)) this.#port.tapped();
  }

  #isHeld(keycode: number): boolean {
    for (const writer of this.#writers) if (writer.hasKeycode(keycode)) return true;
    return false;
  }

  #isHeldByAnother(keycode: number): boolean {
    return this.#isHeld(keycode) || this.#modifiers.ofOthers.has(keycode);
  }

  #isTracked(keycode: number): boolean {
    return this.#search.keymap.modifiers.has(keycode) || this.#modifiers.down.has(keycode);
  }

  /** Whether a modifier that is held here is up all the same: another program has released it. */
  #isUp(keycode: number): boolean {
    return this.#isTracked(keycode) && !this.#modifiers.down.has(keycode);
  }

  #key(keycode: number, isDown: boolean): void {
    const isTracked = this.#isTracked(keycode);
    const sequence = this.#port.key(keycode, isDown);
    this.#released = undefined;
    if (isTracked) this.#modifiers.sent({ keycode, isDown }, sequence);
  }

  /** What must be locked while a key is pressed: the user's locks, as far as they do not change its meaning. */
  #locksFor(keysym: number, { keycode, group, level }: Place): WantedLocks {
    const { user } = this.#locks;
    if (isModifier(keysym) || this.#search.keymap.changesLocks(keycode)) return { ...user, matter: false };
    const all = this.#search.keymap.locksThatMatter(keycode, group ?? user.group);
    const matters = isFunctionKey(keysym) ? all & ~LOCK_MASK : all;
    const wanted = level !== undefined && level & NUM ? this.#search.keymap.numLock : 0;
    return {
      mods: (user.mods & ~matters) | wanted,
      group: group ?? user.group,
      matter: matters !== 0 || group !== undefined,
    };
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
  #pressWithModifiers(writer: HeldKeys, { keysym, keycode, level }: HeldKey, locks: WantedLocks): void {
    const up = isModifier(keysym) ? new Set<number>() : this.#modifiersOfOthers(writer);
    const added = new Set<number>();
    if (level !== undefined) {
      this.#correct(SHIFT, isShift, SHIFT_L, level, up, added);
      this.#correct(LEVEL3, isLevel3, ISO_LEVEL3_SHIFT, level, up, added);
      this.#correct(LEVEL5, isLevel5, ISO_LEVEL5_SHIFT, level, up, added);
    }
    const press = (): void => {
      // Another program may have changed the locks, and the X server may not have told it yet.
      if (locks.matter) this.#locks.set(locks, this.#port.lock(locks));
      else this.#lock(locks);
      for (const modifier of up) this.#key(modifier, false);
      for (const modifier of added) this.#key(modifier, true);
      this.#key(keycode, true);
      for (const modifier of added) this.#key(modifier, false);
      for (const modifier of up) this.#key(modifier, true);
    };
    if (locks.matter || up.size + added.size > 0) this.#port.together(press);
    else press();
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
    const down = this.#modifiersDown(isOfBit);
    if ((level & bit) === 0) for (const keycode of down) up.add(keycode);
    else if (down.length === 0) {
      const keycode = this.#search.findModifier(keysym);
      if (keycode !== undefined) added.add(keycode);
    }
  }

  /** Keycodes of one kind of modifier that are down. */
  #modifiersDown(isOfKind: (keysym: number) => boolean): number[] {
    const own = [...this.#writers].flatMap((writer) =>
      [...writer].filter((key) => isOfKind(key.keysym) && !this.#isUp(key.keycode)),
    );
    return [...own.map(({ keycode }) => keycode), ...this.#ofPrograms(isOfKind)];
  }

  /** Keycodes of the Ctrl, Alt and other command modifiers that only other writers, or programs, hold. */
  #modifiersOfOthers(writer: HeldKeys): Set<number> {
    const keycodes = new Set<number>(this.#ofPrograms(isCommandModifier));
    for (const other of this.#writers) {
      if (other === writer) continue;
      for (const { keysym, keycode } of other) {
        if (isCommandModifier(keysym) && !writer.hasKeycode(keycode)) keycodes.add(keycode);
      }
    }
    return keycodes;
  }

  /** Keycodes of one kind of modifier that other programs hold down. */
  #ofPrograms(isOfKind: (keysym: number) => boolean): number[] {
    const { ofOthers } = this.#modifiers;
    return ofOthers.size === 0
      ? []
      : [...ofOthers].filter((keycode) => isOfKind(this.#search.keysymOf(keycode)));
  }
}
