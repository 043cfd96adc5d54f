import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import type { ClientMessage } from '../protocol/client-messages.ts';
import * as wire from '../protocol/constants.ts';
import { clipboardTextFromInflated, clipboardTextToDeflate } from '../protocol/extended-clipboard.ts';
import { ClipboardChannel } from './clipboard-channel.ts';

const TEXT = 'Zeile eins\n日本 😀';

function channel() {
  const sent: ClientMessage[] = [];
  const texts: string[] = [];
  const it = new ClipboardChannel({ send: (m) => sent.push(m), onText: (text) => texts.push(text) });
  const say = (flags: number, data: Uint8Array<ArrayBuffer> = new Uint8Array(0)) =>
    it.receive({ type: 'extendedClipboard', flags, data });
  return { it, sent, texts, say };
}

function providedText(message: ClientMessage | undefined): string | undefined {
  if (message?.type !== 'extendedClipboard') return undefined;
  return clipboardTextFromInflated(message.flags, inflateSync(message.data));
}

test('without the extended clipboard, text is sent as cut text', () => {
  const { it, sent } = channel();
  it.offer('plain');
  assert.deepEqual(sent, [{ type: 'clientCutText', text: 'plain' }]);
});

test('with the extended clipboard, text is sent whole, and again when the server requests it', () => {
  const { it, sent, say } = channel();
  say(wire.CLIPBOARD_CAPS | wire.CLIPBOARD_TEXT);
  say(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  assert.equal(sent.length, 0);
  it.offer(TEXT);
  say(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  assert.deepEqual(sent.map(providedText), [TEXT, TEXT]);
});

test('the page requests text that the desktop announces', () => {
  const { sent, texts, say } = channel();
  say(wire.CLIPBOARD_NOTIFY);
  assert.equal(sent.length, 0);
  say(wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_TEXT);
  const flags = sent.map((message) => message.type === 'extendedClipboard' && message.flags);
  assert.deepEqual(flags, [wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT]);
  const data = Uint8Array.from(deflateSync(clipboardTextToDeflate(TEXT)));
  say(wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT, data);
  assert.deepEqual(texts, [TEXT]);
});

test('a decompression bomb and damaged clipboard data throw', () => {
  const { say, texts } = channel();
  const bomb = Uint8Array.from(deflateSync(Buffer.alloc(64 << 20)));
  const provide = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;
  assert.throws(() => say(provide, bomb), /too large/);
  assert.throws(() => say(provide, Uint8Array.of(1, 2, 3)), /damaged/);
  assert.deepEqual(texts, []);
});
