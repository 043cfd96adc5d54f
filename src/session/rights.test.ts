import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { clipboardTextToDeflate } from '../../test/support/clipboard-text-to-deflate.ts';
import { CONTINUOUS, LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { RGB565 } from '../../test/support/pixel-formats.ts';
import { TestSession } from '../../test/support/test-session.ts';
import type { User } from '../accounts/user.ts';
import { textOf } from '../protocol/clipboard-content.ts';
import * as wire from '../protocol/constants.ts';
import { inflateClipboard } from './viewer/inflate-clipboard.ts';

const SIZE = { width: 200, height: 120 };
/** Bytes in the socket with which a text waits. */
const BACKLOG_BYTES = 128 * 1024;
const CLIPBOARD = [...LOSSLESS, wire.PSEUDO_EXTENDED_CLIPBOARD];
const GUEST: User = { name: 'guest', read: true, write: true, owner: false };
const BLIND: User = { ...GUEST, read: false, write: false };
const LOOKING: User = { ...GUEST, write: false };

const change = (room: TestSession, user: User): void =>
  room.session.usersChanged([{ name: user.name, user, passwordChanged: false }]);

const isBlank = (viewer: MemoryViewer): boolean => viewer.screen.every((pixel) => pixel === 0);

suite('a viewer without read', () => {
  for (const [name, options] of Object.entries({
    'that requests each update': { encodings: LOSSLESS },
    'with continuous updates': { encodings: CONTINUOUS, updates: 'continuous' },
    'in Raw': { encodings: [wire.PSEUDO_DESKTOP_SIZE] },
    'in 16 bits': { encodings: LOSSLESS, format: RGB565 },
  } as const)) {
    test(`a viewer that loses read (${name}) is blanked, and sent nothing until it may read again`, async () => {
      await using room = new TestSession({ size: SIZE });
      const viewer = await room.connect({ user: GUEST, ...options });
      await room.untilShown(viewer, viewer.format);
      change(room, BLIND);
      await viewer.until('the blank', () => isBlank(viewer));
      const updates = viewer.updates.length;
      for (let i = 0; i < 5; i++) {
        room.desktop.paint({ x: 0, y: 0, width: 100, height: 100 }, 0x808080 + i);
        await room.session.sendFullFrame();
        viewer.request(false);
        await room.quiet();
      }
      assert.equal(viewer.updates.length, updates);
      assert.equal(isBlank(viewer), true);
      change(room, LOOKING);
      await room.untilShown(viewer, viewer.format);
    });
  }

  test('a viewer that loses read while a frame is being sent is blanked after that frame', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ user: GUEST, encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    for (let i = 0; i < 20; i++) {
      const send = viewer.wire.send.bind(viewer.wire);
      let struck = false;
      viewer.wire.send = (bytes) => {
        send(bytes);
        if (struck || bytes[0] !== wire.SERVER_UPDATE || bytes.length !== 4) return;
        struck = true;
        queueMicrotask(() => change(room, BLIND));
      };
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, i * 1000 + 1);
      await viewer.until('the blank', () => struck && isBlank(viewer));
      viewer.wire.send = send;
      change(room, LOOKING);
      await room.untilShown(viewer);
    }
  });

  test('a viewer that never had read is connected and sent no picture', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ user: BLIND });
    await room.quiet();
    assert.equal(room.desktop.captures, 0);
    assert.equal(viewer.rects.filter(({ encoding }) => encoding >= 0).length, 0);
    assert.equal(viewer.wire.isOver, false);
    change(room, GUEST);
    await room.untilShown(viewer);
  });

  test('a viewer without read is sent the cursor only once it may read', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({
      user: BLIND,
      encodings: [...LOSSLESS, wire.PSEUDO_CURSOR_WITH_ALPHA, wire.PSEUDO_QEMU_KEY],
    });
    const pixels = new Uint8Array(4 * 4 * 4).fill(200);
    room.desktop.showCursor({ width: 4, height: 4, hotX: 1, hotY: 2, pixels });
    await room.quiet();
    assert.deepEqual(viewer.rectsOf('cursorWithAlpha'), []);
    change(room, LOOKING);
    await viewer.until('the cursor', () => viewer.rectsOf('cursorWithAlpha').length === 1);
  });

  test('a viewer that lost read is still told that its key events are supported', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({
      user: GUEST,
      encodings: [...LOSSLESS, wire.PSEUDO_QEMU_KEY],
      updates: 'none',
    });
    await viewer.roundTrip();
    change(room, BLIND);
    change(room, GUEST);
    viewer.request(false);
    await viewer.until('the key rect', () => viewer.rectsOf('qemuKey').length === 1);
  });
});

