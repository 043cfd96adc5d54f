import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import * as ws from 'ws';
import { type OutgoingMessage, OutgoingMessages } from './outgoing-messages.ts';

/** The package's own reader of frames, which its types leave out. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** What a WebSocket makes of frames. */
async function received(messages: readonly OutgoingMessage[]): Promise<Buffer[]> {
  const receiver = new Receiver({ isServer: false, binaryType: 'nodebuffer' });
  const heard: Buffer[] = [];
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    assert.ok(isBinary);
    heard.push(data);
  });
  for (const { frame } of messages) receiver.write(frame);
  receiver.end();
  await once(receiver, 'finish');
  return heard;
}

const filled = (bytes: number, value: number): Uint8Array => new Uint8Array(bytes).fill(value);

test('whatever the bytes are cut into, a WebSocket reads the same, in messages of 64 KiB at most', async () => {
  const length = fc.oneof(fc.nat(300), fc.constantFrom(125, 126, 65_532, 65_533), fc.nat(200_000));
  await fc.assert(
    fc.asyncProperty(fc.array(length, { maxLength: 8 }), async (lengths) => {
      const outgoing = new OutgoingMessages();
      const pieces = lengths.map((bytes, i) => filled(bytes, i + 1));
      for (const piece of pieces) outgoing.add(piece);
      const messages = outgoing.take();
      for (const { frame, payloadBytes } of messages) {
        assert.ok(frame.length <= 64 * 1024);
        assert.ok(payloadBytes > 0 && frame.length - payloadBytes <= 4);
      }
      assert.deepEqual(Buffer.concat(await received(messages)), Buffer.concat(pieces));
      assert.deepEqual(outgoing.take(), []);
    }),
    { numRuns: 60 },
  );
});

test('it keeps its own copy, and uses memory again once it is given back', async () => {
  const outgoing = new OutgoingMessages();
  const bytes = filled(40_000, 7);
  outgoing.add(bytes);
  bytes.fill(8);
  const [first] = outgoing.take();
  outgoing.add(bytes);
  const [second] = outgoing.take();
  assert.notEqual(second!.memory, first!.memory);
  assert.deepEqual(await received([first!, second!]), [Buffer.alloc(40_000, 7), Buffer.alloc(40_000, 8)]);
  outgoing.recycle(first!);
  outgoing.add(bytes);
  assert.equal(outgoing.take()[0]!.memory, first!.memory);
});

test('many short messages take about as much memory as they are long', () => {
  const outgoing = new OutgoingMessages();
  const buffers = new Set<ArrayBufferLike>();
  for (let i = 0; i < 100; i++) {
    outgoing.add(filled(5000, i));
    const [message] = outgoing.take();
    assert.equal(message!.memory, undefined);
    buffers.add(message!.frame.buffer);
  }
  const bytes = [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0);
  assert.ok(bytes < 2 * 100 * 5000, String(bytes));
});
