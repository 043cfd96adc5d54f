import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import * as wire from '../../protocol/constants.ts';
import { RfbError } from '../../protocol/errors.ts';
import { clipboardTextFromInflated, clipboardTextToDeflate } from '../../protocol/extended-clipboard.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { type ServerMessage, ServerMessageReader } from '../../protocol/server-message-reader.ts';
import { ViewerClipboard } from './clipboard.ts';

const NO_DATA = new Uint8Array(0);
const ACTIONS = wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_PEEK | wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_PROVIDE;

/** A clipboard whose viewer takes everything at once, the messages it sent, and the texts it received. */
function create() {
  const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
  const received: string[] = [];
  const push = (message: Uint8Array | undefined): void => {
    if (message) reader.push(message);
  };
  const reserved: number[] = [];
  const clipboard = new ViewerClipboard({
    outbox: {
      message: push,
      newest: (_kind, make) => push(make()),
      reserve: (bytes) => {
        reserved.push(bytes);
        return () => reserved.push(-bytes);
      },
    },
    received: (text) => received.push(text),
  });
  const take = (flags: number, data: Uint8Array = NO_DATA) =>
    clipboard.take({ type: 'extendedClipboard', flags, data });
  return { clipboard, received, reserved, take, sent: (): ServerMessage | undefined => reader.next() };
}

test('a viewer without the extended clipboard is sent plain text', () => {
  const { clipboard, sent } = create();
  clipboard.offer('one');
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
    received: () => undefined,
  });
  clipboard.offer('a secret');
  clipboard.revoke();
  for (const make of waiting.values()) assert.equal(make(), undefined);
  void clipboard.take({ type: 'extendedClipboard', flags: wire.CLIPBOARD_REQUEST, data: NO_DATA });
  assert.equal(waiting.size, 1);
  assert.deepEqual(sent, []);
});

test('the caps of a viewer name its actions and ask for none', () => {
  const { clipboard, received, take, sent } = create();
  clipboard.extend();
  clipboard.offer('one');
  while (sent());
  void take(wire.CLIPBOARD_CAPS | ACTIONS | wire.CLIPBOARD_TEXT, new Uint8Array(4));
  assert.equal(sent(), undefined);
  assert.deepEqual(received, []);
});

test('the server requests a viewer’s text, and reads it whether its stream was ended or only flushed', async () => {
  const { clipboard, received, take, sent } = create();
  clipboard.extend();
  while (sent());
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
  assert.deepEqual(received, ['ü €\n', 'ü €\n', 'ü €\n']);
});

/** Waits for the next message, and returns its text. */
async function provided(sent: () => ServerMessage | undefined): Promise<string | undefined> {
  for (;;) {
    const answer = sent();
    if (answer?.type === 'extendedClipboard')
      return clipboardTextFromInflated(answer.flags, inflateSync(answer.data));
    assert.equal(answer, undefined);
    await setImmediate();
  }
}

test('a viewer that requests the text is sent it', async () => {
  const { clipboard, take, sent } = create();
  clipboard.extend();
  clipboard.offer('ü €');
  while (sent());
  void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  assert.equal(await provided(sent), 'ü €');
});

test('many requests for a text that is replaced meanwhile are answered once, with the new text', async () => {
  const { clipboard, take, sent } = create();
  clipboard.extend();
  clipboard.offer('first');
  while (sent());
  for (let i = 0; i < 100; i++) void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  clipboard.offer('second');
  while (sent());
  assert.equal(await provided(sent), 'second');
  assert.equal(sent(), undefined);
  void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  assert.equal(await provided(sent), 'second');
});

test('a text that is cleared after a viewer requested it is not sent', async () => {
  const { clipboard, reserved, take, sent } = create();
  clipboard.extend();
  clipboard.offer('text');
  while (sent());
  void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  clipboard.offer(undefined);
  while (sent());
  // The text was being compressed. Reserved bytes are released when that is over.
  while (reserved.length < 2) await setImmediate();
  assert.equal(sent(), undefined);
});

test('clipboard data that does not inflate, or is cut short, is refused', async () => {
  const { take } = create();
  const cut = deflateSync(clipboardTextToDeflate('cut short').subarray(0, 8));
  for (const data of [Uint8Array.of(1, 2, 3), cut]) {
    await assert.rejects(
      take(wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT, data)!,
      (error) => error instanceof RfbError && error.code === 'RFB_MALFORMED',
    );
  }
});

test('the page of KasmVNC sends and is sent text as clipboard items', () => {
  const { clipboard, received, sent } = create();
  clipboard.useKasm();
  clipboard.offer('größer €');
  const offered = sent();
  assert.ok(offered?.type === 'binaryClipboard');
  assert.deepEqual(
    offered.items.map(({ mime, data }) => [mime, Buffer.from(data).toString('utf8')]),
    [['text/plain', 'größer €']],
  );
  const html = { mime: 'text/html', data: Buffer.from('<b>a</b>') };
  clipboard.takeKasm({
    type: 'binaryClipboard',
    items: [html, { mime: 'text/plain', data: Buffer.from('ä') }],
  });
  clipboard.takeKasm({ type: 'binaryClipboard', items: [html] });
  assert.deepEqual(received, ['ä']);
});

test('a text longer than 10 MiB from KasmVNC’s page is dropped', () => {
  const { clipboard, received } = create();
  for (const bytes of [10 << 20, (10 << 20) + 1]) {
    const data = Buffer.alloc(bytes, 'x');
    clipboard.takeKasm({ type: 'binaryClipboard', items: [{ mime: 'text/plain', data }] });
  }
  assert.deepEqual(
    received.map(({ length }) => length),
    [10 << 20],
  );
});

test('a text longer than 10 MiB is not offered, and the connection goes on', () => {
  const { clipboard, sent } = create();
  clipboard.offer('x'.repeat(10 << 20));
  assert.equal(sent()?.type, 'cutText');
  clipboard.offer('x'.repeat((10 << 20) + 1));
  assert.equal(sent(), undefined);
  clipboard.offer('short');
  assert.deepEqual(sent(), { type: 'cutText', text: 'short' });
});
