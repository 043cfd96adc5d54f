import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import * as ws from 'ws';
import { IncomingFrames } from './incoming-frames.ts';

/** The package's own reader and writer of frames, which its types leave out. */
const { Receiver, Sender } = ws as unknown as {
  Receiver: new (options: object) => Writable;
  Sender: { frame(data: Buffer, options: object): Buffer[] };
};

const MOST_BYTES = 2 << 20;
const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const PING = 9;

/** A frame as a client sends it. */
const frame = (opcode: number, data: Buffer, fin = true): Buffer =>
  Buffer.concat(Sender.frame(Buffer.from(data), { opcode, fin, mask: true, rsv1: false }));

const filled = (bytes: number, from: number): Buffer =>
  Buffer.alloc(bytes, Buffer.from([from, 1, 2, 3, 5, 8, 13]));

/** What a reader of frames hears. */
async function heard(
  pieces: readonly Buffer[],
): Promise<{ events: string[]; bytes: Buffer; longest: number }> {
  const receiver = new Receiver({ isServer: true, binaryType: 'nodebuffer', maxPayload: MOST_BYTES });
  const events: string[] = [];
  const binary: Buffer[] = [];
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) binary.push(data);
    else events.push(`text ${data}`);
  });
  // RFB is a stream: where a control frame stands in it does not matter, but the order of control frames does.
  for (const event of ['ping', 'pong', 'conclude'])
    receiver.on(event, (data) => events.push(`${event} ${data}`));
  receiver.on('error', ({ message }) => events.push(message));
  for (const piece of pieces) if (receiver.writable) receiver.write(Buffer.from(piece));
  if (receiver.writable) receiver.end();
  if (!receiver.closed) await once(receiver, 'close').catch(() => undefined);
  return {
    events,
    bytes: Buffer.concat(binary),
    longest: Math.max(0, ...binary.map(({ length }) => length)),
  };
}

/** Cuts bytes into portions of these lengths, over and over. */
function portions(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length]!;
    cut.push(bytes.subarray(at, at + length));
    at += length;
  }
  return cut;
}

const payload = fc.record({
  length: fc.oneof(fc.nat(200), fc.integer({ min: 1000, max: 70_000 })),
  from: fc.nat(255),
});
const control = fc.record({ kind: fc.constant('ping' as const), length: fc.nat(125), from: fc.nat(255) });
const message = fc.record({
  kind: fc.constantFrom('binary' as const, 'binary' as const, 'text' as const),
  parts: fc.array(payload, { minLength: 1, maxLength: 4 }),
  pings: fc.array(fc.nat(3), { maxLength: 2 }),
});

test('a WebSocket reads the same bytes and events with rewritten frames, however its bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(control, message), { maxLength: 6 }),
      fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20_000 })), {
        minLength: 1,
        maxLength: 5,
      }),
      async (sequence, lengths) => {
        const sent = sequence.flatMap((one) => {
          if (one.kind === 'ping') return [frame(PING, filled(one.length, one.from))];
          return one.parts.flatMap(({ length, from }, i) => {
            const opcode = i > 0 ? CONTINUATION : one.kind === 'text' ? TEXT : BINARY;
            // Text is to be UTF-8.
            const data = one.kind === 'text' ? Buffer.alloc(length, 97) : filled(length, from);
            const pings = one.pings.filter((at) => at === i).map(() => frame(PING, Buffer.from('between')));
            return [frame(opcode, data, i === one.parts.length - 1), ...pings];
          });
        });
        const cut = portions(Buffer.concat(sent), lengths);
        const frames = new IncomingFrames(MOST_BYTES);
        const rewritten = cut.flatMap((chunk) => frames.take(Buffer.from(chunk)));
        const [plain, streamed] = [await heard(cut), await heard(rewritten)];
        assert.deepEqual(streamed.events, plain.events);
        assert.ok(streamed.bytes.equals(plain.bytes));
        assert.equal(frames.partBytes, 0);
      },
    ),
    { numRuns: 40 },
  );
});

test('a long message is handed on portion by portion as it arrives, in one frame or in parts', async () => {
  const data = filled(1_000_001, 7);
  const inParts = [
    frame(BINARY, data.subarray(0, 300_001), false),
    frame(CONTINUATION, data.subarray(300_001, 300_002), false),
    frame(CONTINUATION, data.subarray(300_002), false),
    frame(CONTINUATION, Buffer.alloc(0)),
  ];
  for (const sent of [frame(BINARY, data), Buffer.concat(inParts)]) {
    const frames = new IncomingFrames(MOST_BYTES);
    const rewritten: Buffer[] = [];
    let most = 0;
    for (const chunk of portions(sent, [16_384])) {
      const before = rewritten.length;
      rewritten.push(...frames.take(chunk));
      assert.ok(rewritten.length > before, 'nothing is held back');
      most = Math.max(most, frames.partBytes);
    }
    const { bytes, longest } = await heard(rewritten);
    assert.ok(bytes.equals(data));
    assert.ok(longest <= 16_384, `${longest} bytes`);
    assert.ok(most > 980_000, `${most} bytes of the message were counted`);
    assert.equal(frames.partBytes, 0);
  }
});

test('short messages are passed on in the memory in which they were read', () => {
  const chunk = Buffer.concat([
    frame(BINARY, filled(10, 1)),
    frame(PING, Buffer.alloc(0)),
    frame(BINARY, filled(60_000, 2)),
  ]);
  const [only, ...others] = new IncomingFrames(MOST_BYTES).take(chunk);
  assert.equal(only, chunk);
  assert.deepEqual(others, []);
});

test('a reader of rewritten frames finds the faults that are in them', async () => {
  const long = filled(100_000, 3);
  const unmasked = Buffer.concat(Sender.frame(long, { opcode: BINARY, fin: true, mask: false, rsv1: false }));
  const reserved = frame(BINARY, long);
  reserved[0]! |= 0x40;
  const endless = Buffer.concat([Buffer.from([0x82, 0xff]), Buffer.alloc(8, 0xff), Buffer.alloc(4)]);
  const cases: [RegExp, Buffer][] = [
    [/MASK must be set/, unmasked],
    [/RSV1 must be clear/, reserved],
    [/Max payload size exceeded/, frame(BINARY, filled(MOST_BYTES + 1, 3))],
    [/payload length|Max payload/, endless],
    [/invalid opcode 0/, frame(CONTINUATION, long)],
    [/invalid opcode/, frame(3, long)],
    [
      /invalid opcode 0/,
      Buffer.concat([frame(BINARY, long, false), frame(CONTINUATION, filled(MOST_BYTES + 1, 3))]),
    ],
  ];
  for (const [fault, bytes] of cases) {
    const frames = new IncomingFrames(MOST_BYTES);
    const { events } = await heard(portions(bytes, [16_384]).flatMap((chunk) => frames.take(chunk)));
    assert.match(events.join(), fault);
  }
});
