import type { XEvent, XkbExtension, XkbState } from 'x11';
import { extension, type XConnection } from './connection.ts';
import { askRaw, sendRaw } from './raw-request.ts';

/** The keyboard that programs read. */
const CORE_KEYBOARD = 0x100;
/** The keyboard of XTEST, a part of that one. X.Org's servers, Xvfb too, always have it at this number. */
const XTEST_KEYBOARD = 5;

// Requests that the package lacks (XKB protocol, "Appendix D").
const SET_CONTROLS = 7;
const SET_CONTROLS_BYTES = 100;
const GET_MAP = 8;
const GET_MAP_BYTES = 28;
const GET_MAP_TYPES = 1;
const SET_MAP = 9;
const SET_MAP_BYTES = 36;
const SET_MAP_KEYSYMS = 2;
const SET_MAP_ACTIONS = 0x10;
const FIRST_KEYCODE = 8;
const LAST_KEYCODE = 255;

// Part of GetMap's reply, whose first 8 bytes are missing, and of SetMap: what a keycode means.
const N_TYPES_AT = 7;
const LISTS_AT = 32;
const TYPE_BYTES = 8;
/** Bytes of an entry of a type, and of the modifiers that each entry preserves in some types. */
const ENTRY_BYTES = 8;
const PRESERVED_BYTES = 4;
const KEY_BYTES = 8;
const GROUP_COUNT_BITS = 0x0f;
const KEYSYM_BYTES = 4;
/** Types of keys that every keymap has: Shift makes no difference, or chooses the second keysym. */
const ONE_LEVEL = 0;
const TWO_LEVEL = 1;

/** Kinds of XKB events, and their bits when they are selected. */
const NEW_KEYBOARD_NOTIFY = 0;
const MAP_NOTIFY = 1;
const STATE_NOTIFY = 2;
const CONTROLS_NOTIFY = 3;
const SELECTED =
  (1 << NEW_KEYBOARD_NOTIFY) | (1 << MAP_NOTIFY) | (1 << STATE_NOTIFY) | (1 << CONTROLS_NOTIFY);
const SELECTED_WHOLE = (1 << NEW_KEYBOARD_NOTIFY) | (1 << CONTROLS_NOTIFY);
/** Parts of a keymap whose changes are told: types of keys, keysyms and modifiers. */
const MAP_PARTS = 1 | 2 | 4;
/** Parts of the state whose changes are told: modifiers held down and locked, groups held down, latched and locked. */
const STATE_PARTS = 0x02 | 0x08 | 0x20 | 0x40 | 0x80;

/** The part of XTEST's keyboard whose changes are told: modifiers held down. */
const MODS_HELD = 0x02;

/** The control that repeats keys. */
const REPEAT_KEYS = 1;

/** An action that sends a message to programs. Without flags it sends none, and the key itself sends nothing. */
const ACTION_MESSAGE = 0x10;
const ACTION_BYTES = 8;

const NO_SYMBOL = 0;
const ALL_MODIFIERS = 0xff;
const MAX_GROUPS = 4;

/**
 * Own changes of keycodes that are remembered, to tell them from those of other programs: a server that is slow tells them
 * late. A larger value takes more memory; a smaller one takes an own change for that of another program.
 */
const MOST_CHANGES = 256;

/** Modifiers and group of a keyboard. */
export interface KeyboardState {
  readonly lockedMods: number;
  /** The group that is active. */
  readonly group: number;
  /** What the keys that are down, and latches, add to the group. */
  readonly addedGroup: number;
}

/** A key whose press or release has changed the state of the keyboard. */
interface StateKey {
  readonly keycode: number;
  readonly isDown: boolean;
}

export interface RepeatControls {
  readonly isOn: boolean;
  readonly delayMs: number;
  readonly intervalMs: number;
}

export interface XkbListeners {
  /**
   * `key` has caused the change; undefined if a request has. `sequence` is the number of the last request of this
   * connection that the server had carried out by then.
   */
  state(state: KeyboardState, key: StateKey | undefined, sequence: number): void;
  /** A key has changed the modifiers that are held down through XTEST, by this program or by another one. */
  fakeKey(key: StateKey, sequence: number): void;
  /** The meaning of these keycodes has changed, or that of all of them. `isOwn`: this program has changed it. */
  map(first: number, count: number, isOwn: boolean): void;
  repeats(isOn: boolean, sequence: number): void;
}

