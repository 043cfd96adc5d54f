import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from './byte-queue.ts';
import { type ClientMessage, ClientMessageReader } from './client-messages.ts';
import * as wire from './constants.ts';
import type { Dialect } from './dialect.ts';
import { SERVER_PIXEL_FORMAT } from './pixel-format.ts';
import { concat, drain, hex, readByByte, readSplit } from './split.test-support.ts';
import { writeClientMessage } from './write-client-message.ts';

const SCREEN = { id: 7, x: 0, y: 0, width: 800, height: 600, flags: 1 };

/** Every message with its bytes as the specification lays them out. */
const LAYOUTS: readonly (readonly [ClientMessage, string, Dialect?])[] = [
  [
    { type: 'setPixelFormat', format: SERVER_PIXEL_FORMAT },
    '00 000000 20 18 00 01 00ff 00ff 00ff 10 08 00 000000',
  ],
  [{ type: 'setEncodings', encodings: [7, -224, 0] }, '02 00 0003 00000007 ffffff20 00000000'],
  [
    { type: 'updateRequest', incremental: true, x: 1, y: 2, width: 0x123, height: 0x456 },
    '03 01 0001 0002 0123 0456',
  ],
  [{ type: 'key', keysym: 0xff0d, down: true, keycode: 0 }, '04 01 0000 0000ff0d'],
  [{ type: 'key', keysym: 0xff0d, down: true, keycode: 0x9c }, 'ff 00 0001 0000ff0d 0000009c'],
  [{ type: 'pointer', buttonMask: 5, x: 258, y: 3, scrollX: 0, scrollY: 0 }, '05 05 0102 0003'],
  [
    { type: 'pointer', buttonMask: 0x105, x: 258, y: 3, scrollX: 0, scrollY: 0 },
    '05 85 0102 0003 02',
    'extended',
  ],
  [{ type: 'pointer', buttonMask: 5, x: 258, y: 3, scrollX: 0, scrollY: 0 }, '05 05 0102 0003', 'extended'],
  [
    { type: 'pointer', buttonMask: 0x105, x: 258, y: 3, scrollX: -1, scrollY: 2 },
    '05 0105 0102 0003 ffff 0002',
    'kasm',
  ],
  [{ type: 'clientCutText', text: 'caf\u00e9' }, "06 000000 00000004 'caf' e9"],
  [
    { type: 'extendedClipboard', flags: 0x10000001, data: Uint8Array.of(1, 2, 3) },
    '06 000000 fffffff9 10000001 010203',
  ],
  [
    { type: 'enableContinuousUpdates', on: true, x: 0, y: 1, width: 2, height: 3 },
    '96 01 0000 0001 0002 0003',
  ],
  [{ type: 'requestBottleneckStats' }, 'b2 000000'],
  [{ type: 'frameStats', totalTime: 12, renderTime: 3 }, 'b3 000000 0000000c 00000003'],
  [
    {
      type: 'binaryClipboard',
      items: [
        { mime: 'a/b', data: Uint8Array.of(9) },
        { mime: 'c', data: new Uint8Array(0) },
      ],
    },
    "b4 02 03 'a/b' 00000001 09 01 'c' 00000000",
  ],
  [{ type: 'udpUpgrade', data: Uint8Array.of(1, 2) }, 'b5 0002 0102'],
  [{ type: 'subscribeRelay', name: 'print' }, "b6 05 'print'"],
  [{ type: 'relayData', name: 'ab', data: Uint8Array.of(5) }, "b7 02 'ab' 00000001 05"],
  [{ type: 'videoCodecs', codecs: [-1025, 3] }, 'b8 02 fffffbff 00000003'],
  [{ type: 'keepAlive' }, 'b9'],
  [
    { type: 'relativeMouse', buttonMask: 1, dx: -1, dy: 2, scrollX: 0, scrollY: -3 },
    'bc 01 ffff 0002 0000 fffd',
  ],
  [{ type: 'latencyProbe', id: 0x01020304 }, 'bd 000000 01020304'],
  [{ type: 'networkStats' }, 'be 000000'],
  [{ type: 'systemStats' }, 'bf 000000'],
  [{ type: 'fence', flags: 0x80000001, payload: Uint8Array.of(1, 2) }, 'f8 000000 80000001 02 0102'],
  [
    { type: 'setDesktopSize', width: 800, height: 600, screens: [SCREEN] },
    'fb 00 0320 0258 01 00 00000007 0000 0000 0320 0258 00000001',
  ],
  [{ type: 'setMaxVideoResolution', width: 960, height: 540 }, 'fc 03c0 021c'],
];

const EXTENDED_LIST: ClientMessage = { type: 'setEncodings', encodings: [7, -316] };
const KASM_LIST: ClientMessage = { type: 'setEncodings', encodings: [7, wire.PSEUDO_WEBP] };

/** Returns a reader that has already switched to that dialect. */
function readerOf(dialect: Dialect): ClientMessageReader {
  const reader = new ClientMessageReader();
  if (dialect !== 'standard') {
    reader.push(writeClientMessage(dialect === 'kasm' ? KASM_LIST : EXTENDED_LIST, 'standard'));
    drain(reader);
  }
  assert.equal(reader.dialect, dialect);
  return reader;
}

