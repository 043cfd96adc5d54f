import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Static, TSchema } from 'typebox';
import { type Cgroup, readCgroup } from '../../common/cgroup.ts';
import { parseMemory } from '../../common/meminfo.ts';
import { type Call, defineCall, json } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';
import { type DiskCounters, parseDiskCounters } from '../host/disks.ts';
import { cpuShares, parseCpuTicks } from '../host/processor.ts';
import {
  type CpuUse,
  KASM_CGROUP,
  KASM_CPU,
  KASM_MEMORY,
  KasmDisks,
  KasmThrottling,
  kasmCgroup,
  kasmCpu,
  kasmMemory,
  kasmThrottling,
} from './kasm-system-stats.ts';

/** Time over which shares and rates are measured. Larger delays the answer; smaller has fewer than 25 clock ticks. */
const MEASURE_MS = 250;

const count = Type.Integer({ minimum: 0 });
const percent = Type.Number({ minimum: 0, maximum: 100 });
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const SystemStats = Type.Object({
  cpu: Type.Object({
    ...KASM_CPU,
    processors: count,
    user_percent: orNull(percent),
    system_percent: orNull(percent),
    io_wait_percent: orNull(percent),
    steal_percent: orNull(percent),
    idle_percent: orNull(percent),
    load_average: Type.Array(Type.Number(), { minItems: 3, maxItems: 3 }),
  }),
  memory: Type.Object({
    ...KASM_MEMORY,
    total_bytes: count,
    available_bytes: count,
    swap_total_bytes: count,
    swap_free_bytes: count,
  }),
  cgroup: Type.Object({
    ...KASM_CGROUP,
    version: orNull(Type.Integer({ minimum: 1, maximum: 2 })),
    cpu_limit: orNull(Type.Number({ description: "CPUs' worth of time; null is no limit" })),
    memory_limit_bytes: orNull(count),
    memory_used_bytes: orNull(count),
    throttling: orNull(Type.Object({ periods: count, throttled_periods: count, throttled_us: count })),
  }),
  cpu_throttling: KasmThrottling,
  io_stats: KasmDisks,
  disks: Type.Array(
    Type.Object({
      device: Type.String(),
      reads: count,
      read_bytes: count,
      read_bytes_per_second: count,
      writes: count,
      written_bytes: count,
      written_bytes_per_second: count,
      busy_percent: percent,
    }),
  ),
});

/** The call that reports the load and limits of the host. */
export function systemCalls(): Call[] {
  let running: Promise<Static<typeof SystemStats>> | undefined;
  return [
    defineCall({
      method: 'GET',
      path: '/system/stats',
      scope: 'stats',
      summary: 'CPU, memory, limits and disks of the host',
      description: `Percentages and rates cover the ${MEASURE_MS} ms of the call.`,
      changes: false,
      parameters: Type.Object({}),
      answers: { 200: { description: 'As measured', content: { 'application/json': SystemStats } } },
      handle: async () => {
        // Concurrent calls share one measurement.
        running ??= measure().finally(() => {
          running = undefined;
        });
        return json(await running);
      },
    }),
  ];
}

async function measure(): Promise<Static<typeof SystemStats>> {
  const before = await readCounters();
  await sleep(MEASURE_MS);
  const [after, meminfo] = await Promise.all([readCounters(), readFile('/proc/meminfo', 'utf8')]);
  const { cgroup } = after;
  const shares = cpuShares(before.cpu, after.cpu);
  const memory = parseMemory(meminfo);
  const [minute = 0, fiveMinutes = 0, quarter = 0] = loadavg();
  const { throttling } = cgroup;
  const processors = availableParallelism();
  const elapsedMs = after.atMs - before.atMs;
  const disks = diskRates(before.disks, after.disks, elapsedMs);
  const use: CpuUse = {
    idlePercent: shares && shares.idle + shares.ioWait,
    processors,
    groupUs: (cgroup.cpuTime?.usageUs ?? 0) - (before.cgroup.cpuTime?.usageUs ?? 0),
    elapsedMs,
  };
  return {
    cpu: {
      ...kasmCpu(cgroup, use),
      processors,
      user_percent: shares?.user ?? null,
      system_percent: shares?.system ?? null,
      io_wait_percent: shares?.ioWait ?? null,
      steal_percent: shares?.steal ?? null,
      idle_percent: shares?.idle ?? null,
      load_average: [minute, fiveMinutes, quarter],
    },
    memory: {
      ...kasmMemory(memory),
      total_bytes: memory.totalBytes,
      available_bytes: memory.availableBytes,
      swap_total_bytes: memory.swapTotalBytes,
      swap_free_bytes: memory.swapFreeBytes,
    },
    cgroup: {
      ...kasmCgroup(cgroup),
      version: cgroup.version ?? null,
      cpu_limit: cgroup.cpuLimit ?? null,
      memory_limit_bytes: cgroup.memoryLimitBytes ?? null,
      memory_used_bytes: cgroup.memoryUsedBytes ?? null,
      throttling:
        throttling === undefined
          ? null
          : {
              periods: throttling.periods,
              throttled_periods: throttling.throttledPeriods,
              throttled_us: throttling.throttledUs,
            },
    },
    cpu_throttling: kasmThrottling(cgroup),
    io_stats: Object.fromEntries(
      disks.map((disk) => [
        disk.device,
        {
          bytes_read: disk.read_bytes,
          bytes_read_per_sec: disk.read_bytes_per_second,
          bytes_written: disk.written_bytes,
          bytes_written_per_sec: disk.written_bytes_per_second,
          iowait: disk.busy_percent,
        },
      ]),
    ),
    disks,
  };
}

interface Counters {
  readonly atMs: number;
  readonly cpu: ReturnType<typeof parseCpuTicks>;
  readonly cgroup: Cgroup;
  readonly disks: readonly DiskCounters[];
}

async function readCounters(): Promise<Counters> {
  const [stat, cgroup, diskstats, devices] = await Promise.all([
    readFile('/proc/stat', 'utf8'),
    readCgroup(),
    // Some containers hide the disks.
    readFile('/proc/diskstats', 'utf8').catch(() => ''),
    readdir('/sys/block').catch((): string[] => []),
  ]);
  const whole = new Set(devices);
  return {
    atMs: performance.now(),
    cpu: parseCpuTicks(stat),
    cgroup,
    disks: parseDiskCounters(diskstats, (device) => whole.has(device)),
  };
}

function diskRates(before: readonly DiskCounters[], after: readonly DiskCounters[], elapsedMs: number) {
  const earlier = new Map(before.map((disk) => [disk.device, disk]));
  return after.map((disk) => {
    const then = earlier.get(disk.device) ?? disk;
    const perSecond = (bytes: number): number => Math.round((Math.max(0, bytes) * 1000) / elapsedMs);
    const busy = (100 * Math.max(0, disk.busyMs - then.busyMs)) / elapsedMs;
    return {
      device: disk.device,
      reads: disk.reads,
      read_bytes: disk.readBytes,
      read_bytes_per_second: perSecond(disk.readBytes - then.readBytes),
      writes: disk.writes,
      written_bytes: disk.writtenBytes,
      written_bytes_per_second: perSecond(disk.writtenBytes - then.writtenBytes),
      busy_percent: Math.min(100, Math.round(busy * 10) / 10),
    };
  });
}