/** The X keyboard extension, as far as input needs it. */
export class Xkb {
  readonly #x: XConnection;
  readonly #xkb: XkbExtension;
  /** The last change of keycodes. Each one waits for the one before. */
  #lastBind: Promise<void> = Promise.resolve();
  /** Numbers of the requests that have changed keycodes, oldest first. */
  readonly #changes = new Set<number>();

  /** Loads the extension. From then on the connection gets no MappingNotify. */
  static async open(x: XConnection): Promise<Xkb> {
    return new Xkb(x, await extension<XkbExtension>('XKEYBOARD', (done) => x.client.require('xkb', done)));
  }

  private constructor(x: XConnection, xkb: XkbExtension) {
    this.#x = x;
    this.#xkb = xkb;
  }

  /** Number that the server gives to requests of the extension. */
  get opcode(): number {
    return this.#xkb.majorOpcode;
  }

  listen(listeners: XkbListeners): void {
    this.#x.onEvent((event) => {
      if (event.type === this.#xkb.firstEvent) hear(event, listeners, this.#changes.has(event.seq));
    });
    const details = { stateNotify: [STATE_PARTS, STATE_PARTS] as const };
    this.#xkb.SelectEvents(CORE_KEYBOARD, SELECTED, 0, SELECTED_WHOLE, MAP_PARTS, MAP_PARTS, details);
    // A server without such a keyboard refuses this, and tells nothing of it.
    this.#xkb.SelectEvents(XTEST_KEYBOARD, 1 << STATE_NOTIFY, 0, 0, 0, 0, {
      stateNotify: [MODS_HELD, MODS_HELD],
    });
  }

  /** Keycodes that are down while XTEST holds modifiers down. Empty if it holds none. */
  async fakeKeysDown(): Promise<number[]> {
    const state = await this.#x
      .request<XkbState>((_, done) => this.#xkb.GetState(XTEST_KEYBOARD, done))
      .catch(() => undefined);
    if (!state?.baseMods) return [];
    const bits = await this.#x.request<Buffer>((client, done) => client.QueryKeymap(done));
    return Array.from({ length: LAST_KEYCODE + 1 }, (_, keycode) => keycode).filter(
      (keycode) => (bits.readUInt8(keycode >> 3) & (1 << (keycode & 7))) !== 0,
    );
  }

  async state(): Promise<KeyboardState> {
    return stateOf(await this.#x.request<XkbState>((_, done) => this.#xkb.GetState(CORE_KEYBOARD, done)));
  }

  async repeatControls(): Promise<RepeatControls> {
    type Controls = { repeatDelay: number; repeatInterval: number; enabledControls: number };
    const controls = await this.#x.request<Controls>((_, done) => this.#xkb.GetControls(CORE_KEYBOARD, done));
    const { globalAutoRepeat } = await this.#x.request<{ globalAutoRepeat: number }>((client, done) =>
      client.GetKeyboardControl(done),
    );
    return {
      // Xvfb's option -r turns off only the older of the two switches.
      isOn: globalAutoRepeat !== 0 && (controls.enabledControls & REPEAT_KEYS) !== 0,
      delayMs: controls.repeatDelay,
      intervalMs: controls.repeatInterval,
    };
  }

  /** Resolves when no change of keycodes is under way. */
  async bound(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#lastBind; ) {
      last = this.#lastBind;
      await last;
    }
  }

  /** Resolves with the reply to a GetMap for the given parts, without its first 8 bytes. */
  map(parts: number): Promise<Buffer> {
    const request = this.#request(GET_MAP, GET_MAP_BYTES);
    request.writeUInt16LE(parts, 6);
    return this.#x.request<Buffer>((client, done) => askRaw(client, request, done));
  }

  /** Sets the locked modifiers and the locked group. Returns the number of the request. */
  lock(mods: number, group: number): number {
    const locked = (group + MAX_GROUPS) % MAX_GROUPS;
    if (this.#x.isOpen) {
      this.#xkb.LatchLockState(CORE_KEYBOARD, ALL_MODIFIERS, mods, true, locked, 0, 0, false, 0);
    }
    return this.#x.client.seq_num;
  }

  /** Sets autorepeat. Returns the number of the request. */
  setRepeats({ isOn, delayMs, intervalMs }: RepeatControls): number {
    const request = this.#request(SET_CONTROLS, SET_CONTROLS_BYTES);
    request.writeUInt32LE(REPEAT_KEYS, 24);
    request.writeUInt32LE(isOn ? REPEAT_KEYS : 0, 28);
    request.writeUInt32LE(REPEAT_KEYS, 32);
    request.writeUInt16LE(delayMs, 36);
    request.writeUInt16LE(intervalMs, 38);
    this.#send(request);
    return this.#x.client.seq_num;
  }

  /** Makes a key with one keysym tell programs nothing when it is pressed, or takes that back. */
  mute(keycode: number, isMuted: boolean): void {
    const actions = isMuted ? 1 : 0;
    const request = this.#request(SET_MAP, SET_MAP_BYTES + 4 + actions * ACTION_BYTES);
    request.writeUInt16LE(SET_MAP_ACTIONS, 6);
    request.writeUInt8(FIRST_KEYCODE, 10);
    request.writeUInt8(LAST_KEYCODE, 11);
    request.writeUInt8(keycode, 18);
    request.writeUInt8(1, 19);
    request.writeUInt16LE(actions, 20);
    request.writeUInt8(actions, SET_MAP_BYTES);
    if (isMuted) request.writeUInt8(ACTION_MESSAGE, SET_MAP_BYTES + 4);
    this.#send(request);
  }

  /**
   * Gives keycodes one keysym each, or two: without and with Shift. None: no meaning. All are changed in one request, so
   * that programs read the keymap once. It has the keycodes between them, too: the server is held between reading and
   * writing these. Resolves when the request was sent.
   */
  bind(keycodes: ReadonlyMap<number, readonly number[]>): Promise<void> {
    if (keycodes.size === 0) return Promise.resolve();
    this.#lastBind = this.#lastBind.then(() => this.#bind(keycodes));
    const bound = this.#lastBind;
    this.#lastBind = bound.catch(() => undefined);
    return bound;
  }

  /** Gives one keycode these keysyms at once. */
  bindNow(keycode: number, keysyms: readonly number[]): void {
    if (!this.#x.isOpen) return;
    const row = keysyms.length > 0 ? keysyms : [NO_SYMBOL];
    this.#x.client.ChangeKeyboardMapping(keycode, row.length, row);
    this.#changed();
  }

  /** The last request has changed keycodes. */
  #changed(): void {
    this.#changes.add(this.#x.client.seq_num);
    for (const oldest of this.#changes) {
      if (this.#changes.size <= MOST_CHANGES) break;
      this.#changes.delete(oldest);
    }
  }

  async #bind(keycodes: ReadonlyMap<number, readonly number[]>): Promise<void> {
    const first = Math.min(...keycodes.keys());
    const count = Math.max(...keycodes.keys()) - first + 1;
    const read = this.#request(GET_MAP, GET_MAP_BYTES);
    read.writeUInt16LE(GET_MAP_TYPES, 6);
    read.writeUInt16LE(SET_MAP_KEYSYMS, 8);
    read.writeUInt8(first, 12);
    read.writeUInt8(count, 13);
    if (this.#x.isOpen) this.#x.client.GrabServer();
    await this.#x.request<void>((client, done) =>
      askRaw(client, read, (error, reply) => {
        // In the same turn of the event loop as the answer, so that the server is held no longer than needed.
        if (!error) {
          this.#send(this.#rebound(reply, first, count, keycodes));
          this.#changed();
        }
        client.UngrabServer();
        return done(error, undefined);
      }),
    );
  }

  /** A SetMap of what GetMap has answered, with some keycodes changed. */
  #rebound(
    reply: Buffer,
    first: number,
    count: number,
    keycodes: ReadonlyMap<number, readonly number[]>,
  ): Buffer {
    const rows: Buffer[] = [];
    const levels: number[] = [];
    let at = LISTS_AT;
    for (let types = reply.readUInt8(N_TYPES_AT); types > 0; types--) {
      levels.push(reply.readUInt8(at + 4));
      const hasPreserved = reply.readUInt8(at + 6) !== 0;
      at += TYPE_BYTES + reply.readUInt8(at + 5) * (ENTRY_BYTES + (hasPreserved ? PRESERVED_BYTES : 0));
    }
    for (let keycode = first; keycode < first + count; keycode++) {
      const bytes = KEY_BYTES + reply.readUInt16LE(at + 6) * KEYSYM_BYTES;
      const changed = keycodes.get(keycode);
      rows.push(changed ? keyRow(changed) : fittingRow(reply.subarray(at, at + bytes), levels));
      at += bytes;
    }
    const all = Buffer.concat(rows);
    const request = Buffer.concat([this.#request(SET_MAP, SET_MAP_BYTES), all]);
    request.writeUInt16LE(SET_MAP_KEYSYMS, 6);
    request.writeUInt8(FIRST_KEYCODE, 10);
    request.writeUInt8(LAST_KEYCODE, 11);
    request.writeUInt8(first, 14);
    request.writeUInt8(count, 15);
    request.writeUInt16LE((all.length - count * KEY_BYTES) / KEYSYM_BYTES, 16);
    return request;
  }

  #request(minor: number, bytes: number): Buffer {
    const request = Buffer.alloc(bytes);
    request.writeUInt8(this.opcode, 0);
    request.writeUInt8(minor, 1);
    request.writeUInt16LE(CORE_KEYBOARD, 4);
    return request;
  }

  #send(request: Buffer): void {
    if (this.#x.isOpen) sendRaw(this.#x.client, request);
  }
}