for (const [message, layout, dialect = 'standard'] of LAYOUTS) {
  test(`message ${message.type} (${dialect}) has its specified layout and is read when cut at any byte`, () => {
    const bytes = hex(layout);
    assert.deepEqual(writeClientMessage(message, dialect), bytes);
    for (let at = 0; at <= bytes.length; at++) {
      const reader = readerOf(dialect);
      reader.push(bytes.subarray(0, at));
      const early = reader.next();
      assert.deepEqual(early, at === bytes.length ? message : undefined);
      reader.push(bytes.subarray(at));
      if (!early) assert.deepEqual(reader.next(), message);
      assert.equal(reader.next(), undefined);
    }
  });
}

test('every client message type has a layout in this test', () => {
  assert.equal(new Set(LAYOUTS.map(([message]) => message.type)).size, 23);
});

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const s16 = fc.integer({ min: -0x8000, max: 0x7fff });
const s32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
const data = fc.uint8Array({ maxLength: 40 });
const word = fc.string({ unit: 'binary', maxLength: 20 });
const latin1 = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 40 });
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
const typed = <T extends ClientMessage['type']>(type: T) => fc.constant(type);

const anyMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  record({ type: typed('setEncodings'), encodings: fc.array(s32, { maxLength: 50 }) }),
  record({
    type: typed('updateRequest'),
    incremental: fc.boolean(),
    x: u16,
    y: u16,
    width: u16,
    height: u16,
  }),
  record({ type: typed('key'), keysym: u32, down: fc.boolean(), keycode: u32 }),
  record({ type: typed('clientCutText'), text: latin1 }),
  record({ type: typed('extendedClipboard'), flags: u32, data }),
  record({ type: typed('pointer'), buttonMask: u16, x: u16, y: u16, scrollX: s16, scrollY: s16 }),
  record({
    type: typed('binaryClipboard'),
    items: fc.array(record({ mime: word, data }), { maxLength: 5 }),
  }),
  record({ type: typed('udpUpgrade'), data }),
  record({ type: typed('subscribeRelay'), name: word }),
  record({ type: typed('relayData'), name: word, data }),
  record({ type: typed('videoCodecs'), codecs: fc.array(s32, { maxLength: 255 }) }),
  record({
    type: typed('relativeMouse'),
    buttonMask: fc.nat(255),
    dx: s16,
    dy: s16,
    scrollX: s16,
    scrollY: s16,
  }),
  record({ type: typed('fence'), flags: u32, payload: fc.uint8Array({ maxLength: 64 }) }),
  record({
    type: typed('setDesktopSize'),
    width: u16,
    height: u16,
    screens: fc.array(record({ id: u32, x: u16, y: u16, width: u16, height: u16, flags: u32 }), {
      maxLength: 9,
    }),
  }),
);

test('any conversation is read back unchanged, cut at any byte', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 8 }), fc.nat(), (messages, cut) => {
      const all = [KASM_LIST, ...messages];
      const bytes = concat(...all.map((message) => writeClientMessage(message, 'kasm')));
      assert.deepEqual(drainWhole(bytes), all);
      assert.deepEqual(readSplit(new ClientMessageReader(), bytes, cut % (bytes.length + 1)), all);
      assert.deepEqual(readByByte(new ClientMessageReader(), bytes), all);
    }),
  );
});

function drainWhole(bytes: Uint8Array): ClientMessage[] {
  const reader = new ClientMessageReader();
  reader.push(bytes);
  return drain(reader);
}

test('the dialect changes between two messages of one portion', () => {
  const standard = hex('05 01 0002 0003');
  const kasm = hex('05 0001 0002 0003 0000 fffe');
  const list = writeClientMessage(KASM_LIST, 'standard');
  const pointers = drainWhole(concat(standard, list, kasm)).filter((message) => message.type === 'pointer');
  assert.deepEqual(pointers, [
    { type: 'pointer', buttonMask: 1, x: 2, y: 3, scrollX: 0, scrollY: 0 },
    { type: 'pointer', buttonMask: 1, x: 2, y: 3, scrollX: 0, scrollY: -2 },
  ]);
});

test('SetEncodings with a KasmVNC or Deskwire number and message 184 set the dialect', () => {
  const after = (...messages: ClientMessage[]): ClientMessageReader => {
    const reader = new ClientMessageReader();
    for (const message of messages) reader.push(writeClientMessage(message, 'standard'));
    drain(reader);
    return reader;
  };
  const list = (...encodings: number[]): ClientMessage => ({ type: 'setEncodings', encodings });
  assert.equal(after(list(7, -32, -256, -512, -768, -765, -239, 0x574d5664)).dialect, 'standard');
  assert.equal(after({ type: 'keepAlive' }).dialect, 'standard');
  assert.equal(after({ type: 'videoCodecs', codecs: [] }).dialect, 'kasm');
  for (const encoding of [-2048, -1997, -1884, -1025, -1024, -872, -870, -770]) {
    assert.equal(after(list(encoding)).dialect, 'kasm', `${encoding}`);
  }
  for (const encoding of [-2049, -1883, -1026, -871, -769]) {
    assert.equal(after(list(encoding)).dialect, 'standard', `${encoding}`);
  }
  assert.equal(after(KASM_LIST, list(0)).dialect, 'kasm');
  assert.equal(after(EXTENDED_LIST, list(0)).dialect, 'extended');
  assert.equal(after(EXTENDED_LIST, KASM_LIST, EXTENDED_LIST).dialect, 'kasm');
  assert.equal(after(list(7, wire.PSEUDO_DESKWIRE)).dialect, 'kasm');
});

