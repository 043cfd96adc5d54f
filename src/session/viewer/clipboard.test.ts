import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as later } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { clipboardTextToDeflate } from '../../../test/support/clipboard-text-to-deflate.ts';
import { ByteBudget } from '../../common/byte-budget.ts';
import { NO_DLP } from '../../config/dlp/read-dlp.ts';
import { textContent } from '../../protocol/clipboard-content.ts';
import * as wire from '../../protocol/constants.ts';
import { RfbError } from '../../protocol/errors.ts';
import { clipboardTextFromInflated } from '../../protocol/extended-clipboard.ts';
import type { ServerMessage } from '../../protocol/server-message-reader.ts';
import { ClipboardGate } from '../dlp/clipboard-gate.ts';
import { createLimits } from '../dlp/user-limits.ts';
import { copied, copy, createClipboard, NO_DATA, PNG, RICH } from './clipboard.test-support.ts';
import { ViewerClipboard } from './clipboard.ts';

const ACTIONS = wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_PEEK | wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_PROVIDE;

test('a viewer without the extended clipboard is sent plain text', () => {
  const { clipboard, sent } = createClipboard();
  clipboard.offer(copied('one'));
  assert.deepEqual(sent(), { type: 'cutText', text: 'one' });
});

test('a viewer that may no longer write is sent no text that still waits, nor one that it requests', () => {
  const waiting = new Map<string, () => Uint8Array | undefined>();
  const sent: Uint8Array[] = [];
  const clipboard = new ViewerClipboard({
    outbox: {
      message: (message) => sent.push(message),
      newest: (kind, make) => waiting.set(kind, make),
      reserve: () => () => undefined,
    },
    gate: new ClipboardGate(
      createLimits(NO_DLP.forAll, 0),
      () => 0,
      () => undefined,
    ),
    bytes: new ByteBudget(0),
    copied: () => [],
    received: () => undefined,
  });
  clipboard.offer(copied('a secret'));
  clipboard.revoke();
  for (const make of waiting.values()) assert.equal(make(), undefined);
  void clipboard.take({ type: 'extendedClipboard', flags: wire.CLIPBOARD_REQUEST, data: NO_DATA });
  assert.equal(waiting.size, 1);
  assert.deepEqual(sent, []);
});

test('the caps of a viewer name its actions and ask for none', () => {
  const { clipboard, received, take, sent, allSent } = createClipboard();
  clipboard.extend();
  clipboard.offer(copied('one'));
  allSent();
  void take(wire.CLIPBOARD_CAPS | ACTIONS | wire.CLIPBOARD_TEXT, new Uint8Array(4));
  assert.equal(sent(), undefined);
  assert.deepEqual(received, []);
});

test('the server requests a viewer’s text, and reads it whether its stream was ended or only flushed', async () => {
  const { clipboard, texts, take, sent, allSent } = createClipboard();
  clipboard.extend();
  allSent();
  void take(wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_TEXT);
  assert.deepEqual(sent(), {
    type: 'extendedClipboard',
    flags: wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT,
    data: NO_DATA,
  });
  for (const finishFlush of [constants.Z_FINISH, constants.Z_SYNC_FLUSH, constants.Z_FULL_FLUSH]) {
    const data = deflateSync(clipboardTextToDeflate('ü €\n'), { finishFlush });
    await take(wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT, data);
  }
  assert.deepEqual(texts(), ['ü €\n', 'ü €\n', 'ü €\n']);
});

type Provided = Extract<ServerMessage, { type: 'extendedClipboard' }>;

/** Waits for the next message. */
async function provided(sent: () => ServerMessage | undefined): Promise<Provided> {
  for (;;) {
    const answer = sent();
    if (answer?.type === 'extendedClipboard') return answer;
    assert.equal(answer, undefined);
    await setImmediate();
  }
}

const textIn = ({ flags, data }: Provided): string | undefined =>
  clipboardTextFromInflated(flags, inflateSync(data));

