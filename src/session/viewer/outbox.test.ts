import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from '../../common/byte-budget.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { type ServerMessage, ServerMessageReader } from '../../protocol/server-message-reader.ts';
import { bell, binaryClipboard, copyRect, updateHeader } from '../../protocol/server-messages.ts';
import { Outbox } from './outbox.ts';
import type { ViewerTransport } from './transport.ts';

const MOST_BYTES = 1 << 20;
const MOST_PICTURE_BYTES = 4 << 20;

/** An outbox with a socket that by default takes nothing before `drain`. */
function create({
  bufferedBytes = 0,
  clipboardBytes = new ByteBudget(64 << 20),
  takesPortions = false,
} = {}) {
  const sent: Uint8Array[] = [];
  const drains: (() => void)[] = [];
  let overfull = 0;
  const limits = { mostPictureBytes: MOST_PICTURE_BYTES };
  const link = { hasRoom: true, limitingRate: undefined as number | undefined, sentBytes: 0 };
  const transport = {
    bufferedBytes,
    send: (bytes: Uint8Array) => {
      sent.push(bytes);
      transport.bufferedBytes += bytes.length;
    },
    sendLasting: (bytes: Uint8Array) => transport.send(bytes),
    kernelCounts: () => undefined,
    pauseReading: () => undefined,
    resumeReading: () => undefined,
    limitMessages: () => undefined,
    onData: () => undefined,
    onRead: () => undefined,
    onDrain: (listener: () => void) => drains.push(listener),
    onClose: () => undefined,
    close: () => undefined,
  };
  const outbox = new Outbox({
    transport: transport satisfies ViewerTransport,
    mostBytes: () => MOST_BYTES,
    mostPictureBytes: () => limits.mostPictureBytes,
    overfull: () => overfull++,
    clipboardBytes,
    link: {
      takesPortions: () => takesPortions,
      hasRoom: () => link.hasRoom,
      frameWaits: () => false,
      limitingRate: () => link.limitingRate,
      sent: (bytes) => {
        link.sentBytes += bytes;
      },
    },
  });
  const drain = (): void => {
    transport.bufferedBytes = 0;
    for (const listener of drains) listener();
  };
  return { outbox, sent, drain, limits, link, timesOverfull: () => overfull };
}

test('large clipboards of one user’s connections are sent one after the other, as far as they share bytes', () => {
  const clipboardBytes = new ByteBudget(300_000);
  const [one, other] = [create({ clipboardBytes }), create({ clipboardBytes })];
  const text = new Uint8Array(200_000);
  for (const { outbox } of [one, other]) outbox.newest('clipboard text', () => text);
  assert.deepEqual([one.sent.length, other.sent.length], [1, 0]);
  other.outbox.newest('clipboard offer', () => Uint8Array.of(1));
  assert.equal(other.sent.length, 1, 'a small message does not wait');
  one.drain();
  assert.equal(other.sent.length, 2);
  one.outbox.newest('clipboard text', () => text);
  assert.equal(one.sent.length, 1);
  other.outbox.close();
  assert.equal(one.sent.length, 2);
  one.outbox.close();
  assert.equal(clipboardBytes.takenBytes, 0);
});

const HEADER = 0;
const RECT = 1;
const MESSAGE = 2;
const END = 3;

