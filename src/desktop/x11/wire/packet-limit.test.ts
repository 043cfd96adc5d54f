import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacketLimit } from './packet-limit.ts';

/** The answer to the first message, with one word behind its head. */
const SETUP = Buffer.alloc(12, 1);
SETUP.writeUInt16LE(1, 6);

function reply(words: number, bytes = 32 + words * 4): Buffer {
  const packet = Buffer.alloc(bytes, 0xff);
  packet[0] = 1;
  packet.writeUInt32LE(words, 4);
  return packet;
}

/** An event has other facts where a reply has its length. */
const EVENT = Buffer.alloc(32, 0xff);
EVENT[0] = 28;

const STREAM = Buffer.concat([SETUP, reply(2), EVENT, reply(0), reply(8), EVENT]);

test('packets of an X server up to the limit are let through however the stream is split', () => {
  for (let at = 0; at <= STREAM.length; at++) {
    const limit = new PacketLimit(64);
    for (const part of [STREAM.subarray(0, at), STREAM.subarray(at)]) limit.read(part);
  }
  const limit = new PacketLimit(64);
  for (const byte of STREAM) limit.read(Buffer.of(byte));
});

test('a packet that is longer than the limit is refused when its head has been read', () => {
  for (const words of [9, 0xffff_ffff]) {
    const limit = new PacketLimit(64);
    limit.read(STREAM);
    const head = reply(words, 32);
    limit.read(head.subarray(0, 7));
    assert.throws(() => limit.read(head.subarray(7)), { code: 'DESKTOP_X_ERROR' });
  }
});