test('a viewer that requests the text is sent it', async () => {
  const { clipboard, take, sent, allSent } = createClipboard();
  clipboard.extend();
  for (const text of [
    'ü €',
    'one\ntwo\r\nthree\rfour\n',
    `${'x'.repeat(70_000)}\r`,
    `${'é\n'.repeat(50_000)}`,
  ]) {
    clipboard.offer(copied(text));
    allSent();
    void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
    assert.equal(textIn(await provided(sent)), text.replace(/\r\n?/g, '\n'));
  }
});

test('a viewer with the extended clipboard is offered text and HTML, and is sent what it requests of them', async () => {
  const { clipboard, take, sent, allSent } = createClipboard();
  clipboard.extend();
  allSent();
  clipboard.offer(copy(RICH));
  const both = wire.CLIPBOARD_TEXT | wire.CLIPBOARD_HTML;
  assert.deepEqual(sent(), { type: 'extendedClipboard', flags: wire.CLIPBOARD_NOTIFY | both, data: NO_DATA });
  void take(wire.CLIPBOARD_REQUEST | both);
  const answer = await provided(sent);
  assert.equal(answer.flags, (wire.CLIPBOARD_PROVIDE | both) >>> 0);
  const inflated = inflateSync(answer.data).toString();
  assert.match(inflated, /bold\0.*Version:0\.9.*<!--StartFragment--><b>bold<\/b><!--EndFragment-->/s);
});

test('HTML that a viewer provides as Windows keeps it reaches the desktop as its fragment', async () => {
  const one = createClipboard();
  one.clipboard.extend();
  one.allSent();
  one.clipboard.offer(copy(RICH));
  one.allSent();
  const both = wire.CLIPBOARD_TEXT | wire.CLIPBOARD_HTML;
  void one.take(wire.CLIPBOARD_REQUEST | both);
  const { flags, data } = await provided(one.sent);
  const other = createClipboard();
  await other.take(flags, data);
  assert.deepEqual(
    [...other.received[0]!.content].map(([format, bytes]) => [format, Buffer.from(bytes).toString()]),
    [
      ['text', 'bold'],
      ['html', '<b>bold</b>'],
    ],
  );
});

test('many requests for a text that is replaced meanwhile are answered once, with the new text', async () => {
  const { clipboard, take, sent, allSent } = createClipboard();
  clipboard.extend();
  clipboard.offer(copied('first'));
  allSent();
  for (let i = 0; i < 100; i++) void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  clipboard.offer(copied('second'));
  allSent();
  assert.equal(textIn(await provided(sent)), 'second');
  assert.equal(sent(), undefined);
  void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  assert.equal(textIn(await provided(sent)), 'second');
});

test('a text that is cleared after a viewer requested it is not sent', async () => {
  const { clipboard, reserved, take, sent, allSent } = createClipboard();
  clipboard.extend();
  clipboard.offer(copied('text'));
  allSent();
  void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  clipboard.clear();
  allSent();
  // The text was being compressed. Reserved bytes are released when that is over.
  while (reserved.length < 2) await setImmediate();
  assert.equal(sent(), undefined);
});

test('clipboard data that does not inflate, or is cut short, is refused', async () => {
  const { take } = createClipboard();
  const cut = deflateSync(clipboardTextToDeflate('cut short').subarray(0, 8));
  for (const data of [Uint8Array.of(1, 2, 3), cut]) {
    await assert.rejects(
      take(wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT, data)!,
      (error) => error instanceof RfbError && error.code === 'RFB_MALFORMED',
    );
  }
});

