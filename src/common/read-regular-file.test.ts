import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRegularFile } from './read-regular-file.ts';

test('a regular file is read up to a limit of its size, and nothing else is read', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-read-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  for (const text of ['', 'ä\n', 'x'.repeat(10)]) {
    writeFileSync(path, text);
    const found = readRegularFile(path, 10);
    assert.ok(found.kind === 'text');
    assert.equal(found.text, text);
    assert.equal(found.stats.size, BigInt(Buffer.byteLength(text)));
  }
  writeFileSync(path, 'x'.repeat(11));
  assert.deepEqual(readRegularFile(path, 10), { kind: 'too-large', bytes: 11n });
  truncateSync(path, 400_000_000_000);
  assert.deepEqual(readRegularFile(path, 10), { kind: 'too-large', bytes: 400_000_000_000n });
  assert.equal(readRegularFile('/proc/self/maps', 10).kind, 'too-large', 'files of /proc have no size');

  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  for (const other of [fifo, folder, '/dev/zero'])
    assert.deepEqual(readRegularFile(other, 10), { kind: 'not-regular' });
  assert.throws(() => readRegularFile(join(folder, 'missing'), 10), { code: 'ENOENT' });
});
