import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketInput } from './packet-input.ts';

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
