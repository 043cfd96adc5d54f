import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { clipboardTextToDeflate } from '../../test/support/clipboard-text-to-deflate.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { ClientMessage } from '../protocol/client-messages.ts';
import { type ClipboardContent, textContent, textOf } from '../protocol/clipboard-content.ts';
import * as wire from '../protocol/constants.ts';
import { clipboardTextFromInflated } from '../protocol/extended-clipboard.ts';
import { ClipboardChannel } from './clipboard-channel.ts';

const TEXT = 'Zeile eins\n日本 😀';

function channel() {
  const sent: ClientMessage[] = [];
  const texts: string[] = [];
  const contents: ClipboardContent[] = [];
  const errors: unknown[] = [];
  let timesSent = 0;
  const it = new ClipboardChannel({
    send: (m) => sent.push(m),
    onContent: (content) => {
      contents.push(content);
      texts.push(textOf(content) ?? '');
    },
    onError: (error) => errors.push(error),
    onSent: () => (timesSent += 1),
  });
  const say = (flags: number, data: Uint8Array<ArrayBuffer> = new Uint8Array(0)) =>
    it.receive({ type: 'extendedClipboard', flags, data });
  return { it, sent, texts, contents, errors, say, timesSent: () => timesSent };
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

const PROVIDE = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;
const deflated = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(deflateSync(clipboardTextToDeflate(text)));

/** A text that hardly compresses, and so takes many steps to inflate. */
const LARGE = randomBytes(750_000).toString('base64');

test('a decompression bomb and damaged clipboard data are errors', async () => {
  const { say, texts, errors } = channel();
  say(PROVIDE, Uint8Array.from(deflateSync(Buffer.alloc(64 << 20))));
  await waitFor('the error', () => errors.length > 0);
  say(PROVIDE, Uint8Array.of(1, 2, 3));
  assert.match(`${errors}`, /too large.*,.*damaged/);
  assert.deepEqual(texts, []);
});

test('a large text from the desktop is inflated in several turns, in which frames have theirs', async () => {
  const { say, texts } = channel();
  say(PROVIDE, deflated(LARGE));
  assert.deepEqual(texts, []);
  await waitFor('the text', () => texts.length > 0);
  assert.equal(texts[0], LARGE);
});

test('what is newer takes the place of a text that is being inflated', async () => {
  const { it, say, texts } = channel();
  say(PROVIDE, deflated(LARGE));
  say(PROVIDE, deflated('newer'));
  say(PROVIDE, deflated(LARGE));
  it.receiveItems({
    type: 'binaryClipboard',
    items: [{ id: 1, mime: 'text/plain', data: Uint8Array.of(97) }],
  });
  say(PROVIDE, deflated(LARGE));
  await waitFor('the last text', () => texts.length > 2);
  assert.deepEqual(texts, ['newer', 'a', LARGE]);
});

test('a large text from the page is deflated in several turns, and said to be sent once it is', async () => {
  const { it, sent, say, timesSent } = channel();
  say(wire.CLIPBOARD_CAPS | wire.CLIPBOARD_TEXT);
  it.offer(textContent(LARGE));
  assert.deepEqual([it.isDeflating, sent.length, timesSent()], [true, 0, 0]);
  await waitFor('the text', () => sent.length > 0);
  assert.deepEqual([it.isDeflating, timesSent()], [false, 1]);
  assert.equal(providedText(sent[0]), LARGE);
});

test('what is pasted later takes the place of a text that is being deflated', async () => {
  const { it, sent, say } = channel();
  say(wire.CLIPBOARD_CAPS | wire.CLIPBOARD_TEXT);
  it.offer(textContent(LARGE));
  it.offer(textContent('newer'));
  it.offer(textContent(LARGE));
  await waitFor('the last text', () => sent.length > 1);
  assert.deepEqual(sent.map(providedText), ['newer', LARGE]);
});

test('a text of any length is deflated as it is, whatever stands where it is cut', async () => {
  const { it, sent, say } = channel();
  say(wire.CLIPBOARD_CAPS | wire.CLIPBOARD_TEXT);
  for (const around of ['😀', '\r\n', 'é\r', '日', ''])
    for (const length of [0, 32_766, 32_767, 32_768, 65_536]) {
      const text = `${'x'.repeat(length)}${around}${around}end`;
      sent.length = 0;
      it.offer(textContent(text));
      await waitFor('the text', () => sent.length > 0);
      assert.equal(providedText(sent[0]), text.replace(/\r\n?/g, '\n'));
    }
});
