import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { clipboardTextToDeflate } from '../../test/support/clipboard-text-to-deflate.ts';
import { CONTINUOUS, LOSSLESS, MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { RGB565 } from '../../test/support/pixel-formats.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import * as wire from '../protocol/constants.ts';
import { clipboardTextFromInflated } from '../protocol/extended-clipboard.ts';
import type { ViewerTransport } from './viewer/transport.ts';

const SIZE = { width: 200, height: 120 };
const KASM = [...LOSSLESS, wire.PSEUDO_FENCE, wire.PSEUDO_WEBP];

const arrow = (alpha: number) => ({
  width: 5,
  height: 3,
  hotX: 1,
  hotY: 2,
  pixels: new Uint8Array(5 * 3 * 4).fill(alpha),
});

suite('the cursor', () => {
  for (const [encoding, kind] of [
    [wire.PSEUDO_CURSOR_WITH_ALPHA, 'cursorWithAlpha'],
    [wire.PSEUDO_VMWARE_CURSOR, 'vmwareCursor'],
    [wire.PSEUDO_CURSOR, 'cursor'],
  ] as const) {
    test(`the cursor is sent as ${kind}, before all pixels of its update`, async () => {
      await using room = new TestSession({ size: SIZE });
      room.desktop.showCursor(arrow(255));
      const viewer = await room.connect({ encodings: [...LOSSLESS, encoding] });
      await room.untilShown(viewer);
      for (let i = 0; i < 5; i++) {
        room.desktop.showCursor(arrow(250 - i));
        room.desktop.paint({ x: 0, y: 0, width: 70, height: 70 }, i + 1);
        await viewer.until('the cursor', () => viewer.rectsOf(kind).length >= i + 2);
        await room.untilShown(viewer);
      }
      for (const { rects } of viewer.updates) {
        const at = rects.findIndex(({ body }) => body.kind === kind);
        assert.ok(rects.slice(0, Math.max(at, 0)).every(({ encoding: before }) => before < 0));
      }
      const last = viewer.rectsOf(kind).at(-1)!;
      assert.deepEqual([last.x, last.y, last.width, last.height], [1, 2, 5, 3]);
    });
  }

  test('a cursor that changes alone is an update without a capture', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_CURSOR_WITH_ALPHA] });
    await room.untilShown(viewer);
    await room.quiet();
    const captures = room.desktop.captures;
    room.desktop.showCursor(arrow(9));
    await viewer.until('the cursor', () => viewer.rectsOf('cursorWithAlpha').length === 1);
    assert.equal(viewer.updates.at(-1)!.rects.length, 1);
    assert.equal(room.desktop.captures, captures);
  });
});

suite('fences', () => {
  test('fences are answered in order, with the supported flags, and never inside an update', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    const flags = wire.FENCE_REQUEST | wire.FENCE_BLOCK_BEFORE | wire.FENCE_SYNC_NEXT | 0x100;
    for (let i = 0; i < 60; i++) {
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, i + 1);
      viewer.send({ type: 'fence', flags, payload: Uint8Array.of(i, 1, 2) });
      if (i % 3 === 0) await viewer.untilUpdates(viewer.updates.length + 1);
    }
    const answers = () => viewer.messagesOf('fence').filter(({ payload }) => payload.length === 3);
    await viewer.until('all answers', () => answers().length === 60);
    for (const [i, answer] of answers().entries()) {
      assert.equal(answer.payload[0], i);
      assert.equal(answer.flags, wire.FENCE_BLOCK_BEFORE);
    }
  });

  test('the server sends fences to a viewer that lists them, and to no other', async () => {
    await using room = new TestSession({ size: SIZE });
    const plain = await room.connect({ encodings: LOSSLESS });
    const fenced = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_FENCE] });
    await room.untilShown(plain);
    await room.untilShown(fenced);
    const fences = (): number => fenced.messagesOf('fence').length;
    await fenced.until('a fence at the start and one behind the picture', () => fences() >= 2);
    assert.deepEqual(plain.messagesOf('fence'), []);
  });
});

