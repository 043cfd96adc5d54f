import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { clipboardTextToDeflate } from '../../test/support/clipboard-text-to-deflate.ts';
import * as wire from './constants.ts';
import { cursorRect, vmwareCursorPositionRect } from './cursor.ts';
import { clipboardTextFromInflated } from './extended-clipboard.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from './pixel-format.ts';
import { rectHeader } from './rect-header.ts';
import { type ServerMessage, ServerMessageReader } from './server-message-reader.ts';
import * as server from './server-messages.ts';
import { concat, drain, hex, readByByte, readSplit } from './split.test-support.ts';
import * as tight from './tight.ts';

const SCREEN = { id: 7, x: 0, y: 0, width: 800, height: 600, flags: 1 };
const JPEG = hex('ffd8ffd9');
/** 9×1: an opaque red pixel, a half transparent one with premultiplied colour, and transparent ones. */
const CURSOR = {
  width: 9,
  height: 1,
  hotX: 2,
  hotY: 0,
  pixels: concat(hex('0000ffff 00400080'), new Uint8Array(28)),
};

const reader = (format: PixelFormat = SERVER_PIXEL_FORMAT): ServerMessageReader =>
  new ServerMessageReader({ format });

/** Every message outside updates: what the writer makes, its bytes by the specification, what a viewer reads. */
const LAYOUTS: readonly (readonly [Uint8Array, string, ServerMessage])[] = [
  [server.bell(), '02', { type: 'bell' }],
  [
    server.cutText('caf\u00e9 \u20ac\u{1f600}'),
    "03 000000 00000007 'caf' e9 ' ??'",
    { type: 'cutText', text: 'caf\u00e9 ??' },
  ],
  [
    server.extendedClipboardCaps(0x100000),
    '03 000000 fffffff4 1f000005 00100000 00100000',
    { type: 'extendedClipboard', flags: 0x1f000005, data: buffer('00100000 00100000') },
  ],
  [
    server.extendedClipboardNotify(wire.CLIPBOARD_TEXT),
    '03 000000 fffffffc 08000001',
    { type: 'extendedClipboard', flags: 0x08000001, data: buffer('') },
  ],
  [
    server.extendedClipboardRequest(wire.CLIPBOARD_TEXT),
    '03 000000 fffffffc 02000001',
    { type: 'extendedClipboard', flags: 0x02000001, data: buffer('') },
  ],
  [
    server.extendedClipboardPeek(),
    '03 000000 fffffffc 04000000',
    { type: 'extendedClipboard', flags: 0x04000000, data: buffer('') },
  ],
  [server.endOfContinuousUpdates(), '96', { type: 'endOfContinuousUpdates' }],
  [
    server.fence(0x80000002, Uint8Array.of(5)),
    'f8 000000 80000002 01 05',
    { type: 'fence', flags: 0x80000002, payload: buffer('05') },
  ],
  [server.bottleneckStats('[ 1 ]'), "b2 000000 00000005 '[ 1 ]'", { type: 'bottleneckStats', text: '[ 1 ]' }],
  [server.reportFrameStats(), 'b3', { type: 'reportFrameStats' }],
  [
    server.binaryClipboard([{ id: 3, mime: 'a/b', data: Uint8Array.of(9) }]),
    "b4 01 00000003 03 'a/b' 00000001 09",
    { type: 'binaryClipboard', items: [{ id: 3, mime: 'a/b', data: buffer('09') }] },
  ],
  [
    server.videoCodecs([{ mode: -1025, minQuality: 0, maxQuality: 9, presets: [4] }]),
    'b8 01 fffffbff 00000000 00000009 01 00000004',
    { type: 'videoCodecs', codecs: [{ mode: -1025, minQuality: 0, maxQuality: 9, presets: [4] }] },
  ],
  [server.latencyAnswer(66), 'bd 000000 00000042', { type: 'latencyAnswer', id: 66 }],
  [server.networkStats('[1]'), "be 000000 00000003 '[1]'", { type: 'networkStats', text: '[1]' }],
  [server.systemStats('{}'), "bf 000000 00000002 '{}'", { type: 'systemStats', text: '{}' }],
  [
    server.disconnect(true, 'bye'),
    "ba 01 000000 00000003 'bye'",
    { type: 'disconnect', graceful: true, reason: 'bye' },
  ],
  [server.userJoined('z\u00e9'), "fd 00000003 'z' c3a9", { type: 'userJoined', name: 'z\u00e9' }],
  [server.userLeft('z'), "fe 00000001 'z'", { type: 'userLeft', name: 'z' }],
  [
    server.rights({ read: true, write: false, owner: false }),
    '44 01',
    { type: 'rights', read: true, write: false, owner: false },
  ],
  [
    server.rights({ read: true, write: true, owner: false }),
    '44 03',
    { type: 'rights', read: true, write: true, owner: false },
  ],
  [
    server.rights({ read: false, write: false, owner: false }),
    '44 00',
    { type: 'rights', read: false, write: false, owner: false },
  ],
  [
    server.rights({ read: true, write: true, owner: true }),
    '44 07',
    { type: 'rights', read: true, write: true, owner: true },
  ],
  [
    server.rights({ read: false, write: false, owner: true }),
    '44 04',
    { type: 'rights', read: false, write: false, owner: true },
  ],
];

