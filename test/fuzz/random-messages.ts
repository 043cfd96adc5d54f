import { deflateSync } from 'node:zlib';
import type { Dice } from '../../bench/scenes/dice.ts';
import type { ClientMessage } from '../../src/protocol/client-messages.ts';
import * as wire from '../../src/protocol/constants.ts';
import { type Dialect, dialectOf } from '../../src/protocol/dialect.ts';
import { clipboardCapsData } from '../../src/protocol/extended-clipboard.ts';
import { clipboardTextToDeflate } from '../support/clipboard-text-to-deflate.ts';
import { PIXEL_FORMATS } from '../support/pixel-formats.ts';
import { randomBytes } from './mutate.ts';

type Type = ClientMessage['type'];
type Message<T extends Type> = Extract<ClientMessage, { readonly type: T }>;
type Maker<T extends Type> = (dice: Dice) => Omit<Message<T>, 'type'>;

const MOST_U16 = 0xffff;
const MOST_U32 = 0xffff_ffff;
/** Largest number of a place or a size on the desktop of the tests, and a little beyond. */
const MOST_USUAL = 900;

const FORMATS = Object.values(PIXEL_FORMATS);
const TEXTS = ['', 'a', 'text', 'two\r\nlines\rand\n', '\0', 'Ä "ö"', '\ud83d\ude00', 'x'.repeat(300)];
const MIMES = ['text/plain', 'text/plain', 'text/html', 'image/png', '', 'm'.repeat(255)];
/** Latin and special keys, keys of other alphabets, and numbers that are no keysyms. */
const KEYSYMS = [
  0x61,
  0x41,
  0x20,
  0xff0d,
  0xffe1,
  0xffe3,
  0xff08,
  0x010020ac,
  0x06c1,
  0,
  0x1fffffff,
  MOST_U32,
];
const ENCODINGS = Object.entries(wire)
  .filter(([name]) => /^(ENCODING|PSEUDO)_/.test(name))
  .map(([, number]) => number as number);
const CLIPBOARD_ACTIONS = [
  wire.CLIPBOARD_CAPS,
  wire.CLIPBOARD_REQUEST,
  wire.CLIPBOARD_PEEK,
  wire.CLIPBOARD_NOTIFY,
  wire.CLIPBOARD_PROVIDE,
];

/** Returns an integer from 0 on: mostly a usual one, otherwise an end of its range, or any. */
function number(dice: Dice, most: number): number {
  if (dice.chance(0.6)) return dice.integer(0, Math.min(most, MOST_USUAL));
  return dice.chance(0.5) ? dice.pick([0, 1, most - 1, most]) : dice.integer(0, most);
}

const signed = (dice: Dice): number => dice.pick([0, 0, 1, -1, 120, -120, 32767, -32768]);
const list = <T>(dice: Dice, most: number, make: () => T): T[] =>
  Array.from({ length: dice.integer(0, most) }, make);
const area = (dice: Dice) => ({
  x: number(dice, MOST_U16),
  y: number(dice, MOST_U16),
  width: number(dice, MOST_U16),
  height: number(dice, MOST_U16),
});
const bytes = (dice: Dice, most: number): Uint8Array => randomBytes(dice, dice.integer(0, most));

/** Settings are ranges of numbers behind the first one of each. */
const encoding = (dice: Dice): number => dice.pick(ENCODINGS) + (dice.chance(0.3) ? dice.integer(0, 99) : 0);

function extendedClipboard(dice: Dice): { flags: number; data: Uint8Array } {
  const action = dice.pick(CLIPBOARD_ACTIONS);
  // A format that is provided must be in the data.
  const anyFormats = action !== wire.CLIPBOARD_PROVIDE && dice.chance(0.1);
  const flags = action | (anyFormats ? dice.integer(0, MOST_U16) : wire.CLIPBOARD_TEXT);
  if (action === wire.CLIPBOARD_PROVIDE)
    return { flags, data: deflateSync(clipboardTextToDeflate(dice.pick(TEXTS)), { level: 1 }) };
  if (action === wire.CLIPBOARD_CAPS) return { flags, data: clipboardCapsData([number(dice, MOST_U32)]) };
  return { flags, data: dice.chance(0.9) ? new Uint8Array(0) : bytes(dice, 40) };
}

