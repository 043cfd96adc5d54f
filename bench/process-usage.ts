import { readFileSync } from 'node:fs';
import { processTree, readProc, statFields } from '../test/support/process-tree.ts';

/** Resources used by a process and all its descendants. */
export interface Usage {
  /** Seconds of CPU, user and system, of all threads, ended children included. */
  readonly cpuSeconds: number;
  /** Proportional set size: shared pages count by their share. */
  readonly memoryBytes: number;
}

/** Linux counts process times in hundredths of a second, on every architecture. */
const TICKS_PER_SECOND = 100;

/**
 * Fields of /proc/PID/stat: utime, stime and those of ended children, counted from the field after the command's
 * closing parenthesis: proc(5).
 */
const TIMES = [11, 12, 13, 14];

/** Measures the process `pid` and its descendants. */
export function readUsage(pid: number): Usage {
  let ticks = 0;
  let memoryBytes = 0;
  for (const member of processTree(pid)) {
    const fields = statFields(member);
    for (const field of TIMES) ticks += Number(fields?.[field] ?? 0);
    memoryBytes += proportionalSetSize(member);
  }
  return { cpuSeconds: ticks / TICKS_PER_SECOND, memoryBytes };
}

/** Returns the seconds of CPU for which the whole machine was busy since it started, over all cores. */
export function machineBusySeconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = readFileSync(
    '/proc/stat',
    'utf8',
  )
    .slice('cpu '.length, 200)
    .trim()
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + softIrq + steal) / TICKS_PER_SECOND;
}

function proportionalSetSize(pid: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readProc(pid, 'smaps_rollup') ?? '');
  return Number(match?.[1] ?? 0) * 1024;
}