type Body = Extract<ServerMessage, { readonly type: 'rect' }>['body'];

/** Every rect of `width` × `height`: its bytes after the header, and what a viewer reads. */
const RECTS: readonly (readonly [Uint8Array, string, Body, PixelFormat?])[] = [
  [
    concat(rectHeader(1, 2, 2, 1, wire.ENCODING_RAW), hex('01020300 04050600')),
    '0001 0002 0002 0001 00000000 01020300 04050600',
    { kind: 'raw', pixels: buffer('01020300 04050600') },
  ],
  [
    server.copyRect(1, 2, 3, 4, 5, 6),
    '0001 0002 0003 0004 00000001 0005 0006',
    { kind: 'copyRect', srcX: 5, srcY: 6 },
  ],
  [
    concat(rectHeader(0, 0, 64, 64, wire.ENCODING_TIGHT), tight.tightFill(hex('ff0080'))),
    '0000 0000 0040 0040 00000007 80 ff0080',
    { kind: 'tightFill', resets: 0, tpixel: buffer('ff0080') },
  ],
  [
    concat(rectHeader(0, 0, 64, 64, wire.ENCODING_TIGHT), tight.tightJpegHeader(4), JPEG),
    '0000 0000 0040 0040 00000007 90 04 ffd8ffd9',
    { kind: 'tightJpeg', resets: 0, data: buffer('ffd8ffd9') },
  ],
  [
    concat(rectHeader(0, 0, 64, 64, wire.ENCODING_TIGHT), tight.tightWebpHeader(4), JPEG),
    '0000 0000 0040 0040 00000007 b0 04 ffd8ffd9',
    { kind: 'tightWebp', resets: 0, data: buffer('ffd8ffd9') },
  ],
  [
    concat(
      rectHeader(0, 0, 4, 1, wire.ENCODING_TIGHT),
      tight.tightBasicHeader({ streamId: 2, resetStream: true, filter: 'copy', length: 3 }),
      hex('aabbcc'),
    ),
    '0000 0000 0004 0001 00000007 24 03 aabbcc',
    basic({ resets: 4, streamId: 2, filter: 'copy', data: buffer('aabbcc'), uncompressedLength: 12 }),
  ],
  [
    concat(
      rectHeader(0, 0, 3, 1, wire.ENCODING_TIGHT),
      tight.tightBasicHeader({ streamId: 0, resetStream: false, filter: 'copy', length: undefined }),
      hex('010203040506070809'),
    ),
    '0000 0000 0003 0001 00000007 00 010203040506070809',
    basic({ filter: 'copy', data: buffer('010203040506070809'), compressed: false, uncompressedLength: 9 }),
  ],
  [
    concat(
      rectHeader(0, 0, 9, 2, wire.ENCODING_TIGHT),
      tight.tightBasicHeader({
        streamId: 1,
        resetStream: false,
        filter: 'palette',
        palette: hex('000000ffffff'),
        length: undefined,
      }),
      hex('aa80 5500'),
    ),
    '0000 0000 0009 0002 00000007 50 01 01 000000ffffff aa80 5500',
    basic({
      streamId: 1,
      filter: 'palette',
      palette: buffer('000000ffffff'),
      data: buffer('aa805500'),
      compressed: false,
      uncompressedLength: 4,
    }),
  ],
  [
    concat(
      rectHeader(0, 0, 16, 2, wire.ENCODING_TIGHT),
      tight.tightBasicHeader({
        streamId: 2,
        resetStream: false,
        filter: 'palette',
        palette: hex('000000ffffff808080'),
        length: 2,
      }),
      hex('1234'),
    ),
    '0000 0000 0010 0002 00000007 60 01 02 000000ffffff808080 02 1234',
    basic({
      streamId: 2,
      filter: 'palette',
      palette: buffer('000000ffffff808080'),
      data: buffer('1234'),
      uncompressedLength: 32,
    }),
  ],
  [
    concat(
      rectHeader(0, 0, 4, 4, wire.ENCODING_TIGHT),
      tight.tightBasicHeader({ streamId: 3, resetStream: true, filter: 'gradient', length: 200 }),
      new Uint8Array(200),
    ),
    `0000 0000 0004 0004 00000007 78 02 c801 ${'00'.repeat(200)}`,
    basic({
      resets: 8,
      streamId: 3,
      filter: 'gradient',
      data: buffer('00'.repeat(200)),
      uncompressedLength: 48,
    }),
  ],
  [
    cursorRect('alpha', CURSOR, SERVER_PIXEL_FORMAT),
    `0002 0000 0009 0001 fffffec6 00000000 ff0000ff 00400080 ${'00'.repeat(28)}`,
    { kind: 'cursorWithAlpha', pixels: buffer(`ff0000ff00400080${'00'.repeat(28)}`) },
  ],
  [
    cursorRect('vmware', CURSOR, SERVER_PIXEL_FORMAT),
    `0002 0000 0009 0001 574d5664 01 00 ff0000ff 00800080 ${'00'.repeat(28)}`,
    { kind: 'vmwareCursor', pixels: buffer(`ff0000ff00800080${'00'.repeat(28)}`) },
  ],
  [
    cursorRect('cursor', CURSOR, SERVER_PIXEL_FORMAT),
    `0002 0000 0009 0001 ffffff11 0000ffff 00800080 ${'00'.repeat(28)} c000`,
    { kind: 'cursor', pixels: buffer(`0000ffff00800080${'00'.repeat(28)}`), mask: buffer('c000') },
  ],
  [
    concat(rectHeader(0, 0, 1, 1, wire.PSEUDO_VMWARE_CURSOR), hex('00 00 ffffff00 01020300')),
    '0000 0000 0001 0001 574d5664 00 00 ffffff00 01020300',
    { kind: 'vmwareMaskCursor', and: buffer('ffffff00'), xor: buffer('01020300') },
  ],
  [vmwareCursorPositionRect(5, 6), '0005 0006 0000 0000 574d5666', { kind: 'cursorPosition' }],
  [server.desktopSizeRect(800, 600), '0000 0000 0320 0258 ffffff21', { kind: 'desktopSize' }],
  [
    server.extendedDesktopSizeRect(wire.RESIZE_REASON_THIS_CLIENT, wire.RESIZE_PROHIBITED, 800, 600, [
      SCREEN,
    ]),
    '0001 0001 0320 0258 fffffecc 01 000000 00000007 0000 0000 0320 0258 00000001',
    { kind: 'extendedDesktopSize', reason: 1, status: 1, screens: [SCREEN] },
  ],
  [
    server.desktopNameRect('d\u00e9'),
    "0000 0000 0000 0000 fffffecd 00000003 'd' c3a9",
    { kind: 'desktopName', name: 'd\u00e9' },
  ],
  [server.qemuKeyRect(), '0000 0000 0000 0000 fffffefe', { kind: 'qemuKey' }],
  [
    concat(rectHeader(0, 0, 0, 0, wire.PSEUDO_LED), hex('05')),
    '0000 0000 0000 0000 fffffefb 05',
    { kind: 'led', state: 5 },
  ],
];