test('no message is sent between the rects of an update, and none is lost or overtaken', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(HEADER, RECT, MESSAGE, END)), (steps) => {
      const { outbox, sent } = create();
      let inUpdate = false;
      const given: Uint8Array[] = [];
      for (const [i, step] of steps.entries()) {
        const bytes = Uint8Array.of(step, i);
        // Updates begin and end in turn; the list may have them in any order.
        if (step === MESSAGE) outbox.message(bytes);
        else if (step === HEADER && !inUpdate) outbox.beginUpdate(bytes);
        else if (step === RECT && inUpdate) outbox.updatePart(bytes);
        else if (step === END && inUpdate) outbox.endUpdate();
        else continue;
        if (step === HEADER) inUpdate = true;
        if (step === END) inUpdate = false;
        else given.push(bytes);
      }
      if (inUpdate) outbox.endUpdate();

      assert.equal(sent.length, given.length);
      for (const kind of [MESSAGE, RECT, HEADER]) {
        const ofKind = (bytes: Uint8Array): boolean => bytes[0] === kind;
        assert.deepEqual(sent.filter(ofKind), given.filter(ofKind));
      }
      for (const [i, bytes] of sent.entries()) {
        if (bytes[0] === RECT)
          assert.notEqual(sent[i - 1]![0], MESSAGE, 'a rect follows its header or a rect');
      }
      assert.equal(outbox.sentBytes, given.length * 2);
      assert.equal(outbox.bufferedBytes, given.length * 2);
    }),
  );
});

test('rects are passed to the socket without a copy', () => {
  const { outbox, sent } = create();
  const rect = Uint8Array.of(1, 2, 3);
  outbox.beginUpdate(Uint8Array.of(0));
  outbox.updatePart(rect);
  outbox.endUpdate();
  assert.equal(sent[1], rect);
});

const PORTION = new Uint8Array(MOST_BYTES / 16);
const HEADER_BYTES = Uint8Array.of(0);

/** For each place where bytes wait: puts another portion there. */
const WAITING: Readonly<Record<string, (outbox: Outbox) => void>> = {
  'in the socket': (outbox) => outbox.message(PORTION),
  'for the end of an update': (outbox) => {
    outbox.endUpdate();
    outbox.beginUpdate(HEADER_BYTES);
    outbox.message(PORTION);
  },
  'in work whose result will be sent': (outbox) => void outbox.reserve(PORTION.length),
};

for (const [where, add] of Object.entries(WAITING)) {
  test(`a viewer for which too many bytes wait ${where} is reported once`, () => {
    const { outbox, timesOverfull } = create();
    outbox.beginUpdate(HEADER_BYTES);
    outbox.endUpdate();
    for (let i = 0; i < 14; i++) add(outbox);
    assert.equal(timesOverfull(), 0);
    for (let i = 0; i < 14; i++) add(outbox);
    assert.equal(timesOverfull(), 1);
  });
}

test('messages that wait for the end of an update are counted although the socket is empty', () => {
  const { outbox, drain, timesOverfull } = create();
  outbox.beginUpdate(HEADER_BYTES);
  for (let i = 0; i < 40; i++) {
    drain();
    outbox.message(PORTION);
  }
  assert.equal(timesOverfull(), 1);
});

test('small messages that wait for the end of an update count more than their bytes', () => {
  const { outbox, timesOverfull } = create();
  outbox.beginUpdate(HEADER_BYTES);
  for (let i = 0; i < MOST_BYTES / 256; i++) outbox.message(Uint8Array.of(1));
  assert.equal(timesOverfull(), 1);
});

test('bytes that the viewer has taken do not count', () => {
  const { outbox, drain, timesOverfull } = create();
  for (let i = 0; i < 100; i++) {
    outbox.message(PORTION);
    outbox.reserve(PORTION.length)();
    outbox.beginUpdate(HEADER_BYTES);
    outbox.message(PORTION);
    outbox.endUpdate();
    drain();
  }
  assert.equal(timesOverfull(), 0);
});

test('one picture may wait in addition, up to the largest possible one', () => {
  const { outbox, timesOverfull } = create();
  outbox.beginUpdate(HEADER_BYTES);
  for (let bytes = 0; bytes < MOST_PICTURE_BYTES; bytes += PORTION.length) outbox.updatePart(PORTION);
  outbox.endUpdate();
  assert.equal(timesOverfull(), 0);
});

