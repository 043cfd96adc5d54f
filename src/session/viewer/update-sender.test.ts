import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteBudget } from '../../common/byte-budget.ts';
import { RECTS_UNTIL_LAST } from '../../protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { ServerMessageReader } from '../../protocol/server-message-reader.ts';
import { copyRect, lastRect, qemuKeyRect, updateHeader } from '../../protocol/server-messages.ts';
import type { ShownFrame } from '../frame/taker.ts';
import { ViewerPicture } from '../picture/viewer-picture.ts';
import { FrameReports } from './frame-reports.ts';
import { UpdateSender } from './update-sender.ts';

const SIZE = { width: 64, height: 64 };
const RECT = copyRect(0, 0, 1, 1, 1, 1);
/** More than an update's count can say. */
const MANY_RECTS = 70_000;

/** A sender, and its updates as a viewer reads them: the number of rects of each. */
function create() {
  const sent: Uint8Array[] = [];
  let failures = 0;
  let counted = 0;
  let mayRead = true;
  const picture = new ViewerPicture(SIZE, {
    areaPercent: 100,
    timeMs: 5000,
    outTimeMs: 3000,
    qualityLevel: 5,
    maxSize: SIZE,
    filter: 'area',
  });
  const sender = new UpdateSender({
    picture,
    mayRead: () => mayRead,
    encoder: undefined,
    reports: new FrameReports(),
    limitMs: 16,
    transport: {
      bufferedBytes: 0,
      send: (bytes) => sent.push(bytes),
      sendLasting: (bytes) => sent.push(bytes),
      kernelCounts: () => {
        counted++;
        return undefined;
      },
      pauseReading: () => undefined,
      resumeReading: () => undefined,
      limitMessages: () => undefined,
      onData: () => undefined,
      onRead: () => undefined,
      onDrain: () => undefined,
      onClose: () => undefined,
      close: () => undefined,
    },
    mostBytes: () => 1 << 20,
    mostPictureBytes: () => 1 << 20,
    overfull: () => undefined,
    clipboardBytes: new ByteBudget(1 << 20),
    wake: () => undefined,
    failed: () => failures++,
  });
  const send = (rects: number): void => {
    const update = sender.begin(rects);
    const part = update.part([]);
    for (let i = 0; i < rects; i++) part.rect(RECT);
    update.end(1, []);
  };
  const received = (): number[] => {
    const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
    reader.push(Buffer.concat(sent));
    const counts: number[] = [];
    for (let message = reader.next(); message; message = reader.next()) {
      if (message.type === 'updateStart') counts.push(0);
      if (message.type === 'rect' && message.body.kind === 'copyRect') counts[counts.length - 1]!++;
    }
    return counts;
  };
  const revokeRead = (): void => {
    mayRead = false;
  };
  return {
    sender,
    picture,
    send,
    sent,
    received,
    revokeRead,
    failures: () => failures,
    counted: () => counted,
  };
}

test('more rects than the count of an update can hold are sent as several updates', () => {
  const { send, received } = create();
  send(MANY_RECTS);
  send(3);
  assert.deepEqual(received(), [65_534, MANY_RECTS - 65_534, 3]);
});

test('more rects than the count can hold are one update for a viewer that supports LastRect', () => {
  const { sender, send, received } = create();
  sender.lastRect = 'if needed';
  send(MANY_RECTS);
  send(3);
  assert.deepEqual(received(), [MANY_RECTS, 3]);
});

test('each update to KasmVNC’s page ends with a LastRect, one that was made in one piece too', () => {
  const { sender, send, sent } = create();
  sender.lastRect = 'always';
  send(3);
  sender.wholeUpdate([RECT]);
  sender.lastRect = 'if needed';
  send(1);
  const stream = Buffer.concat(sent);
  const unknown = Buffer.from(updateHeader(RECTS_UNTIL_LAST));
  const whole = [unknown, RECT, RECT, RECT, lastRect(), unknown, RECT, lastRect(), updateHeader(1), RECT];
  assert.deepEqual(stream, Buffer.concat(whole));
});

test('an update that ends with a LastRect can be cut short, and its further rects are dropped', () => {
  const { sender, sent } = create();
  assert.equal(sender.cutShort(), true, 'no update is being sent');
  sender.lastRect = 'always';
  const update = sender.begin(2);
  const part = update.part([]);
  part.rect(RECT);
  sender.outbox.message(Uint8Array.of(1));
  assert.equal(sender.cutShort(), true);
  part.rect(RECT);
  update.end(1, []);
  assert.deepEqual(
    Buffer.concat(sent),
    Buffer.concat([updateHeader(RECTS_UNTIL_LAST), RECT, lastRect(), Uint8Array.of(1)]),
  );
  sender.lastRect = 'never';
  sender.begin(2);
  assert.equal(sender.cutShort(), false);
});

test('rects of the viewer itself, such as its cursor, count in an update, too', () => {
  const { sender, send, received } = create();
  sender.announce(qemuKeyRect());
  sender.sendCursor(() => RECT);
  send(65_534);
  assert.deepEqual(received(), [65_534 - 1, 2]);
});

test('an update that failed ends the connection', () => {
  const { sender, failures } = create();
  sender.begin(1);
  sender.failed();
  assert.equal(failures(), 1);
});

test('a cursor is made when an update begins, however often it changed', () => {
  const { sender, send } = create();
  let made = 0;
  for (let i = 0; i < 1000; i++) {
    sender.sendCursor(() => {
      made++;
      return RECT;
    });
  }
  assert.equal(sender.lacksSomething, true);
  send(0);
  assert.equal(made, 1);
  assert.equal(sender.lacksSomething, false);
});

test('a viewer that loses read while an update is sent to it is sent no more of the picture', () => {
  const { sender, picture, revokeRead } = create();
  const shown: ShownFrame = {
    size: SIZE,
    webpPx: 0,
    colours: new Uint16Array(1),
    isMoving: () => false,
    isStill: () => true,
    cursor: undefined,
  };
  picture.all(SIZE);
  assert.equal(sender.take(shown).owed.tiles.isEmpty, false);
  picture.all(SIZE);
  revokeRead();
  const { owed } = sender.take(shown);
  assert.ok(owed.tiles.isEmpty && owed.copies.length === 0 && !owed.sharpening);
  assert.equal(picture.lacksSomething, false);
});

test('the system is asked for lost packets when an update begins, and not again with each of the next ones', (t) => {
  const { send, sender, counted } = create();
  // Fences are waited for.
  t.after(() => sender.close());
  sender.flow.fences = true;
  assert.equal(counted(), 0);
  const startedAtMs = performance.now();
  for (let i = 0; i < 100; i++) send(1);
  const counts = 1 + Math.floor((performance.now() - startedAtMs) / 250);
  assert.ok(counted() >= 1 && counted() <= counts, `${counted()} counts`);
});
