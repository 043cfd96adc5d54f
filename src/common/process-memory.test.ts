import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, mock, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { residentBytes } from '../../test/support/resident-bytes.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { loadCLibrary } from './c-library.ts';
import {
  createMemoryFile,
  dropPages,
  giveBackMemory,
  keepMallocSmall,
  mapFile,
  punchHoles,
  sealLength,
  trimMallocAtIntervals,
} from './process-memory.ts';

const PAGE = 65_536;
const folder = mkdtempSync('/dev/shm/deskwire-memory-');
after(() => rmSync(folder, { recursive: true }));

test('pages that are dropped are zero and no longer resident; bytes in other pages stay', () => {
  const { buffer } = new WebAssembly.Memory({ initial: 800, maximum: 800, shared: true });
  const bytes = new Uint8Array(buffer).fill(7);
  const before = residentBytes(process.pid);
  dropPages(bytes.subarray(100, bytes.length - 100));
  assert.ok(residentBytes(process.pid) < before - 700 * PAGE);
  assert.deepEqual(
    [bytes[100], bytes[PAGE - 1], bytes[PAGE], bytes.at(-PAGE - 1), bytes.at(-PAGE)],
    [7, 7, 0, 0, 7],
  );
  dropPages(bytes.subarray(1, 2));
  assert.equal(bytes[1], 7);
});

test('a hole in a file frees its pages, and the rest of the file stays', () => {
  const path = join(folder, 'file');
  writeFileSync(path, Buffer.alloc(16 * PAGE, 7));
  const fd = openSync(path, 'r+');
  punchHoles(fd, [
    { at: PAGE, length: 8 * PAGE },
    { at: 10 * PAGE, length: 1 },
  ]);
  closeSync(fd);
  const bytes = readFileSync(path);
  assert.equal(bytes.length, 16 * PAGE);
  assert.equal(statSync(path).blocks * 512, 8 * PAGE);
  assert.deepEqual(
    [bytes[PAGE - 1], bytes[PAGE], bytes[9 * PAGE - 1], bytes[9 * PAGE], bytes[10 * PAGE]],
    [7, 0, 0, 7, 7],
  );
});

test('a file in memory whose length is sealed gets neither shorter nor longer, and can still be written', () => {
  const fd = createMemoryFile('deskwire-test')!;
  try {
    writeSync(fd, Buffer.alloc(PAGE, 7));
    assert.equal(sealLength(fd), true);
    const path = `/proc/self/fd/${fd}`;
    for (const length of [0, 2 * PAGE]) assert.throws(() => truncateSync(path, length), { code: 'EPERM' });
    writeSync(fd, Buffer.of(8), 0, 1, 0);
    punchHoles(fd, [{ at: PAGE - 4096, length: 4096 }]);
    const bytes = readFileSync(path);
    assert.deepEqual([bytes.length, bytes[0], bytes[1], bytes.at(-1)], [PAGE, 8, 7, 0]);
  } finally {
    closeSync(fd);
  }
});

test('a mapped file is read on any thread as it is now, and is zero when it is no longer mapped', async () => {
  const path = join(folder, 'mapped');
  writeFileSync(path, Buffer.alloc(PAGE + 100, 7));
  const fd = openSync(path, 'r+');
  const mappings = (): number => readFileSync('/proc/self/maps', 'latin1').split(path).length - 1;
  try {
    const file = mapFile(fd)!;
    assert.equal(mappings(), 1);
    writeSync(fd, Buffer.of(8), 0, 1, PAGE + 99);
    const script = `const { parentPort, workerData } = require('node:worker_threads');
      parentPort.postMessage([workerData.length, workerData[0], workerData.at(-1)]);`;
    const thread = new Worker(script, { eval: true, workerData: file.bytes });
    const [[seen]] = await Promise.all([once(thread, 'message'), once(thread, 'exit')]);
    assert.deepEqual(seen, [PAGE + 100, 7, 8]);
    file.unmap();
    assert.equal(mappings(), 0);
    assert.deepEqual([file.bytes[0], file.bytes.at(-1)], [0, 0]);
  } finally {
    closeSync(fd);
  }
});

test('a file that cannot be mapped is no error', () => {
  const fd = openSync(folder, 'r');
  try {
    assert.equal(mapFile(fd), undefined);
  } finally {
    closeSync(fd);
  }
});

test('memory that nothing refers to goes back to the system', async () => {
  const held = Array.from({ length: 200_000 }, (_, i) => ({ i }));
  assert.equal(held.length, 200_000);
  const before = residentBytes(process.pid);
  held.length = 0;
  giveBackMemory();
  // V8 may unmap pages on a thread of its own.
  await waitFor('less resident memory', () => residentBytes(process.pid) < before - (1 << 20));
});

/** Bytes of a block. From 128 KiB on, blocks would be mapped, and unmapped when they are freed. */
const BLOCK_BYTES = 64 * 1024;

/**
 * Has malloc hold 6 MiB free that it does not give back by itself: every other block stays in use. The process grows by
 * less than that for which its heap is collected.
 */
function leaveHoles(): void {
  const malloc = loadCLibrary().func('void *malloc(size_t size)');
  const memset = loadCLibrary().func('void *memset(void *block, int byte, size_t size)');
  const free = loadCLibrary().func('void free(void *block)');
  const blocks = Array.from({ length: 200 }, () => malloc(BLOCK_BYTES));
  for (const block of blocks) memset(block, 1, BLOCK_BYTES);
  for (const [i, block] of blocks.entries()) if (i % 2 === 0) free(block);
}

test('what malloc holds free goes back to the system although the process has hardly grown', () => {
  giveBackMemory();
  giveBackMemory();
  leaveHoles();
  const before = residentBytes(process.pid);
  assert.equal(giveBackMemory(), false);
  assert.ok(residentBytes(process.pid) < before - (4 << 20));
});

test('what malloc holds free goes back to the system each minute while nothing rests', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  trimMallocAtIntervals();
  leaveHoles();
  const before = residentBytes(process.pid);
  mock.timers.tick(60_000);
  mock.timers.reset();
  await waitFor('less resident memory', () => residentBytes(process.pid) < before - (4 << 20));
});

test('the heap is not collected again before the process has grown', () => {
  giveBackMemory();
  assert.equal(giveBackMemory(), false);
  const held = Buffer.alloc(64 * 1024 * 1024, 1);
  assert.equal(giveBackMemory(), true);
  assert.equal(held[0], 1);
});

for (const kib of [200, 128]) {
  const skip = typeof zlib.zstdCompressSync !== 'function' && 'Node.js has no zstd';
  test(`memory for zstd is not mapped anew for each rect of ${kib} KiB`, { skip }, () => {
    keepMallocSmall();
    const rect = Uint8Array.from({ length: kib * 1024 }, (_, i) => (i % 64 < 20 ? (i * i) >>> 7 : 0));
    const compress = (): Buffer =>
      zlib.zstdCompressSync(rect, {
        params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 },
        pledgedSrcSize: rect.length,
      });
    for (let i = 0; i < 50; i++) compress();
    const before = process.resourceUsage().minorPageFault;
    for (let i = 0; i < 50; i++) compress();
    const faults = (process.resourceUsage().minorPageFault - before) / 50;
    // Memory that is mapped anew has 59 faults with 128 KiB, and 86 with 200.
    assert.ok(faults < 30, `${faults} page faults per rect`);
  });
}