suite('continuous updates', () => {
  test('continuous updates are announced once, and their end is acknowledged each time', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'none' });
    const ends = (): number => viewer.messagesOf('endOfContinuousUpdates').length;
    await viewer.until('the announcement', () => ends() === 1);
    viewer.send({ type: 'setEncodings', encodings: [...CONTINUOUS] });
    viewer.continuous(true);
    await room.untilShown(viewer);
    assert.equal(ends(), 1);
    viewer.continuous(false);
    await viewer.until('the end', () => ends() === 2);
    const updates = viewer.updates.length;
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0xff);
    await room.quiet();
    assert.equal(viewer.updates.length, updates, 'no update without a request');
    viewer.request();
    await room.untilShown(viewer);
  });
});

suite('bytes that break the protocol', () => {
  const cases: Record<string, Uint8Array> = {
    'an unknown message': Uint8Array.of(77),
    'a colour map': Uint8Array.of(0, 0, 0, 0, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    'pixels of 24 bits': Uint8Array.of(0, 0, 0, 0, 24, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0),
    'too many encodings': Uint8Array.of(2, 0, 0xff, 0xff),
    'a clipboard without flags': Uint8Array.of(6, 0, 0, 0, 0xff, 0xff, 0xff, 0xff),
    'a clipboard that does not inflate': Uint8Array.of(
      6,
      0,
      0,
      0,
      0xff,
      0xff,
      0xff,
      0xfa,
      0x10,
      0,
      0,
      1,
      1,
      2,
    ),
    'a fence of 65 bytes': Uint8Array.of(248, 0, 0, 0, 0, 0, 0, 0, 65),
    'an unknown QEMU message': Uint8Array.of(255, 9),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    test(`${name} ends the connection that it came on, and no other`, async () => {
      await using room = new TestSession({ size: SIZE });
      const bad = await room.connect();
      const good = await room.connect();
      bad.send({ type: 'key', keysym: 97, down: true, keycode: 0 });
      await bad.roundTrip();
      bad.wire.write(bytes);
      await bad.until('the end, with a reason', () => bad.wire.closedReason);
      assert.deepEqual(room.desktop.recorded.at(-1), {
        kind: 'key',
        keysym: 97,
        down: false,
        evdevKeycode: 0,
      });
      bad.wire.write(bytes);
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0xabcdef);
      await room.untilShown(good);
      assert.equal(room.session.connections().length, 1);
    });
  }

  test('bytes before the handshake that are not RFB end the connection', async () => {
    await using room = new TestSession({ size: SIZE });
    const wires: string[] = [];
    room.session.attach(
      {
        bufferedBytes: 0,
        send: () => undefined,
        sendLasting: () => undefined,
        onData: (listener) => queueMicrotask(() => listener(new TextEncoder().encode('GET / HTTP/1.1\r\n'))),
        onRead: () => undefined,
        kernelCounts: () => undefined,
        pauseReading: () => undefined,
        resumeReading: () => undefined,
        limitMessages: () => undefined,
        onDrain: () => undefined,
        onClose: () => undefined,
        close: (reason) => wires.push(reason),
      },
      OWNER,
      '127.0.0.1',
    );
    await waitFor('the end', () => wires.length === 1);
    assert.deepEqual(room.session.connections(), []);
  });
});

test('a viewer that does not complete the handshake in 10 s is closed, and one that does is not', async (t) => {
  await using room = new TestSession({ size: SIZE });
  t.mock.timers.enable({ apis: ['setInterval'] });
  const reasons: string[] = [];
  const attach = (name: string, bytes: string): void => {
    const transport: ViewerTransport = {
      bufferedBytes: 0,
      send: () => undefined,
      sendLasting: () => undefined,
      onData: (listener) => listener(new TextEncoder().encode(bytes)),
      onRead: () => undefined,
      kernelCounts: () => undefined,
      pauseReading: () => undefined,
      resumeReading: () => undefined,
      limitMessages: () => undefined,
      onDrain: () => undefined,
      onClose: () => undefined,
      close: (reason) => reasons.push(`${name}: ${reason}`),
    };
    room.session.attach(transport, OWNER, '127.0.0.1');
  };
  attach('slow', 'RFB 003.008\n\x01');
  attach('good', 'RFB 003.008\n\x01\x01');
  t.mock.timers.tick(9_999);
  assert.deepEqual(reasons, []);
  t.mock.timers.tick(1);
  assert.equal(reasons.length, 1);
  assert.match(reasons[0]!, /^slow: .*handshake/);
  t.mock.timers.reset();
});

