import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { loadZstd } from './zstd.ts';

const text = (length: number) => Uint8Array.from({ length }, (_, i) => (Math.imul(i, i) >>> 5) & 0x1f);

test('the decoder of zstd is loaded again after a load that failed, such as without a network', async () => {
  await assert.rejects(
    loadZstd(() => Promise.reject(new Error('offline'))),
    { message: 'offline' },
  );
  await loadZstd();
});

test('frames of zstd are decompressed in any order', async () => {
  const unzstd = await loadZstd();
  for (const length of [1, 12, 400_000, 13, 2_000_000])
    assert.deepEqual(Buffer.from(unzstd(zstdCompressSync(text(length)), length)), Buffer.from(text(length)));
});

test('a frame of zstd that is damaged, cut or of another length throws', async () => {
  const unzstd = await loadZstd();
  const frame = zstdCompressSync(text(5000));
  for (const length of [0, 4999, 5001]) assert.throws(() => unzstd(frame, length), /damaged/);
  assert.throws(() => unzstd(frame.subarray(0, 60), 5000), /damaged/);
  assert.throws(() => unzstd(Uint8Array.of(1, 2, 3, 4), 4), /damaged/);
  assert.throws(() => unzstd(new Uint8Array(0), 100), /damaged/);
  // The decoder works on.
  assert.equal(unzstd(frame, 5000).length, 5000);
});

test('pixels for which there is no memory throw, and damage nothing', async () => {
  const unzstd = await loadZstd();
  const frame = zstdCompressSync(text(5000));
  for (let i = 0; i < 3; i++) assert.throws(() => unzstd(frame, 3 * 2 ** 30), /no memory/);
  assert.deepEqual(Buffer.from(unzstd(frame, 5000)), Buffer.from(text(5000)));
});