/** What one keycode means, as SetMap has it. */
function keyRow(keysyms: readonly number[]): Buffer {
  const row = Buffer.alloc(KEY_BYTES + keysyms.length * KEYSYM_BYTES);
  row.writeUInt8(keysyms.length > 1 ? TWO_LEVEL : ONE_LEVEL, 0);
  row.writeUInt8(keysyms.length > 0 ? 1 : 0, 4);
  row.writeUInt8(keysyms.length, 5);
  row.writeUInt16LE(keysyms.length, 6);
  for (const [level, keysym] of keysyms.entries())
    row.writeUInt32LE(keysym, KEY_BYTES + level * KEYSYM_BYTES);
  return row;
}

/**
 * A key as SetMap takes it: with as many levels as its types have. The server may keep room for more, but refuses all keys
 * of a request if one of them has more.
 */
function fittingRow(row: Buffer, levelsOfTypes: readonly number[]): Buffer {
  const groups = row.readUInt8(4) & GROUP_COUNT_BITS;
  const width = row.readUInt8(5);
  let levels = 0;
  for (let group = 0; group < groups; group++) {
    levels = Math.max(levels, levelsOfTypes[row.readUInt8(group)] ?? 0);
  }
  if (levels === width) return row;
  const fitting = Buffer.alloc(KEY_BYTES + groups * levels * KEYSYM_BYTES);
  row.copy(fitting, 0, 0, KEY_BYTES);
  fitting.writeUInt8(levels, 5);
  fitting.writeUInt16LE(groups * levels, 6);
  for (let group = 0; group < groups; group++) {
    const from = KEY_BYTES + group * width * KEYSYM_BYTES;
    const bytes = Math.min(levels, width) * KEYSYM_BYTES;
    row.copy(fitting, KEY_BYTES + group * levels * KEYSYM_BYTES, from, from + bytes);
  }
  return fitting;
}

