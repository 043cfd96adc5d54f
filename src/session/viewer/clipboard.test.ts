import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { NO_DLP } from '../../config/dlp/read-dlp.ts';
import type { ClipboardText } from '../../desktop/desktop.ts';
import * as wire from '../../protocol/constants.ts';
import { RfbError } from '../../protocol/errors.ts';
import { clipboardTextFromInflated, clipboardTextToDeflate } from '../../protocol/extended-clipboard.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { type ServerMessage, ServerMessageReader } from '../../protocol/server-message-reader.ts';
import { ClipboardGate } from '../dlp/clipboard-gate.ts';
import { createLimits } from '../dlp/user-limits.ts';
import { ViewerClipboard } from './clipboard.ts';

const NO_DATA = new Uint8Array(0);
const ACTIONS = wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_PEEK | wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_PROVIDE;

const copied = (text: string | undefined): ClipboardText => ({ text, how: 'copied' });

/** A clipboard whose viewer takes everything at once, the messages it sent, and the texts it received. */
function create(rules = NO_DLP.forAll.clipboard) {
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
    gate: new ClipboardGate(
      createLimits({ ...NO_DLP.forAll, clipboard: rules }, 0),
      () => 0,
      () => undefined,
    ),
    received: (text) => received.push(text),
  });
  const take = (flags: number, data: Uint8Array = NO_DATA) =>
    clipboard.take({ type: 'extendedClipboard', flags, data });
  return { clipboard, received, reserved, take, sent: (): ServerMessage | undefined => reader.next() };
}

test('a viewer without the extended clipboard is sent plain text', () => {
  const { clipboard, sent } = create();
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
  const { clipboard, received, take, sent } = create();
  clipboard.extend();
  clipboard.offer(copied('one'));
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
  clipboard.offer(copied('ü €'));
  while (sent());
  void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  assert.equal(await provided(sent), 'ü €');
});

test('many requests for a text that is replaced meanwhile are answered once, with the new text', async () => {
  const { clipboard, take, sent } = create();
  clipboard.extend();
  clipboard.offer(copied('first'));
  while (sent());
  for (let i = 0; i < 100; i++) void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  clipboard.offer(copied('second'));
  while (sent());
  assert.equal(await provided(sent), 'second');
  assert.equal(sent(), undefined);
  void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  assert.equal(await provided(sent), 'second');
});

test('a text that is cleared after a viewer requested it is not sent', async () => {
  const { clipboard, reserved, take, sent } = create();
  clipboard.extend();
  clipboard.offer(copied('text'));
  while (sent());
  void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
  clipboard.offer(copied(undefined));
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
  clipboard.offer(copied('größer €'));
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
  clipboard.offer(copied('x'.repeat(10 << 20)));
  assert.equal(sent()?.type, 'cutText');
  clipboard.offer(copied('x'.repeat((10 << 20) + 1)));
  assert.equal(sent(), undefined);
  clipboard.offer(copied('short'));
  assert.deepEqual(sent(), { type: 'cutText', text: 'short' });
});

const TEN = { isEnabled: true, mostBytes: 10 };
const CLOSED = { isEnabled: false, mostBytes: 10 };

test('a text that may not pass to the viewer is neither offered nor provided, in any form of the clipboard', () => {
  for (const toClient of [CLOSED, TEN]) {
    for (const form of ['plain', 'extended', 'kasm'] as const) {
      const { clipboard, take, sent } = create({ delayMs: 0, toClient, sendsMarked: true, toServer: TEN });
      if (form === 'extended') clipboard.extend();
      while (sent());
      if (form === 'kasm') clipboard.useKasm();
      clipboard.offer(copied('elevenbytes'));
      void take(wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT);
      void take(wire.CLIPBOARD_PEEK);
      const messages: (ServerMessage | undefined)[] = [];
      for (let message = sent(); message; message = sent()) messages.push(message);
      assert.ok(!JSON.stringify(messages).includes('eleven'), form);
      const notify = messages.find(
        (one) => one?.type === 'extendedClipboard' && one.flags & wire.CLIPBOARD_NOTIFY,
      );
      assert.ok(
        !notify || (notify.type === 'extendedClipboard' && !(notify.flags & wire.CLIPBOARD_TEXT)),
        form,
      );
    }
  }
});

test('a text that may not pass to the desktop is dropped, in any form of the clipboard', async () => {
  for (const toServer of [CLOSED, TEN]) {
    const { clipboard, received, take, sent } = create({
      delayMs: 0,
      toClient: TEN,
      sendsMarked: true,
      toServer,
    });
    clipboard.extend();
    while (sent());
    clipboard.takeText('elevenbytes');
    clipboard.takeKasm({
      type: 'binaryClipboard',
      items: [{ mime: 'text/plain', data: Buffer.from('elevenbytes') }],
    });
    await take(
      wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT,
      deflateSync(clipboardTextToDeflate('elevenbytes')),
    );
    assert.deepEqual(received, []);
    void take(wire.CLIPBOARD_NOTIFY | wire.CLIPBOARD_TEXT);
    assert.equal(sent() !== undefined, toServer.isEnabled, 'a text is requested only if one may pass');
    clipboard.takeText('ten bytes.');
    assert.deepEqual(received, toServer.isEnabled ? ['ten bytes.'] : []);
  }
});

test('only plain text passes from a page of KasmVNC, whatever else it sends', () => {
  const { clipboard, received } = create();
  const data = Buffer.from('x');
  clipboard.takeKasm({
    type: 'binaryClipboard',
    items: ['text/html', 'image/png'].map((mime) => ({ mime, data })),
  });
  assert.deepEqual(received, []);
});
