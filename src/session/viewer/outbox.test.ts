import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Outbox } from './outbox.ts';
import type { ViewerTransport } from './transport.ts';

function outboxWith(sent: Uint8Array[]): Outbox {
  const transport: ViewerTransport = {
    bufferedBytes: 7,
    send: (bytes) => sent.push(bytes),
    onData: () => undefined,
    onDrain: () => undefined,
    onClose: () => undefined,
    close: () => undefined,
  };
  return new Outbox(transport);
}

const HEADER = 0;
const RECT = 1;
const MESSAGE = 2;
const END = 3;

test('nothing ever stands between the rects of an update, and nothing is lost or overtaken', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(HEADER, RECT, MESSAGE, END)), (steps) => {
      const sent: Uint8Array[] = [];
      const outbox = outboxWith(sent);
      let inUpdate = false;
      const given: Uint8Array[] = [];
      for (const [i, step] of steps.entries()) {
        const bytes = Uint8Array.of(step, i);
        // Updates begin and end in turn, whatever the list says.
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
      assert.equal(outbox.bufferedBytes, 7);
    }),
  );
});

test('bytes are handed on as they are, without a copy', () => {
  const sent: Uint8Array[] = [];
  const outbox = outboxWith(sent);
  const rect = Uint8Array.of(1, 2, 3);
  outbox.beginUpdate(Uint8Array.of(0));
  outbox.updatePart(rect);
  outbox.endUpdate();
  assert.equal(sent[1], rect);
});

test('messages that are not taken are counted, pictures are not', () => {
  const sent: Uint8Array[] = [];
  const outbox = outboxWith(sent);
  const large = new Uint8Array(16 << 20);
  outbox.beginUpdate(Uint8Array.of(0));
  for (let i = 0; i < 4; i++) outbox.updatePart(large);
  outbox.message(large);
  outbox.endUpdate();
  assert.equal(outbox.isOverfull, false);
  outbox.message(large.subarray(0, 15 << 20));
  assert.equal(outbox.isOverfull, false);
  outbox.message(large.subarray(0, 1 << 20));
  assert.equal(outbox.isOverfull, true);
});