function buffer(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex(text));
}

function basic(body: Partial<Extract<Body, { kind: 'tightBasic' }>>): Body {
  return {
    kind: 'tightBasic',
    resets: 0,
    streamId: 0,
    filter: 'copy',
    palette: undefined,
    data: buffer(''),
    compressed: true,
    uncompressedLength: 0,
    ...body,
  };
}

for (const [written, layout, message] of LAYOUTS) {
  test(`message ${message.type} has its specified layout and is read when cut at any byte`, () => {
    const bytes = hex(layout);
    assert.deepEqual(Uint8Array.from(written), bytes);
    for (let at = 0; at <= bytes.length; at++) assert.deepEqual(readSplit(reader(), bytes, at), [message]);
  });
}

for (const [written, layout, body] of RECTS) {
  test(`a ${body.kind} rect has its specified layout and is read when cut at any byte`, () => {
    const bytes = hex(layout);
    assert.deepEqual(Uint8Array.from(written), bytes);
    const update = concat(server.updateHeader(1), bytes, server.bell());
    const whole = readSplit(reader(), update, 0);
    assert.deepEqual(
      whole.map((message) => (message.type === 'rect' ? message.body : message.type)),
      ['updateStart', body, 'updateEnd', 'bell'],
    );
    for (let at = 1; at <= update.length; at++) assert.deepEqual(readSplit(reader(), update, at), whole);
  });
}

