import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import * as ws from 'ws';
import { type OutgoingMessage, OutgoingMessages } from './outgoing-messages.ts';

/** The package's own reader of frames, which its types leave out. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

/** Reads frames as a WebSocket does. */
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

function all(outgoing: OutgoingMessages): OutgoingMessage[] {
  const messages: OutgoingMessage[] = [];
  for (let message = outgoing.next(); message; message = outgoing.next()) messages.push(message);
  return messages;
}

const filled = (bytes: number, value: number): Uint8Array => new Uint8Array(bytes).fill(value);

test('bytes added in any portions are read unchanged by a WebSocket, in messages of 64 KiB at most', async () => {
  const length = fc.oneof(fc.nat(300), fc.constantFrom(125, 126, 65_532, 65_533), fc.nat(200_000));
  await fc.assert(
    fc.asyncProperty(fc.array(length, { maxLength: 8 }), async (lengths) => {
      const outgoing = new OutgoingMessages();
      const pieces = lengths.map((bytes, i) => filled(bytes, i + 1));
      for (const piece of pieces) outgoing.add(piece);
      const messages = all(outgoing);
      for (const { frame, payloadBytes } of messages) {
        assert.ok(frame.length <= 64 * 1024);
        assert.ok(payloadBytes > 0 && frame.length - payloadBytes <= 4);
      }
      assert.deepEqual(Buffer.concat(await received(messages)), Buffer.concat(pieces));
      assert.equal(outgoing.next(), undefined);
    }),
    { numRuns: 60 },
  );
});

test('added bytes are copied, and memory is used again once it is recycled', async () => {
  const outgoing = new OutgoingMessages();
  const bytes = filled(40_000, 7);
  outgoing.add(bytes);
  bytes.fill(8);
  const first = outgoing.next();
  outgoing.add(bytes);
  const second = outgoing.next();
  assert.notEqual(second!.memory, first!.memory);
  assert.deepEqual(await received([first!, second!]), [Buffer.alloc(40_000, 7), Buffer.alloc(40_000, 8)]);
  outgoing.recycle(first!);
  outgoing.add(bytes);
  assert.equal(outgoing.next()!.memory, first!.memory);
});

test('bytes added while no message is taken share messages', () => {
  const outgoing = new OutgoingMessages();
  for (let i = 0; i < 1000; i++) outgoing.add(filled(100, i));
  assert.deepEqual(
    all(outgoing).map(({ payloadBytes }) => payloadBytes),
    [64 * 1024 - 4, 100_000 - 64 * 1024 + 4],
  );
});

test('bytes that are added alone share no message with others', async () => {
  const outgoing = new OutgoingMessages();
  const pieces = [filled(10, 1), filled(20, 2), filled(70_000, 3), filled(5, 4), filled(6, 5)];
  const [joined, alone, longAlone, second, third] = pieces;
  outgoing.add(joined!);
  outgoing.addAlone(alone!);
  outgoing.addAlone(longAlone!);
  outgoing.add(second!);
  outgoing.add(third!);
  const messages = all(outgoing);
  const heard = await received(messages);
  assert.deepEqual(
    heard.map(({ length }) => length),
    [10, 20, 65_532, 4_468, 11],
  );
  assert.deepEqual(Buffer.concat(heard), Buffer.concat(pieces));
  assert.ok(messages[1]!.memory.length < 64, 'a short message takes little memory');
});

test('bytes that stay as they are come in their order, and take memory one message at a time', async () => {
  const outgoing = new OutgoingMessages();
  const pieces = [filled(10, 1), filled(200_000, 2), filled(20, 3), filled(70_000, 4), filled(100, 5)];
  const [first, large, between, other, small] = pieces;
  outgoing.add(first!);
  outgoing.addLasting(large!);
  outgoing.add(between!);
  outgoing.addLasting(other!);
  outgoing.addLasting(small!);
  const memories = new Set<Buffer>();
  const heard: Buffer[] = [];
  for (let message = outgoing.next(); message; message = outgoing.next()) {
    // A copy: the memory is used again.
    heard.push(...(await received([message])).map((bytes) => Buffer.from(bytes)));
    memories.add(message.memory);
    outgoing.recycle(message);
  }
  assert.deepEqual(
    heard.map(({ length }) => length),
    [10, 65_532, 65_532, 65_532, 3_404, 20, 65_532, 4_468, 100],
  );
  assert.deepEqual(Buffer.concat(heard), Buffer.concat(pieces));
  assert.ok(memories.size <= 4, `${memories.size} pieces of memory`);
});