suite('a viewer without write', () => {
  test('a viewer that loses write has its keys and buttons released, and its input dropped for the time', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ user: GUEST });
    const { recorded } = room.desktop;
    viewer.send({ type: 'key', keysym: 97, down: true, keycode: 0 });
    viewer.send({ type: 'pointer', buttonMask: 1, x: 5, y: 5, scrollX: 0, scrollY: 0 });
    await viewer.roundTrip();
    assert.equal(recorded.length, 3);
    change(room, LOOKING);
    assert.deepEqual(recorded.slice(3), [
      { kind: 'button', button: 1, down: false },
      { kind: 'key', keysym: 97, down: false, evdevKeycode: 0 },
    ]);
    viewer.send({ type: 'key', keysym: 98, down: true, keycode: 0 });
    viewer.send({ type: 'pointer', buttonMask: 3, x: 9, y: 9, scrollX: 0, scrollY: 0 });
    viewer.send({ type: 'clientCutText', text: 'no' });
    await viewer.roundTrip();
    assert.equal(recorded.length, 5);
    assert.equal(room.desktop.clipboardText, undefined);
    change(room, GUEST);
    viewer.send({ type: 'key', keysym: 98, down: true, keycode: 0 });
    await viewer.roundTrip();
    assert.deepEqual(recorded.at(-1), { kind: 'key', keysym: 98, down: true, evdevKeycode: 0 });
  });

  for (const [name, encodings] of Object.entries({
    'as cut text': LOSSLESS,
    'to KasmVNC’s page': [...LOSSLESS, wire.PSEUDO_STREAMING_JPEG_WEBP],
  })) {
    test(`text that waits for a viewer (${name}) is not sent once the viewer may no longer write`, async () => {
      await using room = new TestSession({ size: SIZE });
      const viewer = await room.connect({ user: GUEST, encodings, updates: 'none' });
      const texts = () => [...viewer.messagesOf('cutText'), ...viewer.messagesOf('binaryClipboard')];
      room.desktop.copyText('before');
      await viewer.until('the text', () => texts().length === 1);
      viewer.wire.stall();
      viewer.wire.send(new Uint8Array(BACKLOG_BYTES).fill(wire.SERVER_BELL));
      room.desktop.copyText('secret');
      change(room, LOOKING);
      viewer.wire.resume();
      await viewer.roundTrip();
      assert.equal(texts().length, 1);
      room.desktop.copyText('copied meanwhile');
      await viewer.roundTrip();
      assert.equal(texts().length, 1);
      change(room, GUEST);
      await viewer.until('what was copied meanwhile', () => texts().length === 2);
    });
  }

  for (const [name, user] of Object.entries({
    'whose viewer loses write': LOOKING,
    'whose user is removed': undefined,
  })) {
    test(`a text ${name} while it is inflated does not reach the desktop`, async () => {
      await using room = new TestSession({ size: SIZE });
      const viewer = await room.connect({ user: GUEST, encodings: CLIPBOARD });
      const data = deflateSync(clipboardTextToDeflate('x'.repeat(1 << 20)));
      const flags = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;
      viewer.send({ type: 'extendedClipboard', flags, data });
      // Node's threads inflate it, and tell so in a later turn of the event loop.
      room.session.usersChanged([{ name: GUEST.name, user, passwordChanged: false }]);
      await inflateClipboard(data, flags, () => true);
      await room.quiet();
      assert.equal(room.desktop.clipboardText, undefined);
    });
  }

  test('a key that is down when its viewer disconnects is released', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ user: GUEST });
    viewer.send({ type: 'key', keysym: 97, down: true, keycode: 0 });
    await viewer.roundTrip();
    viewer.wire.vanish();
    await viewer.until('the disconnect', () => room.session.connections().length === 0);
    assert.deepEqual(room.desktop.recorded.at(-1), { kind: 'key', keysym: 97, down: false, evdevKeycode: 0 });
    assert.deepEqual(room.session.connections(), []);
  });
});

