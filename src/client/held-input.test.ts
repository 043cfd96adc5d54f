import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { waitFor } from '../../test/support/wait-for.ts';
import type { ClientMessage } from '../protocol/client-messages.ts';
import { contentBytes, textContent } from '../protocol/clipboard-content.ts';
import { CLIPBOARD_CAPS, CLIPBOARD_TEXT } from '../protocol/constants.ts';
import { clipboardTextFromInflated } from '../protocol/extended-clipboard.ts';
import { ClipboardChannel } from './clipboard-channel.ts';
import { HeldInput, MOST_BYTES, MOST_STEPS } from './held-input.ts';

/** A clipboard that deflates texts in turns, with input behind it, as a connection has them. */
function inputBehindClipboard() {
  const sent: string[] = [];
  const errors: unknown[] = [];
  const clipboard = new ClipboardChannel({
    send: (message) => sent.push(nameOf(message)),
    onContent: () => {},
    onError: (error) => errors.push(error),
    onSent: () => input.goOn(),
  });
  const input = new HeldInput({
    isBlocked: () => clipboard.isDeflating,
    unblock: () => clipboard.finishDeflating(),
  });
  clipboard.receive({
    type: 'extendedClipboard',
    flags: CLIPBOARD_CAPS | CLIPBOARD_TEXT,
    data: new Uint8Array(0),
  });
  return {
    ...{ sent, errors, input },
    paste(text: string): void {
      const content = textContent(text);
      input.do(() => clipboard.offer(content), contentBytes(content));
    },
    key: (name: string): void => input.do(() => sent.push(name)),
  };
}

/** Names a text by its length and first letter. */
function nameOf(message: ClientMessage): string {
  if (message.type !== 'extendedClipboard') return message.type;
  const text = clipboardTextFromInflated(message.flags, inflateSync(message.data))!;
  return `${text[0]}${text.length}`;
}

/** A text that hardly compresses, and so takes many turns to deflate. */
const large = (letter: string, bytes = 3_000_000): string =>
  `${letter}${randomBytes(Math.ceil((bytes * 3) / 4)).toString('base64')}`.slice(0, bytes);

test('keys behind a large text wait for it, and come after it in order', async () => {
  const { sent, input, paste, key } = inputBehindClipboard();
  paste(large('a'));
  key('v');
  paste('b');
  key('v2');
  assert.deepEqual([sent, input.length], [[], 3]);
  await waitFor('the last key', () => sent.includes('v2'));
  assert.deepEqual(sent, ['a3000000', 'v', 'b1', 'v2']);
});

test('when as many keys wait as may, the text is sent at once, and none is lost or overtakes another', () => {
  const { sent, input, paste, key } = inputBehindClipboard();
  const keys = Array.from({ length: 3 * MOST_STEPS }, (_, i) => `k${i}`);
  paste(large('a'));
  paste(large('b'));
  let most = 0;
  for (const name of keys) {
    key(name);
    most = Math.max(most, input.length);
  }
  assert.equal(most, MOST_STEPS);
  assert.deepEqual(sent, ['a3000000', 'b3000000', ...keys]);
  assert.equal(input.length, 0);
});

test('contents that wait take no more memory than they may', async () => {
  const { sent, errors, paste } = inputBehindClipboard();
  const bytes = Math.floor(0.4 * MOST_BYTES);
  const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(bytes));
  for (const text of texts) paste(text);
  // Two fit behind the one that is being deflated. The fourth has it sent at once.
  assert.deepEqual(sent, [`a${bytes}`]);
  await waitFor('the last text', () => sent.length === texts.length, 60_000);
  assert.deepEqual(
    sent.map((name) => name[0]),
    ['a', 'b', 'c', 'd'],
  );
  assert.deepEqual(errors, []);
});

test('what waits when the connection ends is forgotten, and so is what comes later', async () => {
  const { sent, input, paste, key } = inputBehindClipboard();
  paste(large('a'));
  key('v');
  input.close();
  key('w');
  await waitFor('the text', () => sent.length > 0);
  assert.deepEqual([sent, input.length], [['a3000000'], 0]);
});