test('an update with every kind of rect is read byte by byte as it is read whole', () => {
  const rects = concat(...RECTS.map(([written]) => written));
  const counted = concat(server.updateHeader(RECTS.length), rects);
  const open = concat(server.updateHeader(wire.RECTS_UNTIL_LAST), rects, server.lastRect());
  const messages = readByByte(reader(), concat(counted, open, server.updateHeader(0), server.bell()));
  const kinds = messages.map((message) => (message.type === 'rect' ? message.body.kind : message.type));
  const all = RECTS.map(([, , body]) => body.kind);
  assert.deepEqual(kinds, [
    ...['updateStart', ...all, 'updateEnd'],
    ...['updateStart', ...all, 'updateEnd'],
    ...['updateStart', 'updateEnd', 'bell'],
  ]);
});

test('a rect is returned as soon as its last byte has arrived', () => {
  const stream = reader();
  stream.push(concat(server.updateHeader(2), server.copyRect(0, 0, 1, 1, 2, 2)));
  assert.deepEqual(
    drain(stream).map(({ type }) => type),
    ['updateStart', 'rect'],
  );
});

test("fill and palette follow the viewer's pixel format", () => {
  const format = {
    ...SERVER_PIXEL_FORMAT,
    bitsPerPixel: 16,
    redMax: 31,
    redShift: 10,
    greenMax: 31,
    greenShift: 5,
    blueMax: 31,
  };
  const stream = reader(format);
  stream.push(
    concat(server.updateHeader(1), rectHeader(0, 0, 9, 9, wire.ENCODING_TIGHT), tight.tightFill(hex('1234'))),
  );
  const rect = drain(stream)[1];
  assert.deepEqual(rect?.type === 'rect' && rect.body, {
    kind: 'tightFill',
    resets: 0,
    tpixel: buffer('1234'),
  });
});

test('clipboard text survives a provide message', () => {
  const text = 'a\nb \u20ac \u{1f600}';
  const stream = reader();
  stream.push(
    server.extendedClipboardProvide(wire.CLIPBOARD_TEXT, deflateSync(clipboardTextToDeflate(text))),
  );
  const message = stream.next();
  assert.ok(message?.type === 'extendedClipboard');
  assert.equal(message.flags, wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT);
  const inflated = inflateSync(message.data);
  assert.deepEqual(Uint8Array.from(inflated.subarray(0, 8)), hex("0000000e 'a' 0d0a 'b'"));
  assert.equal(inflated.at(-1), 0);
  assert.equal(clipboardTextFromInflated(message.flags, inflated), text);
  assert.equal(clipboardTextFromInflated(wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_HTML, inflated), undefined);
  assert.throws(() => clipboardTextFromInflated(message.flags, inflated.subarray(0, -1)), {
    code: 'RFB_MALFORMED',
  });
});

const MALFORMED: readonly (readonly [what: string, bytes: string, code: string])[] = [
  ['an unknown message', '63', 'RFB_UNKNOWN_MESSAGE'],
  ['a colour map', '01', 'RFB_COLOUR_MAP'],
  ['an unknown encoding', '00 00 0001 0000 0000 0001 0001 00000063', 'RFB_UNKNOWN_ENCODING'],
  ['a Tight kind that is none', '00 00 0001 0000 0000 0001 0001 00000007 f0', 'RFB_UNKNOWN_ENCODING'],
  ['a Tight filter that is none', '00 00 0001 0000 0000 0001 0001 00000007 40 03', 'RFB_MALFORMED'],
  ['a Raw rect without end', '00 00 0001 0000 0000 ffff ffff 00000000', 'RFB_MESSAGE_TOO_LARGE'],
  ['a cursor without end', '00 00 0001 0000 0000 ffff ffff fffffec6', 'RFB_MESSAGE_TOO_LARGE'],
  ['a name without end', '00 00 0001 0000 0000 0000 0000 fffffecd ffffffff', 'RFB_MESSAGE_TOO_LARGE'],
  ['cut text without end', '03 000000 7fffffff', 'RFB_MESSAGE_TOO_LARGE'],
  ['stats without end', 'bf 000000 ffffffff', 'RFB_MESSAGE_TOO_LARGE'],
  ['an extended clipboard without flags', '03 000000 ffffffff', 'RFB_MALFORMED'],
];

for (const [what, bytes, code] of MALFORMED) {
  test(`the viewer’s reader refuses ${what}`, () => {
    const stream = reader();
    stream.push(hex(bytes));
    assert.throws(() => drain(stream), { name: 'RfbError', code });
  });
}