suite('the messages of KasmVNC’s page', () => {
  test('questions of KasmVNC’s page are answered', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: KASM });
    await room.untilShown(viewer);
    viewer.send({ type: 'requestBottleneckStats' });
    viewer.send({ type: 'networkStats' });
    viewer.send({ type: 'systemStats' });
    viewer.send({ type: 'subscribeRelay', name: 'printer' });
    viewer.send({ type: 'videoCodecs', codecs: [1, 2, 3] });
    viewer.send({ type: 'keepAlive' });
    viewer.send({ type: 'udpUpgrade', data: Uint8Array.of(1) });
    viewer.send({ type: 'relayData', name: 'printer', data: Uint8Array.of(1) });
    viewer.send({ type: 'setMaxVideoResolution', width: 640, height: 480 });
    await viewer.until('the codecs', () => viewer.messagesOf('videoCodecs').length === 1);
    const [stats] = viewer.messagesOf('bottleneckStats');
    assert.match(stats!.text, /^\[ \d+\.\d, \d+\.\d, \d+\.\d, \d+\.\d ]$/);
    const network = JSON.parse(viewer.messagesOf('networkStats')[0]!.text);
    assert.equal(network.length, 3);
    assert.ok(network.every((n: unknown) => typeof n === 'number' && Number.isFinite(n)));
    assert.equal(typeof JSON.parse(viewer.messagesOf('systemStats')[0]!.text), 'object');
    assert.deepEqual(
      viewer.messagesOf('videoCodecs')[0]!.codecs.map(({ mode }) => mode),
      [wire.PSEUDO_STREAMING_JPEG_WEBP],
    );
    assert.equal(viewer.wire.isOver, false);
  });

  test('a latency probe is answered after the next update, not before', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: KASM });
    await room.untilShown(viewer);
    await room.quiet();
    viewer.send({ type: 'latencyProbe', id: 4711 });
    await room.quiet();
    assert.deepEqual(viewer.messagesOf('latencyAnswer'), []);
    const updates = viewer.updates.length;
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 1);
    await viewer.until('the answer', () => viewer.messagesOf('latencyAnswer').length === 1);
    assert.equal(viewer.messagesOf('latencyAnswer')[0]!.id, 4711);
    assert.equal(viewer.updates.length, updates + 1);
  });

  test('the wheel and the relative mouse of KasmVNC’s page reach the desktop', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: KASM });
    viewer.send({ type: 'pointer', buttonMask: 0, x: 3, y: 4, scrollX: 0, scrollY: 120 });
    viewer.send({ type: 'relativeMouse', buttonMask: 0, dx: -1, dy: 2, scrollX: 0, scrollY: 0 });
    await viewer.roundTrip();
    assert.deepEqual(room.desktop.recorded, [
      { kind: 'move', x: 3, y: 4 },
      { kind: 'button', button: 5, down: true },
      { kind: 'button', button: 5, down: false },
      { kind: 'nudge', dx: -1, dy: 2 },
    ]);
  });
});

