import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cgroup } from '../../common/cgroup.ts';
import { kasmCgroup, kasmCpu, kasmMemory, kasmThrottling } from './kasm-system-stats.ts';

const NO_GROUP: Cgroup = {
  ...{ version: undefined, cpuLimit: undefined, memoryLimitBytes: undefined, memoryUsedBytes: undefined },
  ...{ throttling: undefined, cpuTime: undefined, cpuWeight: undefined, processors: undefined },
};
const GROUP: Cgroup = {
  ...NO_GROUP,
  version: 2,
  cpuLimit: 1.5,
  memoryLimitBytes: 5000,
  throttling: { periods: 8, throttledPeriods: 2, throttledUs: 345 },
  cpuTime: { usageUs: 9, userUs: 5, systemUs: 4 },
  cpuWeight: 50,
  processors: '0-3',
};

test('by KasmVNC’s names, the CPU use of a control group is a share of what it may use', () => {
  const use = { idlePercent: 60.5, processors: 4, groupUs: 75_000, elapsedMs: 100 };
  assert.deepEqual(kasmCpu(GROUP, use), {
    usage_percent: 39.5,
    has_cgroup_usage: true,
    cgroup_usage_percent: 50,
    cgroup_available_percent: 50,
    cgroup_effective_cores: 1.5,
    cgroup_usage_usec: 9,
    cgroup_user_usec: 5,
    cgroup_system_usec: 4,
  });
  const idle = { idlePercent: undefined, processors: 4, groupUs: 0, elapsedMs: 0 };
  const { cgroup_usage_percent, cgroup_effective_cores, has_cgroup_usage } = kasmCpu(NO_GROUP, idle);
  assert.deepEqual([cgroup_usage_percent, cgroup_effective_cores, has_cgroup_usage], [0, 4, false]);
  assert.equal(kasmCpu(GROUP, { ...use, groupUs: 400_000 }).cgroup_usage_percent, 100);
});

test('by KasmVNC’s names, a field says whether each limit of a control group is set', () => {
  assert.deepEqual(Object.values(kasmCgroup(GROUP)), [true, 5000, true, 1.5, true, 50, true, '0-3']);
  assert.deepEqual(Object.values(kasmCgroup(NO_GROUP)), [false, 0, false, 0, false, 0, false, '']);
  assert.deepEqual(Object.values(kasmThrottling(GROUP)), [true, true, 8, 2, 345, 25]);
  assert.deepEqual(Object.values(kasmThrottling(NO_GROUP)), [false, false, 0, 0, 0, 0]);
});

test('by KasmVNC’s names, used memory is neither free nor cached', () => {
  const memory = { totalBytes: 100, availableBytes: 70, freeBytes: 20, cachedBytes: 50 };
  assert.deepEqual(kasmMemory({ ...memory, swapTotalBytes: 0, swapFreeBytes: 0 }), {
    ...{ total: 100, free: 20, cached: 50, used: 30 },
  });
});
