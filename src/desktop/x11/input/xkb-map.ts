/** The smallest X keycode. A Linux (evdev) key code is the X keycode of the same key minus 8. */
export const FIRST_KEYCODE = 8;
export const KEYCODE_COUNT = 248;

/** How the modifiers that are down choose one of a key's levels. */
interface KeyType {
  /** Modifiers that matter, as in X's state of a key event. */
  readonly mods: number;
  /** Levels by the modifiers that are down of those that matter. Others give level 0. */
  readonly levels: ReadonlyMap<number, number>;
}

/** What one keycode means. */
export interface KeyRow {
  /** Type of each group, as an index. Empty: the keycode means nothing. */
  readonly types: readonly number[];
  /** What a group means that the key does not have. */
  readonly outOfRange: 'wrap' | 'clamp' | { readonly group: number };
  /** Keysyms of each group, from level 0 on. */
  readonly keysyms: readonly (readonly number[])[];
}

/** A keyboard map as the X server has it. */
export interface XkbMap {
  readonly types: readonly KeyType[];
  /** Keys from FIRST_KEYCODE on. */
  readonly keys: readonly KeyRow[];
  /** Modifiers that a keycode sets, as in X's state of a key event. */
  readonly modifiers: ReadonlyMap<number, number>;
}

/** Parts of the answer to XkbGetMap: types of keys, keysyms and modifiers. */
export const WANTED_PARTS = 1 | 2 | 4;

// Places in the reply, whose first 8 bytes are missing (XKB protocol, "Appendix D", XkbGetMap).
const N_TYPES_AT = 7;
const FIRST_KEY_AT = 9;
const N_KEYS_AT = 12;
const N_MODIFIERS_AT = 25;
const LISTS_AT = 32;

const TYPE_BYTES = 8;
const ENTRY_BYTES = 8;
/** Bytes of the modifiers that an entry preserves. They follow all entries of a type. */
const PRESERVED_BYTES = 4;
const KEY_BYTES = 8;
const KEYSYM_BYTES = 4;
const MODIFIER_BYTES = 2;

const MAX_GROUPS = 4;
const GROUP_COUNT_BITS = 0x0f;
const CLAMPS = 0x40;
const REDIRECTS = 0x80;

/** Reads the reply to an XkbGetMap that asked for all of WANTED_PARTS. Throws RangeError if it is cut short. */
export function readXkbMap(reply: Buffer): XkbMap {
  let at = LISTS_AT;
  const types: KeyType[] = [];
  for (let i = reply.readUInt8(N_TYPES_AT); i > 0; i--) {
    const entries = reply.readUInt8(at + 5);
    const hasPreserved = reply.readUInt8(at + 6) !== 0;
    types.push(readType(reply, at, entries));
    at += TYPE_BYTES + entries * (ENTRY_BYTES + (hasPreserved ? PRESERVED_BYTES : 0));
  }
  const keys: KeyRow[] = Array.from({ length: KEYCODE_COUNT }, () => NO_KEY);
  const firstKey = reply.readUInt8(FIRST_KEY_AT) - FIRST_KEYCODE;
  for (let i = 0; i < reply.readUInt8(N_KEYS_AT); i++) {
    const row = readKey(reply, at);
    if (firstKey + i >= 0 && firstKey + i < KEYCODE_COUNT) keys[firstKey + i] = row;
    at += KEY_BYTES + reply.readUInt16LE(at + 6) * KEYSYM_BYTES;
  }
  const modifiers = new Map<number, number>();
  for (let i = reply.readUInt8(N_MODIFIERS_AT); i > 0; i--) {
    modifiers.set(reply.readUInt8(at), reply.readUInt8(at + 1));
    at += MODIFIER_BYTES;
  }
  return { types, keys, modifiers };
}

export const NO_KEY: KeyRow = { types: [], outOfRange: 'wrap', keysyms: [] };

function readType(reply: Buffer, at: number, entries: number): KeyType {
  const levels = new Map<number, number>();
  for (let i = 0; i < entries; i++) {
    const entry = at + TYPE_BYTES + i * ENTRY_BYTES;
    const isActive = reply.readUInt8(entry) !== 0;
    if (isActive) levels.set(reply.readUInt8(entry + 1), reply.readUInt8(entry + 2));
  }
  return { mods: reply.readUInt8(at), levels };
}

function readKey(reply: Buffer, at: number): KeyRow {
  const info = reply.readUInt8(at + 4);
  const width = reply.readUInt8(at + 5);
  const groups = Math.min(info & GROUP_COUNT_BITS, MAX_GROUPS);
  const indexes = Array.from({ length: groups }, (_, group) => group);
  return {
    types: indexes.map((group) => reply.readUInt8(at + group)),
    outOfRange: info & REDIRECTS ? { group: (info >> 4) & 3 } : info & CLAMPS ? 'clamp' : 'wrap',
    keysyms: indexes.map((group) =>
      Array.from({ length: width }, (_, level) =>
        reply.readUInt32LE(at + KEY_BYTES + (group * width + level) * KEYSYM_BYTES),
      ),
    ),
  };
}