suite('the clipboard', () => {
  test('text goes both ways as plain cut text', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect();
    viewer.send({ type: 'clientCutText', text: 'grüezi' });
    await viewer.until('the text', () => room.desktop.clipboardText === 'grüezi');
    room.desktop.copyText('adieu');
    await viewer.until('the text', () => viewer.messagesOf('cutText')[0]?.text === 'adieu');
    await room.session.clearClipboard();
    await viewer.until('nothing', () => viewer.messagesOf('cutText')[1]?.text === '');
    assert.equal(room.desktop.clipboardText, undefined);
  });

  test('text goes both ways by the extended clipboard', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_EXTENDED_CLIPBOARD] });
    const said = () => viewer.messagesOf('extendedClipboard');
    await viewer.until('the caps', () => said().length === 1);
    const text = wire.CLIPBOARD_TEXT;
    viewer.send({ type: 'extendedClipboard', flags: wire.CLIPBOARD_NOTIFY | text, data: new Uint8Array(0) });
    await viewer.until('the request', () => said().at(-1)!.flags === (wire.CLIPBOARD_REQUEST | text));
    const data = deflateSync(clipboardTextToDeflate('日本'));
    viewer.send({ type: 'extendedClipboard', flags: wire.CLIPBOARD_PROVIDE | text, data });
    await viewer.until('the text', () => room.desktop.clipboardText === '日本');
    room.desktop.copyText('Ω');
    await viewer.until('the notice', () => said().at(-1)!.flags === (wire.CLIPBOARD_NOTIFY | text));
    viewer.send({ type: 'extendedClipboard', flags: wire.CLIPBOARD_REQUEST | text, data: new Uint8Array(0) });
    await viewer.until('the text', () => said().at(-1)!.flags === (wire.CLIPBOARD_PROVIDE | text));
    assert.equal(clipboardTextFromInflated(text, inflateSync(said().at(-1)!.data)), 'Ω');
  });

  test('a text of many MiB is set before the keys behind it, and delays no other viewer', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_EXTENDED_CLIPBOARD] });
    const other = await room.connect();
    const seen: string[] = [];
    const setClipboard = room.desktop.setClipboard.bind(room.desktop);
    room.desktop.setClipboard = (content) => {
      seen.push(`text of ${content.get('text')?.length}`);
      return setClipboard(content);
    };
    const keyDown = room.desktop.input.key.bind(room.desktop.input);
    room.desktop.input.key = (keysym, down, code) => {
      seen.push(`key ${keysym}`);
      keyDown(keysym, down, code);
    };
    const flags = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;
    for (const letters of [9_000_000, 5]) {
      const data = deflateSync(clipboardTextToDeflate('x'.repeat(letters)));
      viewer.send({ type: 'extendedClipboard', flags, data });
      viewer.send({ type: 'key', keysym: letters, down: true, keycode: 0 });
    }
    other.send({ type: 'key', keysym: 1, down: true, keycode: 0 });
    await viewer.until('all of it', () => seen.length === 5);
    assert.equal(seen.shift(), 'key 1');
    assert.deepEqual(seen, ['text of 9000000', 'key 9000000', 'text of 5', 'key 5']);
  });

  test('a text is dropped if its viewer may no longer write when it is inflated', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: [...LOSSLESS, wire.PSEUDO_EXTENDED_CLIPBOARD] });
    const data = deflateSync(clipboardTextToDeflate('late'));
    viewer.send({ type: 'extendedClipboard', flags: wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT, data });
    viewer.send({ type: 'fence', flags: wire.FENCE_REQUEST, payload: Uint8Array.of(1, 2, 3) });
    const user = { ...OWNER, write: false };
    room.session.usersChanged([{ name: OWNER.name, user, passwordChanged: false }]);
    await viewer.until('what came behind it', () => viewer.messagesOf('fence').length === 1);
    assert.equal(room.desktop.clipboardText, undefined);
  });

  test('a viewer without write neither sets the clipboard nor is sent it', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ user: { ...OWNER, write: false } });
    viewer.send({ type: 'clientCutText', text: 'mine' });
    room.desktop.copyText('theirs');
    await room.quiet();
    assert.equal(room.desktop.clipboardText, undefined);
    assert.deepEqual(viewer.messagesOf('cutText'), []);
  });

  test('a clipboard text that the desktop refuses ends no connection', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect();
    room.desktop.lose();
    viewer.send({ type: 'clientCutText', text: 'x' });
    await viewer.roundTrip();
    assert.equal(viewer.wire.isOver, false);
  });
});

test('a pixel format that a viewer sets is used from the next update on', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ format: RGB565, encodings: LOSSLESS });
  await room.untilShown(viewer, RGB565);
});

test('a viewer that requests no update is listed, and causes no capture', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await MemoryViewer.connect(room.session, { updates: 'none', ip: '10.0.0.9' });
  const [connection] = room.session.connections();
  assert.match(connection!.id, /^10\.0\.0\.9_\d+\.\d{6}::websocket$/);
  assert.equal(connection!.user, 'owner');
  await viewer.roundTrip();
  assert.equal(room.desktop.captures, 0);
  viewer.wire.vanish();
  await viewer.until('the disconnect', () => room.session.connections().length === 0);
});