test('the page of KasmVNC sends and is sent text, HTML and PNG as clipboard items', () => {
  const { clipboard, received, sent } = createClipboard();
  clipboard.useKasm('page');
  clipboard.offer(copy(RICH));
  const offered = sent();
  assert.ok(offered?.type === 'binaryClipboard');
  const items = offered.items.map(({ mime, data }) => ({ mime, data }));
  assert.deepEqual(
    items.map(({ mime, data }) => [mime, Buffer.from(data).toString('latin1')]),
    [
      ['text/plain', 'bold'],
      ['text/html', '<b>bold</b>'],
      ['image/png', PNG.toString('latin1')],
    ],
  );
  const foreign = { mime: 'chromium/x-web-custom-data', data: Buffer.from('x') };
  const [text, html, png] = items;
  clipboard.takeItems({ type: 'binaryClipboard', items: [foreign, png!, html!, text!] });
  assert.deepEqual(
    [...received[0]!.content].map(([format, data]) => [format, Buffer.from(data)]),
    [...RICH].map(([format, data]) => [format, Buffer.from(data)]),
  );
  clipboard.takeItems({ type: 'binaryClipboard', items: [foreign] });
  clipboard.takeItems({
    type: 'binaryClipboard',
    items: [{ mime: 'image/png', data: Buffer.from('no PNG') }],
  });
  assert.equal(received.length, 1);
});

test('our page is sent text alone by the extended clipboard, and what has HTML or a picture as items', () => {
  const { clipboard, sent, allSent } = createClipboard();
  clipboard.extend();
  clipboard.useKasm('ours');
  allSent();
  clipboard.offer(copied('text'));
  assert.equal(sent()?.type, 'extendedClipboard');
  clipboard.offer(copy(RICH));
  assert.equal(sent()?.type, 'binaryClipboard');
  clipboard.offer(copy(new Map([['png', PNG]])));
  const picture = sent();
  assert.ok(picture?.type === 'binaryClipboard');
  assert.deepEqual(
    picture.items.map(({ mime }) => mime),
    ['image/png'],
  );
});

test('a long text is sent to a plain viewer in Latin-1, once it is converted, unless it is replaced before', async () => {
  const { clipboard, sent } = createClipboard();
  const long = 'é€\n'.repeat(50_000);
  clipboard.offer(copied(long));
  clipboard.offer(copied('short'));
  assert.deepEqual(sent(), { type: 'cutText', text: 'short' });
  clipboard.offer(copied(long));
  let message = sent();
  while (!message) {
    await setImmediate();
    message = sent();
  }
  assert.ok(message.type === 'cutText' && message.text === long.replaceAll('€', '?'));
  assert.equal(sent(), undefined);
});

const textOfItem = ({ items }: { readonly items: readonly { readonly data: Uint8Array }[] }): string =>
  Buffer.from(items[0]!.data).toString();

test('a long text that comes as Latin-1 passes whole, in several turns of the event loop', async () => {
  const { clipboard, texts } = createClipboard();
  const long = 'né\u0085\n'.repeat(50_000);
  let turns = 0;
  const turn = (): void => {
    turns++;
    if (texts().length === 0) later(turn);
  };
  turn();
  const taken = clipboard.takeText({ type: 'clientCutText', text: long });
  assert.deepEqual(texts(), []);
  await taken;
  assert.deepEqual(texts(), [long]);
  assert.ok(turns > 3, `${turns} turns`);
});

test('a large copy for the page of KasmVNC is made in a later turn, unless it is replaced before', async () => {
  const { clipboard, sent } = createClipboard();
  clipboard.useKasm('page');
  const long = 'long '.repeat(50_000);
  clipboard.offer(copied(long));
  clipboard.offer(copied('short'));
  const first = sent();
  assert.ok(first?.type === 'binaryClipboard' && textOfItem(first) === 'short');
  for (let i = 0; i < 5; i++) await setImmediate();
  assert.equal(sent(), undefined, 'the older one is not sent');
  clipboard.offer(copied(long));
  let message = sent();
  while (!message) {
    await setImmediate();
    message = sent();
  }
  assert.ok(message.type === 'binaryClipboard' && textOfItem(message) === long);
});

test('a viewer that comes later is offered the newest that it may have', () => {
  const before = [copy(textContent('marked in a GTK program'), 'marked'), copied('copied before')];
  const { clipboard, sent } = createClipboard({ before });
  assert.ok(clipboard.beginOnce());
  assert.deepEqual(sent(), { type: 'cutText', text: 'copied before' });
  assert.equal(clipboard.beginOnce(), false);
  assert.equal(sent(), undefined);
});
