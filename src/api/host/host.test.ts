import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readCgroup } from '../../common/cgroup.ts';
import { parseMemory } from '../../common/meminfo.ts';
import { parseDiskCounters } from './disks.ts';
import { cpuShares, parseCpuTicks } from './processor.ts';

async function cgroupOf(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'deskwire-cgroup-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return await readCgroup(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('cgroup version 2: the smallest limit of a group and its parents applies, and "max" is no limit', async () => {
  const group = await cgroupOf({
    'proc/self/cgroup': '0::/user.slice/desk.scope\n',
    'proc/self/mountinfo': '30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n',
    'sys/fs/cgroup/user.slice/cpu.max': '150000 100000\n',
    'sys/fs/cgroup/user.slice/memory.max': 'max\n',
    'sys/fs/cgroup/user.slice/desk.scope/cpu.max': 'max 100000\n',
    'sys/fs/cgroup/user.slice/desk.scope/memory.max': '1073741824\n',
    'sys/fs/cgroup/user.slice/desk.scope/memory.current': '5000\n',
    'sys/fs/cgroup/user.slice/desk.scope/cpu.weight': '50\n',
    'sys/fs/cgroup/user.slice/desk.scope/cpuset.cpus': '\n',
    'sys/fs/cgroup/user.slice/desk.scope/cpu.stat':
      'usage_usec 9\nuser_usec 5\nsystem_usec 4\nnr_periods 7\nnr_throttled 2\nthrottled_usec 345\n',
  });
  assert.deepEqual(group, {
    version: 2,
    cpuLimit: 1.5,
    memoryLimitBytes: 1073741824,
    memoryUsedBytes: 5000,
    throttling: { periods: 7, throttledPeriods: 2, throttledUs: 345 },
    cpuTime: { usageUs: 9, userUs: 5, systemUs: 4 },
    cpuWeight: 50,
    processors: undefined,
  });
});

test('cgroup version 1: a container finds the limits of its own group at the mount point', async () => {
  const group = await cgroupOf({
    'proc/self/cgroup': '4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n',
    'proc/self/mountinfo':
      '40 24 0:30 /docker/abc /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n41 24 0:31 /docker/abc /cg/memory rw - cgroup cgroup rw,memory\n',
    'cg/cpu/cpuacct.usage': '5000000\n',
    'cg/cpu/cpuacct.usage_user': '3000000\n',
    'cg/cpu/cpuacct.usage_sys': '2000000\n',
    'cg/cpu/cpu.shares': '1024\n',
    'cg/cpu/cpu.cfs_quota_us': '50000\n',
    'cg/cpu/cpu.cfs_period_us': '100000\n',
    'cg/cpu/cpu.stat': 'nr_periods 3\nnr_throttled 1\nthrottled_time 2000000\n',
    'cg/memory/memory.limit_in_bytes': '9223372036854771712\n',
    'cg/memory/memory.usage_in_bytes': '4096\n',
  });
  assert.deepEqual(group, {
    version: 1,
    cpuLimit: 0.5,
    memoryLimitBytes: undefined,
    memoryUsedBytes: 4096,
    throttling: { periods: 3, throttledPeriods: 1, throttledUs: 2000 },
    cpuTime: { usageUs: 5000, userUs: 3000, systemUs: 2000 },
    cpuWeight: 1024,
    processors: undefined,
  });
});

test('a host without cgroups has no limits', async () => {
  assert.deepEqual((await cgroupOf({ 'proc/self/cgroup': '' })).version, undefined);
});

test('CPU shares are percentages of the time between two readings', () => {
  const before = parseCpuTicks('cpu  100 10 50 800 40 5 5 0 0 0\ncpu0 1 2 3\n');
  const after = parseCpuTicks('cpu  150 10 70 900 60 5 5 10 50 0\n');
  assert.deepEqual(before, { user: 110, system: 60, idle: 800, ioWait: 40, steal: 0 });
  assert.deepEqual(cpuShares(before, after), { user: 25, system: 10, idle: 50, ioWait: 10, steal: 5 });
  assert.equal(cpuShares(before, before), undefined);
});

test('memory of the host is in bytes', () => {
  const text =
    'MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:   400 kB\nBuffers: 2 kB\nCached: 30 kB\nSReclaimable: 4 kB\nSwapTotal:  20 kB\nSwapFree:  10 kB\n';
  assert.deepEqual(parseMemory(text), {
    totalBytes: 1024000,
    availableBytes: 409600,
    freeBytes: 1024,
    cachedBytes: 36864,
    swapTotalBytes: 20480,
    swapFreeBytes: 10240,
  });
});

test('disk counters are in bytes, for whole disks with traffic', () => {
  const text = [
    ' 254       0 vda 10 0 16 5 4 0 8 2 0 70 9',
    ' 254       1 vda1 10 0 16 5 4 0 8 2 0 70 9',
    '   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0',
  ].join('\n');
  assert.deepEqual(
    parseDiskCounters(text, (device) => !device.endsWith('1')),
    [{ device: 'vda', reads: 10, readBytes: 8192, writes: 4, writtenBytes: 4096, busyMs: 70 }],
  );
});
