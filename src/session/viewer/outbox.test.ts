import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteBudget } from '../../common/byte-budget.ts';
import { Outbox } from './outbox.ts';
import type { ViewerTransport } from './transport.ts';

const MOST_BYTES = 1 << 20;
const MOST_PICTURE_BYTES = 4 << 20;

/** An outbox with a socket that by default takes nothing before `drain`. */
function create({ bufferedBytes = 0, clipboardBytes = new ByteBudget(64 << 20) } = {}) {
  const sent: Uint8Array[] = [];
  const drains: (() => void)[] = [];
  let overfull = 0;
  const limits = { mostPictureBytes: MOST_PICTURE_BYTES };
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
  });
  const drain = (): void => {
    transport.bufferedBytes = 0;
    for (const listener of drains) listener();
  };
  return { outbox, sent, drain, limits, timesOverfull: () => overfull };
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
