import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, createDeflate } from 'node:zlib';
import { ZlibStreams } from './zlib-streams.ts';

/** Deflates each piece with a sync flush, as a Tight encoder does. */
function pieces(): (data: Uint8Array) => Promise<Uint8Array> {
  const deflate = createDeflate();
  const out: Buffer[] = [];
  deflate.on('data', (chunk) => out.push(chunk));
  return (data) =>
    new Promise((resolve) => {
      deflate.write(data);
      deflate.flush(constants.Z_SYNC_FLUSH, () => resolve(Buffer.concat(out.splice(0))));
    });
}

const noise = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, i) => ((i * seed * 2654435761) >>> (i % 7)) & 0x1f);

test('pieces of a zlib stream build on each other, and streams are independent', async () => {
  const streams = new ZlibStreams();
  const first = pieces();
  const second = pieces();
  for (const [seed, length] of [12, 40_000, 200_000, 13].entries()) {
    const data = noise(length, seed + 1);
    assert.deepEqual(streams.inflate(0, await first(data), length), data);
    assert.deepEqual(streams.inflate(3, await second(data), length), data);
  }
});

test('a reset starts a new zlib stream', async () => {
  const streams = new ZlibStreams();
  const data = noise(500, 3);
  assert.deepEqual(streams.inflate(1, await pieces()(data), 500), data);
  streams.reset(1);
  assert.deepEqual(streams.inflate(1, await pieces()(data), 500), data);
});

test('damaged or short zlib data throws', async () => {
  const data = noise(500, 5);
  const piece = await pieces()(data);
  assert.throws(() => new ZlibStreams().inflate(0, piece, 501), /missing/);
  assert.throws(() => new ZlibStreams().inflate(0, piece.subarray(0, 60), 500), /damaged/);
  assert.throws(() => new ZlibStreams().inflate(0, Uint8Array.of(1, 2, 3, 4), 4), /damaged/);
});
