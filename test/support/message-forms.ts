import type { ClientMessage } from '../../src/protocol/client-messages.ts';
import * as wire from '../../src/protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import { RGB565 } from './pixel-formats.ts';
import { STANDARD_ENCODINGS } from './viewer.ts';

const MIB = 1 << 20;

type Message<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;
type Forms = { readonly [T in ClientMessage['type']]: readonly Message<T>[] };

/** A list as long as that of an ordinary viewer, with features that change what the server sends. */
const ENCODINGS: readonly number[] = [...STANDARD_ENCODINGS, wire.PSEUDO_WEBP, wire.PSEUDO_QEMU_KEY];

const NOTHING = new Uint8Array(0);
const area = { x: 0, y: 0, width: 640, height: 480 };
const screens = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ id, x: 0, y: 0, width: 1, height: 1, flags: 0 }));
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => 0x7000_0000 + i);
const text = wire.CLIPBOARD_TEXT;

/** Every message type in its smallest and largest legal forms, and in forms that ask for different work. */
export const MESSAGE_FORMS: Forms = {
  setPixelFormat: [
    { type: 'setPixelFormat', format: RGB565 },
    { type: 'setPixelFormat', format: SERVER_PIXEL_FORMAT },
  ],
  setEncodings: [
    { type: 'setEncodings', encodings: [] },
    { type: 'setEncodings', encodings: [...ENCODINGS] },
    { type: 'setEncodings', encodings: numbers(1024) },
    { type: 'setEncodings', encodings: [wire.ENCODING_RAW] },
    { type: 'setEncodings', encodings: [wire.PSEUDO_DESKWIRE, wire.PSEUDO_EXTENDED_CLIPBOARD] },
  ],
  updateRequest: [
    { type: 'updateRequest', incremental: true, x: 0, y: 0, width: 0, height: 0 },
    { type: 'updateRequest', incremental: false, x: 0, y: 0, width: 65535, height: 65535 },
  ],
  key: [
    { type: 'key', keysym: 0x61, down: true, keycode: 0 },
    { type: 'key', keysym: 0x61, down: false, keycode: 30 },
  ],
  pointer: [{ type: 'pointer', buttonMask: 0, x: 9, y: 9, scrollX: 32767, scrollY: 32767 }],
  clientCutText: [
    { type: 'clientCutText', text: '' },
    { type: 'clientCutText', text: 'x'.repeat(MIB) },
  ],
  extendedClipboard: [
    { type: 'extendedClipboard', flags: wire.CLIPBOARD_NOTIFY | text, data: NOTHING },
    { type: 'extendedClipboard', flags: wire.CLIPBOARD_REQUEST | text, data: NOTHING },
    { type: 'extendedClipboard', flags: wire.CLIPBOARD_PEEK, data: NOTHING },
    { type: 'extendedClipboard', flags: wire.CLIPBOARD_PROVIDE | text, data: new Uint8Array(20 * MIB - 4) },
  ],
  enableContinuousUpdates: [
    { type: 'enableContinuousUpdates', on: true, ...area },
    { type: 'enableContinuousUpdates', on: false, ...area },
  ],
  requestBottleneckStats: [{ type: 'requestBottleneckStats' }],
  frameStats: [{ type: 'frameStats', totalTime: 0xffff_ffff, renderTime: 0 }],
  binaryClipboard: [
    { type: 'binaryClipboard', items: [] },
    {
      type: 'binaryClipboard',
      items: Array.from({ length: 255 }, () => ({ mime: 'm'.repeat(255), data: Uint8Array.of(1) })),
    },
    { type: 'binaryClipboard', items: [{ mime: 'text/plain', data: new Uint8Array(20 * MIB - 100) }] },
  ],
  udpUpgrade: [
    { type: 'udpUpgrade', data: NOTHING },
    { type: 'udpUpgrade', data: new Uint8Array(65535) },
  ],
  subscribeRelay: [
    { type: 'subscribeRelay', name: '' },
    { type: 'subscribeRelay', name: 'n'.repeat(255) },
  ],
  relayData: [
    { type: 'relayData', name: '', data: NOTHING },
    { type: 'relayData', name: 'n'.repeat(255), data: new Uint8Array(MIB) },
  ],
  videoCodecs: [
    { type: 'videoCodecs', codecs: [] },
    { type: 'videoCodecs', codecs: numbers(255) },
  ],
  keepAlive: [{ type: 'keepAlive' }],
  relativeMouse: [{ type: 'relativeMouse', buttonMask: 255, dx: 1, dy: 1, scrollX: -32768, scrollY: 32767 }],
  latencyProbe: [{ type: 'latencyProbe', id: 7 }],
  networkStats: [{ type: 'networkStats' }],
  systemStats: [{ type: 'systemStats' }],
  fence: [
    { type: 'fence', flags: 0, payload: NOTHING },
    { type: 'fence', flags: wire.FENCE_REQUEST, payload: NOTHING },
    { type: 'fence', flags: wire.FENCE_REQUEST, payload: new Uint8Array(64) },
    { type: 'fence', flags: 0, payload: Uint8Array.of(0x44, 0x57) },
  ],
  setDesktopSize: [
    { type: 'setDesktopSize', width: 1, height: 1, screens: [] },
    { type: 'setDesktopSize', width: 65535, height: 65535, screens: screens(255) },
  ],
  setMaxVideoResolution: [
    { type: 'setMaxVideoResolution', width: 0, height: 0 },
    { type: 'setMaxVideoResolution', width: 65535, height: 65535 },
  ],
};

/** Big-endian bytes of a 32-bit number. */
export const u32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);

/** Bytes that break the protocol, each for another reason. */
export const MALFORMED_MESSAGES: readonly (readonly number[])[] = [
  [77, 1, 2, 3],
  [255, 9, 0, 0],
  [2, 0, 0xff, 0xff],
  [6, 0, 0, 0, ...u32(0x7fffffff)],
  [6, 0, 0, 0, ...u32(0x80000000)],
  [6, 0, 0, 0, ...u32(-1 >>> 0)],
  [248, 0, 0, 0, ...u32(0), 65],
  [180, 1, 0, ...u32(0xffffffff)],
  [183, 0, ...u32(0xffffffff)],
  [0, 0, 0, 0, 24, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0],
];
