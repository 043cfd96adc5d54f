import { readFileSync } from 'node:fs';
import { processTree, readProc, statFields } from '../test/support/process-tree.ts';

/** Resources used by a process and all its descendants. */
export interface Usage {
  /** Seconds of CPU, user and system, of all threads, ended children included. */
  readonly cpuSeconds: number;
  /** Proportional set size: shared pages count by their share. Pictures of the painter do not count. */
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

/** Beginning of the names of files in shared memory that painters make. */
export const PICTURE_PREFIX = 'deskwire-bench-';

function proportionalSetSize(pid: number): number {
  const bytes = (text: string | undefined): number =>
    Number(/^Pss:\s+(\d+) kB/m.exec(text ?? '')?.[1] ?? 0) * 1024;
  const all = bytes(readProc(pid, 'smaps_rollup'));
  // Only the X server maps the painter's pictures. Details take longer to read than the sum.
  if (!readProc(pid, 'maps')?.includes(PICTURE_PREFIX)) return all;
  const mappings = (readProc(pid, 'smaps') ?? '').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
  const pictures = mappings.filter((mapping) => mapping.includes(PICTURE_PREFIX));
  return pictures.reduce((sum, mapping) => sum - bytes(mapping), all);
}
