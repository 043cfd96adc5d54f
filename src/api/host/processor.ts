/** CPU time of all processors since start, in clock ticks. */
export interface CpuTicks {
  readonly user: number;
  readonly system: number;
  readonly idle: number;
  readonly ioWait: number;
  /** Taken by the hypervisor for others. */
  readonly steal: number;
}

/** Shares of the time between two readings, in percent; together 100. */
export type CpuShares = CpuTicks;

/** The first line of `/proc/stat` (proc_stat(5)). */
export function parseCpuTicks(procStat: string): CpuTicks {
  const line = procStat.split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  // Guests' time is in `user` and `nice` already.
  return { user: user + nice, system: system + irq + softIrq, idle, ioWait, steal };
}

/** Undefined where no tick passed between the two. */
export function cpuShares(before: CpuTicks, after: CpuTicks): CpuShares | undefined {
  const passed = (key: keyof CpuTicks): number => Math.max(0, after[key] - before[key]);
  const total = passed('user') + passed('system') + passed('idle') + passed('ioWait') + passed('steal');
  if (total === 0) return undefined;
  const share = (key: keyof CpuTicks): number => Math.round((1000 * passed(key)) / total) / 10;
  return {
    user: share('user'),
    system: share('system'),
    idle: share('idle'),
    ioWait: share('ioWait'),
    steal: share('steal'),
  };
}