const MAKERS: { readonly [T in Type]: Maker<T> } = {
  setPixelFormat: (dice) => ({ format: dice.pick(FORMATS) }),
  setEncodings: (dice) => ({ encodings: list(dice, 30, () => encoding(dice)) }),
  updateRequest: (dice) => ({ incremental: dice.chance(0.5), ...area(dice) }),
  key: (dice) => ({
    keysym: dice.pick(KEYSYMS),
    down: dice.chance(0.5),
    keycode: dice.chance(0.5) ? 0 : number(dice, MOST_U32),
  }),
  pointer: (dice) => ({
    buttonMask: number(dice, 255),
    x: number(dice, MOST_U16),
    y: number(dice, MOST_U16),
    scrollX: signed(dice),
    scrollY: signed(dice),
  }),
  clientCutText: (dice) => ({ text: dice.pick(TEXTS) }),
  extendedClipboard,
  enableContinuousUpdates: (dice) => ({ on: dice.chance(0.7), ...area(dice) }),
  requestBottleneckStats: () => ({}),
  frameStats: (dice) => ({ totalTime: number(dice, MOST_U32), renderTime: number(dice, MOST_U32) }),
  binaryClipboard: (dice) => ({
    items: list(dice, 4, () => ({ mime: dice.pick(MIMES), data: bytes(dice, 40) })),
  }),
  udpUpgrade: (dice) => ({ data: bytes(dice, 40) }),
  subscribeRelay: (dice) => ({ name: dice.pick(MIMES) }),
  relayData: (dice) => ({ name: dice.pick(MIMES), data: bytes(dice, 40) }),
  videoCodecs: (dice) => ({ codecs: list(dice, 8, () => number(dice, 0x7fff_ffff)) }),
  keepAlive: () => ({}),
  relativeMouse: (dice) => ({
    buttonMask: number(dice, 255),
    dx: signed(dice),
    dy: signed(dice),
    scrollX: signed(dice),
    scrollY: signed(dice),
  }),
  latencyProbe: (dice) => ({ id: number(dice, MOST_U32) }),
  networkStats: () => ({}),
  systemStats: () => ({}),
  fence: (dice) => ({
    flags: (dice.integer(0, 7) | (dice.chance(0.5) ? wire.FENCE_REQUEST : 0)) >>> 0,
    payload: bytes(dice, 64),
  }),
  setDesktopSize: (dice) => ({
    width: number(dice, MOST_U16),
    height: number(dice, MOST_U16),
    screens: list(dice, 3, () => ({ id: number(dice, MOST_U32), flags: 0, ...area(dice) })),
  }),
  setMaxVideoResolution: (dice) => ({ width: number(dice, MOST_U16), height: number(dice, MOST_U16) }),
};

/** All types of a viewer's messages. */
export const MESSAGE_TYPES = Object.keys(MAKERS) as readonly Type[];

/** Makes a message that a viewer may send in this dialect, with unusual numbers in it. */
export function randomMessage(dice: Dice, dialect: Dialect): ClientMessage {
  for (;;) {
    const type = dice.pick(MESSAGE_TYPES);
    const message = { type, ...MAKERS[type](dice) } as ClientMessage;
    if (dialect === 'kasm' || !leavesStandard(message)) return message;
  }
}

/** Whether the messages behind this one are in another dialect. */
export const leavesStandard = (message: ClientMessage): boolean =>
  message.type === 'videoCodecs' ||
  (message.type === 'setEncodings' && dialectOf(message.encodings) !== 'standard');
