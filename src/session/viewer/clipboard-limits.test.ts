import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { clipboardTextToDeflate } from '../../../test/support/clipboard-text-to-deflate.ts';
import type { ClipboardChange } from '../../desktop/desktop.ts';
import { textContent } from '../../protocol/clipboard-content.ts';
import * as wire from '../../protocol/constants.ts';
import { copy, createClipboard, PNG, RICH } from './clipboard.test-support.ts';

const TEN = { isEnabled: true, mostBytes: 10 };
const CLOSED = { isEnabled: false, mostBytes: 10 };

test('a content that may not pass to the viewer is neither offered nor provided, in any form of the clipboard', () => {
  for (const toClient of [CLOSED, TEN]) {
    for (const form of ['plain', 'extended', 'page', 'ours'] as const) {
      for (const content of [
        textContent('elevenbytes'),
        new Map([['html', Buffer.from('elevenbytes')]] as const),
        new Map([['png', Buffer.concat([PNG, Buffer.from('eleven')])]] as const),
      ]) {
        const { clipboard, take, allSent } = createClipboard({
          rules: { toClient, primary: 'always', toServer: TEN },
        });
        if (form === 'extended' || form === 'ours') clipboard.extend();
        if (form === 'page' || form === 'ours') clipboard.useKasm(form);
        allSent();
        clipboard.offer(copy(content));
        void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT | wire.CLIPBOARD_HTML);
        void take(wire.CLIPBOARD_PEEK);
        for (const message of allSent()) {
          assert.ok(message.type === 'extendedClipboard', form);
          assert.equal(message.flags & (wire.CLIPBOARD_TEXT | wire.CLIPBOARD_HTML), 0, form);
        }
      }
    }
  }
});

test('a content that may not pass to the desktop is dropped, in any form of the clipboard', async () => {
  for (const toServer of [CLOSED, TEN]) {
    const { clipboard, received, texts, take, sent, allSent } = createClipboard({
      rules: { toClient: TEN, toServer },
    });
    clipboard.extend();
    allSent();
    void clipboard.takeText({ type: 'clientCutText', text: 'elevenbytes' });
    for (const mime of ['text/plain', 'text/html', 'image/png'])
      clipboard.takeItems({ type: 'binaryClipboard', items: [{ mime, data: PNG }] });
    await take(
      wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT,
      deflateSync(clipboardTextToDeflate('elevenbytes')),
    );
    assert.deepEqual(received, []);
    void take(wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_TEXT);
    assert.equal(sent() !== undefined, toServer.isEnabled, 'a text is requested only if one may pass');
    void clipboard.takeText({ type: 'clientCutText', text: 'ten bytes.' });
    assert.deepEqual(texts(), toServer.isEnabled ? ['ten bytes.'] : []);
  }
});

test('with text/plain alone allowed, neither HTML nor a picture passes in either direction', async () => {
  const { clipboard, texts, received, take, sent, allSent } = createClipboard({
    rules: { formats: ['text'] },
  });
  clipboard.extend();
  clipboard.useKasm('page');
  allSent();
  clipboard.offer(copy(RICH));
  const offered = sent();
  assert.ok(offered?.type === 'binaryClipboard');
  assert.deepEqual(
    offered.items.map(({ mime }) => mime),
    ['text/plain'],
  );
  clipboard.offer(copy(new Map([['png', PNG]])));
  assert.equal(sent(), undefined);
  void take(wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_HTML);
  assert.equal(sent(), undefined, 'HTML is not requested');
  clipboard.takeItems({
    type: 'binaryClipboard',
    items: [
      { mime: 'text/plain', data: Buffer.from('plain') },
      { mime: 'text/html', data: Buffer.from('<b>') },
      { mime: 'image/png', data: PNG },
    ],
  });
  assert.deepEqual(texts(), ['plain']);
  assert.equal(received[0]!.content.size, 1);
});

