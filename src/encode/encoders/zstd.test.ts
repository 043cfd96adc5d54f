import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { zstdDecompressSync } from 'node:zlib';
import { PACKED_BYTES } from '../../pixels/shared-frame.ts';
import { compressInNewContext, compressZstd, makeNewContexts } from './zstd.ts';
import { createZstdContext } from './zstd-context.ts';

/** The levels of zstd that zlib's levels 1 and 3 stand for. */
const LEVELS = [1, 3];

/** Pseudo-random bytes of `values` different values, in shared WebAssembly memory, at an odd offset. */
function packed(length: number, values: number): Uint8Array {
  const pages = Math.ceil((length + 1) / 65_536);
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const bytes = new Uint8Array(buffer, 1, length);
  let random = length + 1;
  for (let i = 0; i < length; i++) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = (random >>> 16) % values;
  }
  return bytes;
}

test('a kept context of zstd makes the same frame as a new one, after any other data and level', () => {
  const compress = createZstdContext(3);
  assert.ok(compress);
  for (const length of [0, 1, 300_000, 8192, 100, PACKED_BYTES, 65_537, 131_072, 1_000_001]) {
    for (const values of [2, 17, 256]) {
      const data = packed(length, values);
      for (const level of LEVELS) {
        const frame = compress(data, level);
        assert.ok(frame, `${length} bytes of ${values} values`);
        const same = Buffer.from(compressInNewContext(data, level)).equals(frame);
        const whole = zstdDecompressSync(frame).equals(data);
        assert.ok(same && whole, `${length} bytes of ${values} values at level ${level}`);
      }
    }
  }
});

test('more data than a kept context of zstd has room for is compressed in a new one', () => {
  const data = packed(PACKED_BYTES + 65_536, 256);
  assert.equal(createZstdContext(3)!(data, 1), undefined);
  assert.ok(zstdDecompressSync(compressZstd(data, 1)).equals(data));
});

test('no context of zstd is kept whose memory would be above the limit', () => {
  assert.equal(createZstdContext(22), undefined);
});

test('compressing rects by zstd allocates no memory outside the heap', () => {
  const rect = packed(100_000, 17);
  compressZstd(rect, 1);
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 20; i++) compressZstd(rect, 1);
  assert.ok(process.memoryUsage().arrayBuffers <= before);
});

test('threads that compress by zstd can end at any time', async () => {
  const script = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(new URL('./zstd.ts', import.meta.url).href)}).then(({ compressZstd }) => {
      const data = new Uint8Array(100_000).map((_, i) => i % 251);
      for (let i = 0; i < 10; i++) compressZstd(data, 1);
      parentPort.postMessage(compressZstd(data, 1).length);
      setTimeout(() => {}, 100_000);
    });`;
  const lengths: number[] = [];
  for (let i = 0; i < 3; i++) {
    const worker = new Worker(script, { eval: true });
    lengths.push(await new Promise((resolve) => worker.once('message', resolve)));
    await worker.terminate();
  }
  assert.equal(new Set(lengths).size, 1);
  assert.ok(compressZstd(packed(10_000, 2), 1).length > 0);
});

// The last test, since it has this thread make contexts from now on.
test('a thread that shall keep no context of zstd makes the same frames, each in memory of its own', () => {
  const data = packed(50_000, 17);
  const kept = Buffer.from(compressZstd(data, 1));
  makeNewContexts();
  const [first, second] = [compressZstd(data, 1), compressZstd(data, 1)];
  assert.ok(kept.equals(first) && kept.equals(second));
  assert.notEqual(first.buffer, second.buffer);
});
