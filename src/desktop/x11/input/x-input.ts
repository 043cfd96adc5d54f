import { setTimeout as delay } from 'node:timers/promises';
import type { XTest } from 'x11';
import type { DesktopInput } from '../../desktop.ts';
import { extension, int16, XConnection, type XConnectionOptions } from '../wire/connection.ts';
import { type KeyboardState, type RepeatControls, Xkb } from '../wire/xkb.ts';
import { InputReceipts } from './input-receipts.ts';
import { type InputPort, InputTurns } from './input-turns.ts';
import { KeyRepeat } from './key-repeat.ts';
import { type Bindings, Keyboard } from './keyboard.ts';
import { Keymap } from './keymap.ts';
import { LockState, type Locks } from './lock-state.ts';
import { ModifierKeys } from './modifier-keys.ts';
import { type SpareKeycodes, spareKeycodes } from './spare-keycodes.ts';
import { SpareKeys } from './spare-keys.ts';
import { SpareMeanings } from './spare-meanings.ts';
import { readXkbMap, WANTED_PARTS, type XkbMap } from './xkb-map.ts';

const KEY_PRESS = 2;
const KEY_RELEASE = 3;
const BUTTON_PRESS = 4;
const BUTTON_RELEASE = 5;
const MOTION_NOTIFY = 6;

/** XTEST's detail of a motion that is relative. */
const RELATIVE = 1;

/**
 * Milliseconds from a change of a spare keycode to reading the keymap: most of them are our own. A larger value notices
 * later that another program has taken the keycode; a smaller one reads the keymap more often during a long text.
 */
const KEYMAP_SETTLES_MS = 50;

/**
 * Milliseconds for which keys wait while the keymap is read after a program has changed it. Then they are typed by the
 * former one. A larger value delays input while a program changes the keymap all the time.
 */
const REFRESH_LIMIT_MS = 300;

/**
 * Milliseconds for which the keymap and the locks count as known after a round trip to the X server. The first key after
 * that waits for another one, so that it is typed by what programs have changed before it. A larger value may type the
 * first key after a change wrong; a smaller one delays more keys by a round trip.
 */
const KNOWN_FOR_MS = 50;

/** Milliseconds between two looks for spare keycodes to give back. */
const GIVE_BACK_INTERVAL_MS = 1000;

/**
 * Milliseconds that the X server may take to release keys and take back keycodes when the input ends. A larger value
 * delays the end of a server whose display is stuck; a smaller one may leave a busy display with keys down.
 */
const CLOSE_TIMEOUT_MS = 2000;

/** Puts input of several writers into a display through XTEST. */
export class XInput {
  readonly #x: XConnection;
  readonly #xkb: Xkb;
  readonly #keyboard: Keyboard;
  readonly #turns: InputTurns;
  readonly #spare: SpareKeys;
  readonly #keycodes: SpareKeycodes;
  readonly #repeat: KeyRepeat;
  readonly #locks: LockState;
  readonly #modifiers: ModifierKeys;
  readonly #receipts: InputReceipts | undefined;
  readonly #meanings: SpareMeanings;
  #keymap: Keymap;
  /** What keys that are down add to the group. */
  #addedGroup: number;
  /** Set while the keymap is being read because another program has changed it. */
  #refreshing: Promise<void> | undefined;
  /** Time of the last round trip for input. */
  #knownAtMs = Number.NEGATIVE_INFINITY;
  /** Changes of the keymap by other programs. */
  #changes = 0;
  /** Whether one of them may have replaced it, since it was read. */
  #isReplaced = false;
  #rereading: NodeJS.Timeout | undefined;
  #givingBack: NodeJS.Timeout | undefined;

  /** `address` is that of the display, for a second connection. */
  static async open(x: XConnection, address: XConnectionOptions): Promise<XInput> {
    const test = await extension<XTest>('XTEST', (done) => x.client.require('xtest', done));
    const xkb = await Xkb.open(x);
    const map = await readMap(xkb);
    const receipts = await openReceipts(x, address, xkb, spareKeycodes(new Keymap(map)).unused);
    try {
      const found = {
        map,
        state: await xkb.state(),
        repeats: await xkb.repeatControls(),
        down: await xkb.fakeKeysDown(),
      };
      return new XInput(x, test, xkb, receipts, found);
    } catch (error) {
      await receipts?.close();
      throw error;
    }
  }

