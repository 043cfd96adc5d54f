import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import type { ClientMessage } from '../protocol/client-messages.ts';
import * as wire from '../protocol/constants.ts';
import { clipboardTextFromInflated, clipboardTextToDeflate } from '../protocol/extended-clipboard.ts';
import { SERVER_PIXEL_FORMAT } from '../protocol/pixel-format.ts';
import { type ServerMessage, ServerMessageReader } from '../protocol/server-message-reader.ts';
import { ViewerClipboard } from './viewer-clipboard.ts';

let sent: ServerMessage[];
let received: string[];
let clipboard: ViewerClipboard;

beforeEach(() => {
  sent = [];
  received = [];
  const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
  clipboard = new ViewerClipboard({
    send: (message) => {
      reader.push(message);
      for (let next = reader.next(); next; next = reader.next()) sent.push(next);
    },
    received: (text) => received.push(text),
  });
});

const extended = (
  flags: number,
  data = new Uint8Array(0),
): Extract<ClientMessage, { type: 'extendedClipboard' }> => ({
  type: 'extendedClipboard',
  flags,
  data,
});

/** The flags of the last message, which must be an extended one. */
function lastFlags(): number {
  const last = sent.at(-1);
  assert.ok(last?.type === 'extendedClipboard');
  return last.flags;
}

test('a plain viewer is sent the text, and an empty one where it was cleared', () => {
  clipboard.offer('Zürich');
  clipboard.offer(undefined);
  assert.deepEqual(sent, [
    { type: 'cutText', text: 'Zürich' },
    { type: 'cutText', text: '' },
  ]);
});

suite('the extended clipboard', () => {
  beforeEach(() => clipboard.extend());

  test('says once what it can', () => {
    clipboard.extend();
    assert.equal(sent.length, 1);
    assert.ok(lastFlags() & wire.CLIPBOARD_CAPS);
    assert.ok(lastFlags() & wire.CLIPBOARD_TEXT);
  });

  test('is told of text, and given it when it asks', () => {
    clipboard.offer('日本語\nzwei');
    assert.equal(lastFlags(), wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_TEXT);
    clipboard.take(extended(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT));
    const provided = sent.at(-1)!;
    assert.ok(provided.type === 'extendedClipboard');
    assert.equal(provided.flags, wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT);
    assert.equal(clipboardTextFromInflated(provided.flags, inflateSync(provided.data)), '日本語\nzwei');
  });

  test('is told that there is none any more', () => {
    clipboard.offer('x');
    clipboard.offer(undefined);
    assert.equal(lastFlags(), wire.CLIPBOARD_NOTIFY);
    const before = sent.length;
    clipboard.take(extended(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT));
    assert.equal(sent.length, before);
    clipboard.take(extended(wire.CLIPBOARD_PEEK));
    assert.equal(lastFlags(), wire.CLIPBOARD_NOTIFY);
  });

  test('is asked for the text it tells of, and its text taken', () => {
    clipboard.take(extended(wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_TEXT));
    assert.equal(lastFlags(), wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
    clipboard.take(
      extended(wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT, deflateSync(clipboardTextToDeflate('hä?\n'))),
    );
    assert.deepEqual(received, ['hä?\n']);
  });

  test('is not asked for pictures', () => {
    const before = sent.length;
    clipboard.take(extended(wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_HTML));
    assert.equal(sent.length, before);
  });

  test('refuses data that is cut, garbled, or too much to unpack', () => {
    const provide = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;
    const good = deflateSync(clipboardTextToDeflate('some text'));
    const bomb = deflateSync(new Uint8Array(64 << 20));
    for (const data of [good.subarray(0, 5), Uint8Array.of(1, 2, 3), new Uint8Array(0), bomb]) {
      assert.throws(() => clipboard.take(extended(provide, data)), { code: 'RFB_MALFORMED' });
    }
    assert.throws(() => clipboard.take(extended(provide, deflateSync(Uint8Array.of(0, 0, 0, 9, 65)))), {
      code: 'RFB_MALFORMED',
    });
    assert.deepEqual(received, []);
  });
});