test('contents that are too large are refused in each form, and the refusal says how large they were', async () => {
  const { clipboard, received, take, uses } = createClipboard({
    rules: { toServer: { isEnabled: true, mostBytes: 50_000 } },
  });
  void clipboard.takeText({ type: 'clientCutText', text: '', oversizedBytes: 30 << 20 });
  void clipboard.takeText({ type: 'clientCutText', text: 'x'.repeat(50_001) });
  clipboard.takeItems({ type: 'binaryClipboard', items: [], oversizedBytes: 40 << 20 });
  void take(wire.CLIPBOARD_NOTIFY);
  const data = deflateSync(clipboardTextToDeflate('x'.repeat(12 << 20)));
  await take(wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT, data);
  assert.deepEqual(received, []);
  assert.deepEqual(
    uses.map(({ direction, bytes, refusal }) => [direction, bytes, refusal]),
    [30 << 20, 50_001, 40 << 20, (12 << 20) + 1].map((bytes) => ['toServer', bytes, 'too large']),
  );
});

test('of a copy whose picture is too large, the text passes and the picture is refused', () => {
  const { clipboard, sent, uses } = createClipboard({
    rules: { toClient: { isEnabled: true, mostBytes: 20 } },
  });
  clipboard.useKasm('page');
  clipboard.offer(copy(RICH));
  const offered = sent();
  assert.ok(offered?.type === 'binaryClipboard');
  assert.deepEqual(
    offered.items.map(({ mime }) => mime),
    ['text/plain', 'text/html'],
  );
  assert.deepEqual(uses.at(-1), {
    ...{ direction: 'toClient', bytes: PNG.length, formats: ['png'], refusal: 'too large' },
  });
});

test('what a program copies beyond what can be read is refused, once for each copy', () => {
  const { clipboard, sent, uses } = createClipboard();
  const change: ClipboardChange = { content: new Map(), tooLarge: ['text'], how: 'copied' };
  clipboard.offer(change);
  assert.equal(sent(), undefined);
  assert.deepEqual(uses, [
    { direction: 'toClient', bytes: undefined, formats: ['text'], refusal: 'too large' },
  ]);
});

test('contents that arrive share the bytes of their user, and give them back', async () => {
  const { clipboard, texts, take, uses, bytes } = createClipboard({ budgetBytes: 1 << 20 });
  const text = 'x'.repeat(700_000);
  assert.ok(clipboard.mayKeep(400_000, false));
  const provide = (): Promise<void> | undefined =>
    take(wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT, deflateSync(clipboardTextToDeflate(text)));
  await provide();
  assert.deepEqual(texts(), [], 'a message of 400 KB is under way');
  assert.equal(uses.at(-1)?.refusal, 'too large');
  assert.ok(clipboard.mayKeep(300_000, false), 'it has room already');
  clipboard.handled(false);
  await provide();
  assert.deepEqual(texts(), [text]);
  assert.equal(clipboard.mayKeep(2 << 20, false), false);
  assert.ok(clipboard.mayKeep(1 << 20, false));
  clipboard.close();
  assert.equal(bytes.takenBytes, 0);
});

test('a content in portions counts until it is whole, whatever comes between its portions', () => {
  const { clipboard, bytes } = createClipboard({ budgetBytes: 1 << 20 });
  assert.ok(clipboard.mayKeep(600_000, true));
  clipboard.handled(true);
  assert.equal(bytes.takenBytes, 600_000);
  assert.equal(clipboard.mayKeep(500_000, false), false, 'another message beside it counts as well');
  assert.ok(clipboard.mayKeep(400_000, false));
  clipboard.handled(true);
  assert.equal(bytes.takenBytes, 600_000);
  clipboard.handled(false);
  assert.equal(bytes.takenBytes, 0);
  assert.ok(clipboard.mayKeep(600_000, true));
  clipboard.close();
  assert.equal(bytes.takenBytes, 0);
});