function hear(event: XEvent, listeners: XkbListeners, isOwn: boolean): void {
  const raw = event.raw as Buffer;
  switch (event.xkbType) {
    case STATE_NOTIFY:
      hearState(event as unknown as XkbState, event.seq, listeners);
      return;
    case MAP_NOTIFY: {
      const areKeysymsAlone = raw.readUInt16LE(2) === 2;
      if (areKeysymsAlone) listeners.map(raw.readUInt8(8), raw.readUInt8(9), isOwn);
      else listeners.map(0, 0x100, false);
      return;
    }
    case NEW_KEYBOARD_NOTIFY:
      listeners.map(0, 0x100, false);
      return;
    case CONTROLS_NOTIFY:
      listeners.repeats((raw.readUInt32LE(8) & REPEAT_KEYS) !== 0, event.seq);
  }
}

function hearState(state: XkbState, sequence: number, listeners: XkbListeners): void {
  const key = keyOf(state);
  if (state.deviceID !== XTEST_KEYBOARD) listeners.state(stateOf(state), key, sequence);
  else if (key) listeners.fakeKey(key, sequence);
}

const KEY_PRESS = 2;

const keyOf = ({ keycode, eventType }: XkbState): StateKey | undefined =>
  keycode ? { keycode, isDown: eventType === KEY_PRESS } : undefined;

const stateOf = ({ lockedMods, group, baseGroup, latchedGroup }: XkbState): KeyboardState => ({
  lockedMods,
  group,
  addedGroup: baseGroup + latchedGroup,
});
