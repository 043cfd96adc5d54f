import type { Static } from 'typebox';
import type { Cgroup } from '../../common/cgroup.ts';
import type { Memory } from '../../common/meminfo.ts';
import { Type } from '../contract/schema.ts';

const count = Type.Integer({ minimum: 0 });
const amount = Type.Number({ minimum: 0 });
const percent = Type.Number({ minimum: 0, maximum: 100 });

/** Fields of system/stats by KasmVNC's names. A value that is not set is 0, and its `has_…` says so. */
export const KASM_CPU = {
  usage_percent: percent,
  has_cgroup_usage: Type.Boolean(),
  cgroup_usage_percent: percent,
  cgroup_available_percent: percent,
  cgroup_effective_cores: amount,
  cgroup_usage_usec: count,
  cgroup_user_usec: count,
  cgroup_system_usec: count,
};

export const KASM_MEMORY = { total: count, free: count, cached: count, used: count };

export const KASM_CGROUP = {
  has_mem_limit: Type.Boolean(),
  mem_limit: count,
  has_cpu_limit: Type.Boolean(),
  cpu_limit_cores: amount,
  has_cpu_weight: Type.Boolean(),
  cpu_weight: count,
  has_cpu_affinity: Type.Boolean(),
  cpu_affinity: Type.String({ description: 'Processors that the group may use, such as `0-3,7`' }),
};

export const KasmThrottling = Type.Object({
  available: Type.Boolean(),
  has_throttling: Type.Boolean(),
  nr_periods: count,
  nr_throttled: count,
  throttled_usec: count,
  throttled_percent: percent,
});

export const KasmDisks = Type.Record(
  Type.String(),
  Type.Object({
    bytes_read: count,
    bytes_read_per_sec: count,
    bytes_written: count,
    bytes_written_per_sec: count,
    iowait: Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'Per cent of the time with requests that wait',
    }),
  }),
);

const KasmCpu = Type.Object(KASM_CPU);
const KasmMemory = Type.Object(KASM_MEMORY);
const KasmCgroup = Type.Object(KASM_CGROUP);

/** What the processors did between two readings. */
export interface CpuUse {
  /** Per cent of the host's processors that were idle, or waited for a disk. Undefined if no tick passed. */
  readonly idlePercent: number | undefined;
  readonly processors: number;
  /** CPU time of the control group between the readings, and their distance. */
  readonly groupUs: number;
  readonly elapsedMs: number;
}

export function kasmCpu({ cpuTime, cpuLimit }: Cgroup, use: CpuUse): Static<typeof KasmCpu> {
  const cores = Math.min(cpuLimit ?? use.processors, use.processors);
  const usable = cores * use.elapsedMs * 1000;
  const usage = cpuTime === undefined || usable === 0 ? 0 : bounded((100 * use.groupUs) / usable);
  return {
    usage_percent: use.idlePercent === undefined ? 0 : bounded(100 - use.idlePercent),
    has_cgroup_usage: cpuTime !== undefined,
    cgroup_usage_percent: usage,
    cgroup_available_percent: bounded(100 - usage),
    cgroup_effective_cores: cores,
    cgroup_usage_usec: cpuTime?.usageUs ?? 0,
    cgroup_user_usec: cpuTime?.userUs ?? 0,
    cgroup_system_usec: cpuTime?.systemUs ?? 0,
  };
}

export function kasmMemory({ totalBytes, freeBytes, cachedBytes }: Memory): Static<typeof KasmMemory> {
  const used = Math.max(0, totalBytes - freeBytes - cachedBytes);
  return { total: totalBytes, free: freeBytes, cached: cachedBytes, used };
}

export function kasmCgroup(group: Cgroup): Static<typeof KasmCgroup> {
  const { memoryLimitBytes, cpuLimit, cpuWeight, processors } = group;
  return {
    has_mem_limit: memoryLimitBytes !== undefined,
    mem_limit: memoryLimitBytes ?? 0,
    has_cpu_limit: cpuLimit !== undefined,
    cpu_limit_cores: cpuLimit ?? 0,
    has_cpu_weight: cpuWeight !== undefined,
    cpu_weight: cpuWeight ?? 0,
    has_cpu_affinity: processors !== undefined,
    cpu_affinity: processors ?? '',
  };
}

export function kasmThrottling({ throttling }: Cgroup): Static<typeof KasmThrottling> {
  const { periods = 0, throttledPeriods = 0, throttledUs = 0 } = throttling ?? {};
  return {
    available: throttling !== undefined,
    has_throttling: throttledPeriods > 0,
    nr_periods: periods,
    nr_throttled: throttledPeriods,
    throttled_usec: throttledUs,
    throttled_percent: periods === 0 ? 0 : bounded((100 * throttledPeriods) / periods),
  };
}

/** Per cent with one decimal: numbers of two readings may be a little out of step. */
const bounded = (percentage: number): number => Math.round(Math.min(100, Math.max(0, percentage)) * 10) / 10;