test('a picture that waits may be as large as the desktop was when it was sent', () => {
  const { outbox, limits, timesOverfull } = create();
  outbox.beginUpdate(HEADER_BYTES);
  for (let bytes = 0; bytes < MOST_PICTURE_BYTES; bytes += PORTION.length) outbox.updatePart(PORTION);
  outbox.endUpdate();
  limits.mostPictureBytes = 1000;
  outbox.message(PORTION);
  outbox.wholeUpdate(HEADER_BYTES);
  assert.equal(timesOverfull(), 0);
});

test('a picture that the viewer has taken leaves no room for other messages', () => {
  const { outbox, drain, timesOverfull } = create();
  outbox.beginUpdate(HEADER_BYTES);
  for (let bytes = 0; bytes < MOST_PICTURE_BYTES; bytes += PORTION.length) outbox.updatePart(PORTION);
  outbox.endUpdate();
  drain();
  for (let bytes = 0; bytes <= MOST_BYTES; bytes += PORTION.length) outbox.message(PORTION);
  assert.equal(timesOverfull(), 1);
});

test('an update that grows without end while the viewer does not read is reported', () => {
  const { outbox, timesOverfull } = create();
  outbox.beginUpdate(HEADER_BYTES);
  for (let bytes = 0; bytes < MOST_PICTURE_BYTES + 2 * MOST_BYTES; bytes += PORTION.length)
    outbox.updatePart(PORTION);
  assert.equal(timesOverfull(), 1);
});

test('only the newest of messages that replace each other is sent, once there is room for it', () => {
  const { outbox, sent, drain, timesOverfull } = create({ bufferedBytes: 100_000 });
  const offer = (value: number): void =>
    outbox.newest('clipboard offer', () => new Uint8Array(MOST_BYTES).fill(value));
  for (let i = 0; i < 100; i++) offer(i);
  assert.equal(sent.length, 0);
  drain();
  assert.deepEqual(
    sent.map((bytes) => bytes[0]),
    [99],
  );
  drain();
  outbox.beginUpdate(HEADER_BYTES);
  offer(1);
  offer(2);
  drain();
  assert.equal(sent.length, 2);
  outbox.endUpdate();
  assert.equal(sent[2]![0], 2);
  assert.equal(timesOverfull(), 0);
});

test('a message that is not worth sending any more is not sent', () => {
  const { outbox, sent } = create();
  outbox.newest('clipboard text', () => undefined);
  assert.equal(sent.length, 0);
});

const LONG = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);

/** The message of KasmVNC's clipboard that holds these bytes. */
const longMessage = (data: Uint8Array): Uint8Array => binaryClipboard([{ id: 1, mime: 'image/png', data }]);

const MESSAGE_LONG = longMessage(LONG);

/** What a viewer reads of all that was sent. */
function readAll(sent: readonly Uint8Array[]): ServerMessage[] {
  const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
  reader.push(Buffer.concat(sent));
  const messages: ServerMessage[] = [];
  for (let message = reader.next(); message; message = reader.next()) messages.push(message);
  return messages;
}

const contentsOf = (messages: readonly ServerMessage[]): Uint8Array[] =>
  messages.flatMap((message) => (message.type === 'binaryClipboard' ? [message.items[0]!.data] : []));

test('a long message leaves in portions, one each time that the socket is empty, and arrives as it was', () => {
  const { outbox, sent, drain, link } = create({ takesPortions: true });
  outbox.newest('clipboard offer', () => MESSAGE_LONG);
  for (let drains = 0; contentsOf(readAll(sent)).length === 0; drains++) {
    assert.ok(outbox.bufferedBytes <= 48 * 1024 + 8, 'one portion at a time');
    assert.ok(drains < 10);
    drain();
  }
  assert.deepEqual(contentsOf(readAll(sent)), [LONG]);
  assert.equal(link.sentBytes, outbox.sentBytes);
});

