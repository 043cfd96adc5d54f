import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientMessage, ClientMessageReader } from './client-messages.ts';
import { MAX_PORTION_BYTES } from './client-portions.ts';
import * as wire from './constants.ts';
import { portionHeader } from './server-messages.ts';
import { concat, drain, hex, readByByte, readSplit } from './split.test-support.ts';
import { writeClientMessage } from './write-client-message.ts';

const LIST = writeClientMessage({ type: 'setEncodings', encodings: [wire.PSEUDO_PORTIONS] }, 'standard');

/** A reader of a viewer that has listed portions. */
function reader(
  usesContents?: () => boolean,
  mayKeep?: (bytes: number, isInPortions: boolean) => boolean,
): ClientMessageReader {
  const stream = new ClientMessageReader(undefined, usesContents, mayKeep);
  stream.push(LIST);
  drain(stream);
  return stream;
}

/** A message in portions of so many bytes. */
function portionsOf(message: Uint8Array, bytes: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += bytes) {
    const part = message.subarray(at, at + bytes);
    const isLast = at + bytes >= message.length;
    const flags = (at === 0 ? wire.PORTION_IS_FIRST : 0) | (isLast ? wire.PORTION_IS_LAST : 0);
    parts.push(concat(portionHeader(flags, part.length), part));
  }
  return parts;
}

const FENCE = writeClientMessage({ type: 'fence', flags: 0, payload: Uint8Array.of(7) }, 'standard');
const CLIPBOARDS: readonly ClientMessage[] = [
  { type: 'clientCutText', text: 'some text' },
  { type: 'extendedClipboard', flags: wire.CLIPBOARD_PROVIDE, data: new Uint8Array(40).fill(3) },
  { type: 'binaryClipboard', items: [{ mime: 'image/png', data: new Uint8Array(50).fill(9) }] },
];
const told = (messages: readonly ClientMessage[]): ClientMessage[] =>
  messages.filter(({ type }) => type !== 'keepAlive' && type !== 'fence');

for (const clipboard of CLIPBOARDS) {
  test(`a ${clipboard.type} in portions is read once it is whole, when cut at any byte, with fences before it`, () => {
    const message = writeClientMessage(clipboard, 'standard');
    for (const bytes of [1, 7, message.length]) {
      const portions = portionsOf(message, bytes);
      const stream = concat(...portions.flatMap((portion) => [FENCE, portion]), FENCE);
      for (let at = 0; at <= stream.length; at += bytes) {
        const messages = readSplit(reader(), stream, at);
        assert.deepEqual(told(messages), [clipboard]);
        assert.equal(messages.filter(({ type }) => type === 'fence').length, portions.length + 1);
        assert.equal(messages.at(-1)!.type, 'fence');
      }
      assert.deepEqual(told(readByByte(reader(), stream)), [clipboard]);
    }
  });

  test(`a ${clipboard.type} in portions that may not be kept is dropped as it arrives`, () => {
    const portions = portionsOf(writeClientMessage(clipboard, 'standard'), 13);
    const asked: boolean[] = [];
    for (const [usesContents, mayKeep] of [
      [false, true],
      [true, false],
    ]) {
      const stream = reader(
        () => usesContents!,
        (_bytes, isInPortions) => {
          asked.push(isInPortions);
          return mayKeep!;
        },
      );
      const messages: ClientMessage[] = [];
      for (const portion of portions) {
        stream.push(portion);
        messages.push(...drain(stream));
        if (messages.some(({ type }) => type === clipboard.type)) assert.equal(stream.keepsPortions, false);
      }
      const [message, ...others] = told(messages);
      assert.deepEqual([message!.type, others], [clipboard.type, []]);
      assert.equal('oversizedBytes' in message!, usesContents);
    }
    assert.ok(asked.length > 0 && asked.every(Boolean));
  });
}

test('what has come of a clipboard in portions is dropped when the viewer may no longer send it', () => {
  const rights = { mayWrite: true };
  const stream = reader(() => rights.mayWrite);
  const [first, second, last] = portionsOf(
    writeClientMessage({ type: 'clientCutText', text: 'x'.repeat(250) }, 'standard'),
    100,
  );
  stream.push(concat(first!, second!));
  assert.deepEqual(told(drain(stream)), []);
  assert.equal(stream.keepsPortions, true);
  rights.mayWrite = false;
  assert.deepEqual(drain(stream), [{ type: 'clientCutText', text: '' }]);
  assert.equal(stream.keepsPortions, false);
  stream.push(concat(last!, FENCE));
  assert.deepEqual(
    drain(stream).map(({ type }) => type),
    ['keepAlive', 'fence'],
  );
});

test('a first portion replaces a clipboard that is not whole, and an empty one drops it', () => {
  const begun = '46 01 0000 00000004 06 000000';
  const types = (layout: string): string[] => {
    const stream = reader();
    stream.push(hex(layout));
    return told(drain(stream)).map(({ type }) => type);
  };
  assert.deepEqual(types(`${begun} ${begun} 46 02 0000 00000004 00000000`), ['clientCutText']);
  assert.deepEqual(types(`${begun} 46 03 0000 00000000`), []);
});

for (const [what, layout, code] of [
  ['a portion before the first one', "46 02 0000 00000001 'a'", 'RFB_MALFORMED'],
  ['a portion after an empty one', "46 03 0000 00000000 46 02 0000 00000001 'a'", 'RFB_MALFORMED'],
  [
    'a portion after the last one',
    '46 03 0000 00000008 06 000000 00000000 46 00 0000 00000000',
    'RFB_MALFORMED',
  ],
  ['a portion without end', '46 01 0000 7fffffff', 'RFB_MESSAGE_TOO_LARGE'],
  ['portions that end within a clipboard', '46 03 0000 00000004 06 000000', 'RFB_MALFORMED'],
  ['portions of two clipboards', '46 03 0000 00000009 06 000000 00000000 06', 'RFB_MALFORMED'],
  ['a key in portions', '46 03 0000 00000008 04 01 0000 00000061', 'RFB_UNKNOWN_MESSAGE'],
  ['portions in portions', '46 03 0000 00000008 46 03 0000 00000000', 'RFB_UNKNOWN_MESSAGE'],
] as const) {
  test(`the server’s reader refuses ${what}`, () => {
    const stream = reader();
    stream.push(hex(layout));
    assert.throws(() => drain(stream), { name: 'RfbError', code });
  });
}

test('a viewer that has not listed portions cannot send any', () => {
  const stream = new ClientMessageReader();
  stream.push(hex('46 03 0000 00000000'));
  assert.throws(() => drain(stream), { name: 'RfbError', code: 'RFB_UNKNOWN_MESSAGE' });
});

test('portions of a clipboard that says no end are dropped, and a portion has a limit', () => {
  const stream = reader();
  const head = concat(hex('46 01 0000 00000008 06 000000 7fffffff'));
  stream.push(head);
  const [message] = told(drain(stream));
  assert.ok(message?.type === 'clientCutText' && message.oversizedBytes === 0x7fff_ffff);
  stream.push(concat(portionHeader(0, MAX_PORTION_BYTES), new Uint8Array(MAX_PORTION_BYTES)));
  assert.deepEqual(drain(stream), [{ type: 'keepAlive' }]);
  stream.push(portionHeader(0, MAX_PORTION_BYTES + 1));
  assert.throws(() => drain(stream), { code: 'RFB_MESSAGE_TOO_LARGE' });
});