  private constructor(
    x: XConnection,
    test: XTest,
    xkb: Xkb,
    receipts: InputReceipts | undefined,
    found: { map: XkbMap; state: KeyboardState; repeats: RepeatControls; down: readonly number[] },
  ) {
    this.#x = x;
    this.#xkb = xkb;
    this.#receipts = receipts;
    this.#addedGroup = found.state.addedGroup;
    this.#keymap = new Keymap(found.map);
    this.#keycodes = spareKeycodes(this.#keymap);
    this.#spare = new SpareKeys(this.#keycodes.lendable);
    this.#meanings = new SpareMeanings(this.#keycodes, this.#keymap);
    this.#locks = new LockState(locksOf(found.state));
    const port = this.#createPort(test);
    const bind = (keycode: number, keysyms: readonly number[]): void => this.#bindNow(keycode, keysyms);
    this.#repeat = new KeyRepeat(xkb, { key: port.key, bind }, found.repeats, this.#keycodes.mute);
    this.#modifiers = new ModifierKeys(found.down.filter((keycode) => found.map.modifiers.has(keycode)));
    const state = { locks: this.#locks, modifiers: this.#modifiers };
    this.#keyboard = new Keyboard(port, this.#keymap, this.#spare, state);
    this.#turns = new InputTurns(port, this.#keyboard, (nowMs) => this.#spare.touchAll(nowMs));
    xkb.listen({
      state: (state, key, sequence) => {
        this.#addedGroup = state.addedGroup;
        this.#locks.told({ ...locksOf(state), isByKey: key !== undefined }, sequence, this.#keymap.groups);
        this.#keyboard.locksTold();
      },
      fakeKey: (key, sequence) => this.#keyboard.modifierTold(key, sequence),
      map: (first, count, isOwn) => this.#keymapChanged(first, count, isOwn),
      repeats: (isOn, sequence) => this.#repeat.told(isOn, sequence),
    });
    x.onDrain(() => this.#turns.serve());
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
    clearTimeout(this.#givingBack);
    this.#turns.close();
    if (this.#x.isOpen) {
      for (const keycode of this.#spare.bound.keys()) this.#bindNow(keycode, []);
      clearTimeout(this.#givingBack);
      this.#repeat.giveBack();
      const limit = new AbortController();
      const late = delay(CLOSE_TIMEOUT_MS, undefined, { signal: limit.signal }).catch(() => undefined);
      // A connection that ends meanwhile took the display with it.
      await Promise.race([this.#x.sync().catch(() => undefined), late]);
      limit.abort();
    }
    await this.#receipts?.close();
  }

  #createPort(test: XTest): InputPort {
    const x = this.#x;
    const fake = (type: number, detail: number, atX = 0, atY = 0): void => {
      if (x.isOpen) test.FakeInput(type, detail, 0, 0, atX, atY);
    };
    const key = (keycode: number, down: boolean): number => {
      fake(down ? KEY_PRESS : KEY_RELEASE, keycode);
      const sequence = x.client.seq_num;
      this.#receipts?.sent(down);
      if (!down) this.#repeat.released(keycode);
      return sequence;
    };
    return {
      key,
      repeat: (keycode) => this.#repeat.repeat(keycode),
      tapped: () => this.#receipts?.tapped(),
      bind: (bindings) => this.#bind(bindings),
      lock: ({ mods, group }) => this.#xkb.lock(mods, group - this.#addedGroup),
      together: (action) => {
        // In one write, so that the server is held no longer than needed.
        x.client.stream?.cork();
        if (x.isOpen) x.client.GrabServer();
        action();
        if (x.isOpen) x.client.UngrabServer();
        x.client.stream?.uncork();
      },
      move: (toX, toY) => fake(MOTION_NOTIFY, 0, Math.max(0, int16(toX)), Math.max(0, int16(toY))),
      nudge: (dx, dy) => fake(MOTION_NOTIFY, RELATIVE, int16(dx), int16(dy)),
      button: (button, down) => fake(down ? BUTTON_PRESS : BUTTON_RELEASE, button),
      isBackedUp: () => x.isBackedUp,
      synced: () => x.sync(),
      handled: async () => (await this.#receipts?.handled()) ?? false,
      known: async () => this.#receipts?.known(),
      givenBack: () => this.#receipts?.givenBack(),
      refresh: () => this.#refreshing ?? this.#catchUp(),
      wait: (ms) => delay(ms, undefined, { ref: false }),
      later: (action) => void setImmediate(action),
      nowMs: () => performance.now(),
    };
  }

  #bind(bindings: Bindings): Promise<void> {
    if (bindings.size === 0) return Promise.resolve();
    this.#giveBackLater();
    return this.#xkb.bind(
      new Map([...bindings].map(([keycode, keysyms]) => [keycode, this.#meant(keycode, keysyms)])),
    );
  }

  /** Changes one keycode at once. */
  #bindNow(keycode: number, keysyms: readonly number[]): void {
    this.#giveBackLater();
    this.#xkb.bindNow(keycode, this.#meant(keycode, keysyms));
  }

  /** The keysyms, or what the keycode means while it is not lent if there are none. */
  #meant(keycode: number, keysyms: readonly number[]): readonly number[] {
    return keysyms.length > 0 ? keysyms : this.#meanings.of(keycode);
  }

  #giveBackLater(): void {
    this.#givingBack ??= setTimeout(() => {
      // The owner of the connection notices its end.
      this.#giveBack().catch(() => undefined);
    }, GIVE_BACK_INTERVAL_MS).unref();
  }

  async #giveBack(): Promise<void> {
    const sinceMs = performance.now();
    if (this.#spare.bound.size > 0 && (await this.#receipts?.handled())) this.#keyboard.read(sinceMs);
    await this.#bind(this.#keyboard.giveBack(performance.now()));
    this.#repeat.giveBack();
    this.#givingBack = undefined;
    if (this.#spare.bound.size > 0 || this.#repeat.hasMuted) this.#giveBackLater();
  }

  #keymapChanged(first: number, count: number, isOwn: boolean): void {
    const areSpare = this.#keycodes.all.has(first) && this.#keycodes.all.has(first + count - 1);
    if (areSpare && isOwn) {
      this.#rereading ??= setTimeout(() => {
        this.#rereading = undefined;
        // The owner of the connection notices its end.
        this.#reread(false).catch(() => undefined);
      }, KEYMAP_SETTLES_MS).unref();
      return;
    }
    this.#changes++;
    if (!areSpare) {
      this.#isReplaced = true;
      this.#repeat.forgetMuted();
    }
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
  }

  /** Makes a round trip, after which all changes until now are known. Undefined if the last one was a moment ago. */
  #catchUp(): Promise<void> | undefined {
    if (performance.now() - this.#knownAtMs < KNOWN_FOR_MS) return undefined;
    const sequence = this.#x.client.seq_num;
    return this.#x.sync().then(() => {
      this.#knownAtMs = performance.now();
      this.#locks.confirmed(sequence);
      this.#modifiers.confirmed(sequence);
    });
  }

  /** Reads the keymap until it stays the same, for a limited time. */
  async #refresh(): Promise<void> {
    const endMs = performance.now() + REFRESH_LIMIT_MS;
    for (let seen = -1; seen !== this.#changes && performance.now() < endMs; ) {
      seen = this.#changes;
      const isReplaced = this.#isReplaced;
      this.#isReplaced = false;
      await this.#reread(isReplaced).catch(() => undefined);
    }
  }

  /**
   * Reads the keymap: some changes are our own, the others are a new layout, which may have taken lent keycodes
   * back, or those of other programs, which have taken spare keycodes.
   */
  async #reread(isReplaced: boolean): Promise<void> {
    await this.#xkb.bound();
    const lent = this.#spare.bound;
    const map = await readMap(this.#xkb);
    const now = new Keymap(map);
    const notFree = new Set(lent.keys());
    for (const [keycode, keysyms] of lent) {
      const isOurs = keysyms.every((keysym, level) => now.keysymAt(keycode, level, 0) === keysym);
      if (isOurs || this.#spare.bound.get(keycode) !== keysyms) continue;
      this.#spare.forget(keycode);
      notFree.delete(keycode);
    }
    const bound = new Set(this.#spare.bound.keys());
    for (const keycode of bound) notFree.add(keycode);
    if (this.#keycodes.mute !== undefined && this.#repeat.hasMuted) notFree.add(this.#keycodes.mute);
    this.#spare.leave(this.#meanings.learn(now, isReplaced, notFree));
    this.#keymap = new Keymap(map, bound);
    this.#keyboard.keymap = this.#keymap;
  }
}

const readMap = async (xkb: Xkb): Promise<XkbMap> => readXkbMap(await xkb.map(WANTED_PARTS));

const locksOf = ({ lockedMods, group }: KeyboardState): Locks => ({ mods: lockedMods, group });

/** Undefined if the display does not let programs be recorded. */
async function openReceipts(
  x: XConnection,
  address: XConnectionOptions,
  xkb: Xkb,
  unused: readonly number[],
): Promise<InputReceipts | undefined> {
  const recorder = await XConnection.open(address);
  try {
    return await InputReceipts.open(x, recorder, { xkbOpcode: xkb.opcode, unused });
  } catch {
    await recorder.close();
    return undefined;
  }
}