test('other messages and updates leave between two portions, and no portion within an update', () => {
  const { outbox, sent, drain } = create({ takesPortions: true });
  outbox.newest('clipboard offer', () => MESSAGE_LONG);
  for (let i = 0; i < 10; i++) {
    outbox.beginUpdate(updateHeader(1));
    drain();
    outbox.updatePart(copyRect(0, 0, 1, 1, i, i));
    drain();
    outbox.endUpdate();
    outbox.message(bell());
    drain();
  }
  const messages = readAll(sent);
  assert.deepEqual(contentsOf(messages), [LONG]);
  const at = messages.findIndex(({ type }) => type === 'binaryClipboard');
  const before = messages.slice(0, at).filter(({ type }) => type === 'bell');
  assert.ok(before.length >= 2, `${before.length} bells before the last portion`);
});

test('while the link has no room, each update is followed by one portion, which takes the link 10 ms', () => {
  const { outbox, sent, drain, link } = create({ takesPortions: true });
  link.hasRoom = false;
  link.limitingRate = 1000;
  outbox.newest('clipboard offer', () => MESSAGE_LONG);
  assert.equal(sent.length, 0);
  for (let i = 1; i <= 5; i++) {
    outbox.beginUpdate(updateHeader(0));
    outbox.endUpdate();
    for (let turn = 0; turn < 3; turn++) drain();
    assert.equal(link.sentBytes, i * (10_000 + 8));
  }
  link.hasRoom = true;
  outbox.linkHasRoom();
  assert.equal(link.sentBytes, 6 * (10_000 + 8));
});

test('of a long message that is not worth sending any more, no further byte leaves, and the next one arrives', () => {
  const clipboardBytes = new ByteBudget(2 * MESSAGE_LONG.length);
  const { outbox, sent, drain } = create({ takesPortions: true, clipboardBytes });
  let isWanted = true;
  outbox.newest('clipboard text', () => (isWanted ? MESSAGE_LONG : undefined));
  drain();
  isWanted = false;
  const sentBytes = outbox.sentBytes;
  for (let turn = 0; turn < 5; turn++) drain();
  assert.equal(outbox.sentBytes, sentBytes + 8, 'the viewer is told to drop it');
  assert.equal(clipboardBytes.takenBytes, 0);
  const newer = LONG.toReversed();
  const newerMessage = longMessage(newer);
  outbox.newest('clipboard offer', () => newerMessage);
  for (let turn = 0; turn < 10; turn++) drain();
  assert.deepEqual(contentsOf(readAll(sent)), [newer]);
});

test('a newer message of the same kind replaces one that is on its way in portions', () => {
  const clipboardBytes = new ByteBudget(2 * MESSAGE_LONG.length);
  const { outbox, sent, drain } = create({ takesPortions: true, clipboardBytes });
  outbox.newest('clipboard offer', () => MESSAGE_LONG);
  drain();
  const newer = LONG.toReversed();
  const newerMessage = longMessage(newer);
  outbox.newest('clipboard offer', () => newerMessage);
  for (let turn = 0; turn < 10; turn++) drain();
  assert.deepEqual(contentsOf(readAll(sent)), [newer]);
  assert.equal(clipboardBytes.takenBytes, 0);
});

test('a long message of another kind waits until the one in portions has arrived', () => {
  const { outbox, sent, drain } = create({ takesPortions: true });
  const other = LONG.toReversed();
  const otherMessage = longMessage(other);
  outbox.newest('clipboard offer', () => MESSAGE_LONG);
  drain();
  outbox.newest('clipboard text', () => otherMessage);
  for (let turn = 0; turn < 20; turn++) drain();
  assert.deepEqual(contentsOf(readAll(sent)), [LONG, other]);
});

test('what is still to be sent of a message in portions counts as waiting for the viewer', () => {
  const { outbox, timesOverfull } = create({ takesPortions: true });
  const tooLong = longMessage(new Uint8Array(MOST_BYTES));
  outbox.newest('clipboard offer', () => tooLong);
  assert.equal(timesOverfull(), 1);
});
