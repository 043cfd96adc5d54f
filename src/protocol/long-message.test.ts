import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERVER_PIXEL_FORMAT } from './pixel-format.ts';
import { ServerMessageReader } from './server-message-reader.ts';
import { copyRect, portionHeader, updateHeader } from './server-messages.ts';
import { concat, drain, hex, readByByte, readSplit } from './split.test-support.ts';

const reader = (): ServerMessageReader => new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });

const BELL = '02';

/** "abc" as cut text, in three portions, with a bell after the first one. */
const ABC = `46 01 0000 00000004 03 000000 ${BELL} 46 00 0000 00000004 00000003 46 02 0000 00000003 'abc'`;

test('what stands before a portion has its specified layout', () => {
  assert.deepEqual(Uint8Array.from(portionHeader(2, 3)), hex('46 02 0000 00000003'));
});

test('a message in portions is read once it is whole, when cut at any byte, and those between before it', () => {
  const bytes = hex(ABC);
  const messages = [{ type: 'bell' }, { type: 'cutText', text: 'abc' }];
  for (let at = 0; at <= bytes.length; at++) assert.deepEqual(readSplit(reader(), bytes, at), messages);
  assert.deepEqual(readByByte(reader(), bytes), messages);
});

test('an update between portions is read as any other', () => {
  const bytes = concat(
    hex("46 01 0000 00000009 03 000000 00000002 'o'"),
    updateHeader(1),
    copyRect(0, 0, 1, 1, 2, 2),
    hex("46 02 0000 00000001 'k'"),
  );
  assert.deepEqual(
    readByByte(reader(), bytes).map(({ type }) => type),
    ['updateStart', 'rect', 'updateEnd', 'cutText'],
  );
});

test('a first portion replaces a message that is not whole, and an empty one drops it', () => {
  const begun = '46 01 0000 00000004 03 000000';
  const types = (layout: string): string[] => drain(pushed(layout)).map(({ type }) => type);
  assert.deepEqual(types(`${begun} ${begun} 46 02 0000 00000004 00000000`), ['cutText']);
  assert.deepEqual(types(`${begun} 46 03 0000 00000000 ${BELL}`), ['bell']);
});

function pushed(layout: string): ServerMessageReader {
  const stream = reader();
  stream.push(hex(layout));
  return stream;
}

for (const [what, layout, code] of [
  ['a portion before the first one', "46 02 0000 00000001 'a'", 'RFB_MALFORMED'],
  ['a portion after an empty one', "46 03 0000 00000000 46 02 0000 00000001 'a'", 'RFB_MALFORMED'],
  ['a portion without end', '46 01 0000 7fffffff', 'RFB_MESSAGE_TOO_LARGE'],
  ['portions that end within a message', '46 03 0000 00000004 03 000000', 'RFB_MALFORMED'],
  ['portions of two messages', '46 03 0000 00000009 03 000000 00000000 02', 'RFB_MALFORMED'],
  ['an update in portions', '46 03 0000 00000004 00 00 0000', 'RFB_UNKNOWN_MESSAGE'],
] as const) {
  test(`the viewer’s reader refuses ${what}`, () => {
    assert.throws(() => drain(pushed(layout)), { name: 'RfbError', code });
  });
}

test('portions of a message that never ends are refused', () => {
  const stream = reader();
  const portion = concat(portionHeader(0, 1 << 20), new Uint8Array(1 << 20));
  stream.push(hex('46 01 0000 00000000'));
  assert.throws(
    () => {
      for (let i = 0; i < 40; i++) {
        stream.push(portion);
        drain(stream);
      }
    },
    { name: 'RfbError', code: 'RFB_MESSAGE_TOO_LARGE' },
  );
});
