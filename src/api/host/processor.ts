/** CPU time of all processors since start, in clock ticks. */
export interface CpuTicks {
  readonly user: number;
  readonly system: number;
  readonly idle: number;
  readonly ioWait: number;
  /** Time that the hypervisor gave to other machines. */
  readonly steal: number;
}

/** Percentages of the time between two readings. The sum is 100. */
export type CpuShares = CpuTicks;

/** Parses the first line of `/proc/stat` (proc_stat(5)). */
export function parseCpuTicks(procStat: string): CpuTicks {
  const line = procStat.split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, softIrq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  // `user` and `nice` include the time of guests.
  return { user: user + nice, system: system + irq + softIrq, idle, ioWait, steal };
}

/** Computes the shares between two readings. Undefined if no tick passed. */
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
