import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import type { ClientMessage } from '../protocol/client-messages.ts';
import { type ClipboardContent, textContent, textOf } from '../protocol/clipboard-content.ts';
import * as wire from '../protocol/constants.ts';
import { clipboardTextFromInflated, clipboardTextToDeflate } from '../protocol/extended-clipboard.ts';
import { ClipboardChannel } from './clipboard-channel.ts';

const TEXT = 'Zeile eins\n日本 😀';

function channel() {
  const sent: ClientMessage[] = [];
  const texts: string[] = [];
  const contents: ClipboardContent[] = [];
  const it = new ClipboardChannel({
    send: (m) => sent.push(m),
    onContent: (content) => {
      contents.push(content);
      texts.push(textOf(content) ?? '');
    },
  });
  const say = (flags: number, data: Uint8Array<ArrayBuffer> = new Uint8Array(0)) =>
    it.receive({ type: 'extendedClipboard', flags, data });
  return { it, sent, texts, contents, say };
}

function providedText(message: ClientMessage | undefined): string | undefined {
  if (message?.type !== 'extendedClipboard') return undefined;
  return clipboardTextFromInflated(message.flags, inflateSync(message.data));
}

test('without the extended clipboard, text is sent as cut text', () => {
  const { it, sent } = channel();
  it.offer(textContent('plain'));
  assert.deepEqual(sent, [{ type: 'clientCutText', text: 'plain' }]);
});

test('with the extended clipboard, text is sent whole, and again when the server requests it', () => {
  const { it, sent, say } = channel();
  say(wire.CLIPBOARD_CAPS | wire.CLIPBOARD_TEXT);
  say(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  assert.equal(sent.length, 0);
  it.offer(textContent(TEXT));
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

test('HTML and a picture go to a server that takes them as items, and come back as they were', () => {
  const { it, sent, contents } = channel();
  const content: ClipboardContent = new Map([
    ['text', Buffer.from('a')],
    ['html', Buffer.from('<b>a</b>')],
    ['png', Buffer.from('pixels')],
  ]);
  it.offer(content);
  assert.deepEqual(sent.pop(), { type: 'clientCutText', text: 'a' });
  it.supportItems();
  it.offer(content);
  const message = sent.pop();
  assert.ok(message?.type === 'binaryClipboard');
  it.receiveItems({ type: 'binaryClipboard', items: message.items.map((item) => ({ ...item, id: 1 })) });
  assert.deepEqual(contents, [content]);
});

test('a decompression bomb and damaged clipboard data throw', () => {
  const { say, texts } = channel();
  const bomb = Uint8Array.from(deflateSync(Buffer.alloc(64 << 20)));
  const provide = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;
  assert.throws(() => say(provide, bomb), /too large/);
  assert.throws(() => say(provide, Uint8Array.of(1, 2, 3)), /damaged/);
  assert.deepEqual(texts, []);
});
