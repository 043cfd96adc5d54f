import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_PACKET_BYTES, PacketInput } from './packet-input.ts';

const EVENT = Buffer.alloc(32, 0x55);
EVENT[0] = 0x80 | 91;
const REPLY = Buffer.alloc(32 + 12, 0x77);
REPLY[0] = 1;
REPLY.writeUInt32LE(3, 4);
const REFUSAL = Buffer.alloc(32);
const STREAM = Buffer.concat([REPLY, EVENT, REFUSAL, REPLY]);

function read(input: PacketInput, bytes: Uint8Array): Buffer[] {
  const packets: Buffer[] = [];
  let from = 0;
  while (from < bytes.length) {
    const room = input.room();
    const part = bytes.subarray(from, from + room.length);
    room.set(part);
    input.filled(part.length);
    from += part.length;
    for (let packet = input.take(); packet; packet = input.take()) packets.push(Buffer.from(packet));
  }
  return packets;
}

test('packets of an X server are found however its stream is split', () => {
  for (let at = 0; at <= STREAM.length; at++) {
    const input = new PacketInput(64 * 1024);
    const packets = [...read(input, STREAM.subarray(0, at)), ...read(input, STREAM.subarray(at))];
    assert.deepEqual(packets, [REPLY, EVENT, REFUSAL, REPLY], `split at ${at}`);
  }
});

test('a reply that is larger than the memory it is read into arrives whole', () => {
  const large = Buffer.alloc(1_000_032, 3);
  large[0] = 1;
  large.writeUInt32LE(250_000, 4);
  const packets = read(new PacketInput(64 * 1024), Buffer.concat([EVENT, large, EVENT]));
  assert.equal(packets.length, 3);
  assert.ok(packets[1]!.equals(large));
});

test('packets that were taken keep their bytes until the next read, also when an unfinished one needs room', () => {
  const input = new PacketInput(64 * 1024);
  const packets = Buffer.concat(Array.from({ length: 2000 }, () => EVENT));
  for (let i = 0; i < 2000; i++) packets.writeUInt32LE(i, i * EVENT.length + 4);
  packets.copy(input.room());
  // Too little room is left behind the last packet.
  input.filled(packets.length - 10);
  const taken: Buffer[] = [];
  for (let packet = input.take(); packet; packet = input.take()) taken.push(packet);
  const copies = taken.map((packet) => Buffer.from(packet));
  assert.equal(taken.length, 1999);
  packets.copy(input.room(), 0, packets.length - 10);
  input.filled(10);
  assert.equal(input.take()?.readUInt32LE(4), 1999);
  assert.deepEqual(taken, copies);
});

test('the memory for packets shrinks when a large reply has been taken', () => {
  const large = Buffer.alloc(1_000_032, 3);
  large[0] = 1;
  large.writeUInt32LE(250_000, 4);
  for (const behind of [0, 20]) {
    const input = new PacketInput(64 * 1024);
    assert.equal(read(input, Buffer.concat([large, EVENT.subarray(0, behind)])).length, 1);
    assert.equal(read(input, EVENT.subarray(behind)).length, 1);
    assert.equal(input.room().length, 64 * 1024, `${behind} bytes behind the reply`);
  }
});

test('a packet that is longer than any that is asked for is refused before memory is taken for it', () => {
  const input = new PacketInput(64 * 1024);
  const head = Buffer.from(REPLY.subarray(0, 32));
  head.writeUInt32LE((MOST_PACKET_BYTES - 32) / 4 + 1, 4);
  assert.throws(() => read(input, head), { code: 'DESKTOP_X_ERROR' });
});