const MALFORMED: readonly (readonly [what: string, bytes: string, code: string])[] = [
  ['an unknown message', '07', 'RFB_UNKNOWN_MESSAGE'],
  ['an unknown QEMU message', 'ff 01', 'RFB_UNKNOWN_MESSAGE'],
  ['too many encodings', '02 00 0401', 'RFB_MESSAGE_TOO_LARGE'],
  ['an extended clipboard without flags', '06 000000 fffffffd', 'RFB_MALFORMED'],
  ['relay data too long', "b7 01 'a' 00100001", 'RFB_MESSAGE_TOO_LARGE'],
  ['a fence too long', 'f8 000000 00000000 41', 'RFB_MESSAGE_TOO_LARGE'],
];

for (const [what, bytes, code] of MALFORMED) {
  test(`the reader refuses ${what} at the first byte that shows it`, () => {
    const reader = new ClientMessageReader();
    reader.push(hex(bytes).subarray(0, -1));
    assert.equal(reader.next(), undefined);
    reader.push(hex(bytes).subarray(-1));
    assert.throws(() => reader.next(), { name: 'RfbError', code });
  });
}

/** Clipboards that are longer than any that is kept, and what is returned of them. */
const OVERSIZED: readonly (readonly [what: string, head: string, rest: number, message: ClientMessage])[] = [
  [
    'cut text',
    '06 000000 01800000',
    0x180_0000,
    { type: 'clientCutText', text: '', oversizedBytes: 0x180_0000 },
  ],
  [
    'an extended clipboard',
    '06 000000 fe800000 10000001',
    0x180_0000 - 4,
    {
      type: 'extendedClipboard',
      flags: 0x1000_0001,
      data: new Uint8Array(0),
      oversizedBytes: 0x180_0000,
    },
  ],
  [
    'a binary clipboard',
    "b4 01 01 'a' 01800000",
    0x180_0000,
    { type: 'binaryClipboard', items: [], oversizedBytes: 0x180_0008 },
  ],
];

for (const [what, head, rest, message] of OVERSIZED) {
  test(`${what} that is too long is reported at once, and its contents are dropped without taking memory`, () => {
    const queue = new ByteQueue();
    const reader = new ClientMessageReader(queue);
    reader.push(hex(head).subarray(0, -1));
    assert.equal(reader.next(), undefined);
    reader.push(hex(head).subarray(-1));
    assert.deepEqual(reader.next(), message);
    const part = new Uint8Array(1 << 20);
    for (let left = rest; left > 0; left -= part.length) {
      reader.push(part.subarray(0, left));
      assert.equal(reader.next(), undefined);
    }
    assert.ok(queue.capacityBytes <= 2 << 20, `${queue.capacityBytes} bytes kept`);
    reader.push(Uint8Array.of(wire.CLIENT_KEEP_ALIVE));
    assert.deepEqual(reader.next(), { type: 'keepAlive' });
  });
}

test('a clipboard is dropped, of whatever size, if the server may not keep so many bytes now', () => {
  const asked: number[] = [];
  const reader = new ClientMessageReader(
    new ByteQueue(),
    () => true,
    (bytes) => {
      asked.push(bytes);
      return bytes < 10;
    },
  );
  for (const text of ['short', 'rather long'])
    reader.push(writeClientMessage({ type: 'clientCutText', text }, 'standard'));
  assert.deepEqual(drain(reader), [
    { type: 'clientCutText', text: 'short' },
    { type: 'clientCutText', text: '', oversizedBytes: 11 },
  ]);
  assert.deepEqual(asked, [5, 11]);
});

test('client messages at their limits are accepted', () => {
  const text = 'x'.repeat(20 << 20);
  assert.deepEqual(drainWhole(writeClientMessage({ type: 'clientCutText', text }, 'standard')), [
    { type: 'clientCutText', text },
  ]);
  const encodings = Array.from({ length: 1024 }, (_, i) => i);
  assert.deepEqual(drainWhole(writeClientMessage({ type: 'setEncodings', encodings }, 'standard')), [
    { type: 'setEncodings', encodings },
  ]);
});

test('noise is read, waits for more bytes, or is refused with a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        drainWhole(bytes);
      } catch (error) {
        assert.match((error as { code: string }).code, /^RFB_/);
      }
    }),
    { numRuns: 500 },
  );
});
