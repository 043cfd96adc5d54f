import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readFreeMemory } from './free-memory.ts';

async function freeIn(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'deskwire-memory-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return await readFreeMemory(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('free memory is what the machine and each limited control group have left, files that can be dropped included', async () => {
  const free = await freeIn({
    'proc/meminfo': 'MemTotal:  1000 kB\nMemAvailable:   400 kB\n',
    'proc/self/cgroup': '0::/user.slice/desk.scope\n',
    'proc/self/mountinfo': '30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n',
    'sys/fs/cgroup/user.slice/memory.max': '9000\n',
    'sys/fs/cgroup/user.slice/memory.current': '8000\n',
    'sys/fs/cgroup/user.slice/memory.stat': 'anon 1\ninactive_file 500\n',
    'sys/fs/cgroup/user.slice/desk.scope/memory.max': 'max\n',
    'sys/fs/cgroup/user.slice/desk.scope/memory.current': '5000\n',
  });
  assert.deepEqual(free, [
    { freeBytes: 409_600, limitBytes: 1_024_000 },
    { freeBytes: 1500, limitBytes: 9000 },
  ]);
});

test('control groups of version 1 count the droppable files of the groups below them', async () => {
  const free = await freeIn({
    'proc/self/cgroup': '4:memory:/docker/abc\n',
    'proc/self/mountinfo': '41 24 0:31 /docker/abc /cg/memory rw - cgroup cgroup rw,memory\n',
    'cg/memory/memory.limit_in_bytes': '7000\n',
    'cg/memory/memory.usage_in_bytes': '7100\n',
    'cg/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 50\n',
  });
  assert.deepEqual(free, [{ freeBytes: 0, limitBytes: 7000 }]);
});

test('a machine that tells nothing of its memory has no limits', async () => {
  assert.deepEqual(await freeIn({ 'proc/none': '' }), []);
});

test('the memory of this machine can be read', async () => {
  const free = await readFreeMemory();
  assert.ok(free.length > 0);
  for (const { freeBytes, limitBytes } of free) assert.ok(freeBytes > 0 && freeBytes <= limitBytes);
});