suite('connections end with a reason', () => {
  test('connections of a user that was removed or has a new password end with a reason, and no others', async () => {
    await using room = new TestSession({ size: SIZE });
    const first = await room.connect({ user: GUEST });
    const second = await room.connect({
      user: GUEST,
      encodings: [...LOSSLESS, wire.PSEUDO_DISCONNECT_NOTICE],
    });
    const owner = await room.connect({ user: OWNER });
    // No notice can be sent in the middle of an update.
    await room.untilShown(second);
    await room.quiet();
    room.session.usersChanged([{ name: 'guest', user: undefined, passwordChanged: false }]);
    assert.match(first.wire.closedReason ?? '', /removed/);
    assert.match(second.wire.closedReason ?? '', /removed/);
    const [notice] = second.messagesOf('disconnect');
    assert.equal(notice?.reason, second.wire.closedReason);
    assert.equal(owner.wire.isOver, false);
    room.session.usersChanged([{ name: 'owner', user: OWNER, passwordChanged: true }]);
    assert.match(owner.wire.closedReason ?? '', /password/i);
    assert.deepEqual(room.session.connections(), []);
  });
});

suite('what waits for the desktop', () => {
  for (const [name, user] of Object.entries({ 'who loses write': LOOKING, 'who is removed': undefined })) {
    test(`a size and a text of a user ${name} are dropped if the desktop is busy with others`, async () => {
      await using room = new TestSession({ size: SIZE });
      const viewer = await room.connect({ user: GUEST });
      const owner = await room.connect({ user: OWNER });
      const busy = Promise.withResolvers<void>();
      const sizes: number[] = [];
      const texts: (string | undefined)[] = [];
      room.desktop.resize = async ({ width }) => {
        sizes.push(width);
        await busy.promise;
        return SIZE;
      };
      room.desktop.setClipboard = (content) => {
        texts.push(textOf(content));
        return busy.promise;
      };
      for (const [one, width] of [
        [owner, 300],
        [viewer, 400],
      ] as const) {
        one.send({ type: 'setDesktopSize', width, height: 120, screens: [] });
        one.send({ type: 'clientCutText', text: `${width}` });
        await one.roundTrip();
      }
      room.session.usersChanged([{ name: GUEST.name, user, passwordChanged: false }]);
      busy.resolve();
      await room.quiet();
      await owner.roundTrip();
      assert.deepEqual([sizes, texts], [[300], ['300']]);
    });
  }
});

suite('waiting input', () => {
  for (const [name, how, act] of [
    [
      'a viewer that loses write has its waiting input dropped',
      'releaseAll',
      (room: TestSession) => change(room, LOOKING),
    ],
    [
      'a viewer whose user is removed has its waiting input dropped for good',
      'close',
      (room: TestSession) =>
        room.session.usersChanged([{ name: GUEST.name, user: undefined, passwordChanged: false }]),
    ],
    [
      'a viewer that leaves has its waiting input dropped for good',
      'close',
      (_: TestSession, viewer: MemoryViewer) => viewer.wire.vanish(),
    ],
  ] as const) {
    test(name, async () => {
      await using room = new TestSession({ size: SIZE });
      const calls: string[] = [];
      const open = room.desktop.openInput.bind(room.desktop);
      room.desktop.openInput = () => ({
        ...open(),
        releaseAll: () => calls.push('releaseAll'),
        close: () => calls.push('close'),
      });
      const viewer = await room.connect({ user: GUEST });
      act(room, viewer);
      await viewer.until('the drop', () => calls.at(-1) === how);
    });
  }
});
