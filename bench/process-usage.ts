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

/** Returns the memory of one process: pages that it shares count by its share. */
export function proportionalSetSize(pid: number): number {
  const bytes = (text: string | undefined): number => fieldBytes(text ?? '', 'Pss');
  const all = bytes(readProc(pid, 'smaps_rollup'));
  // Only the X server maps the painter's pictures. Details take longer to read than the sum.
  if (!readProc(pid, 'maps')?.includes(PICTURE_PREFIX)) return all;
  const pictures = readMappings(pid).filter((mapping) => mapping.includes(PICTURE_PREFIX));
  return pictures.reduce((sum, mapping) => sum - bytes(mapping), all);
}

/**
 * Returns the memory of the process `pid` and its descendants as it would be if no other program had the same files
 * mapped: pages of a file that several of these processes map count once, whole. The bench's own processes run the
 * same Node.js binary, of which the proportional set size counts only a share.
 */
export function memoryAloneBytes(pid: number): number {
  let sum = 0;
  /** Most shared bytes that one process has of each file. */
  const sharedBytes = new Map<string, number>();
  for (const mapping of processTree(pid).flatMap(readMappings)) {
    if (mapping.includes(PICTURE_PREFIX)) continue;
    const path = /^\S+ \S+ \S+ \S+ \S+ +(\/.*)$/m.exec(mapping)?.[1];
    if (path === undefined) {
      sum += fieldBytes(mapping, 'Pss');
      continue;
    }
    sum += fieldBytes(mapping, 'Private_Clean') + fieldBytes(mapping, 'Private_Dirty');
    // A file has several mappings, such as code and constants, which do not overlap.
    const part = `${path} ${/^\S+ \S+ (\S+)/.exec(mapping)?.[1]}`;
    const shared = fieldBytes(mapping, 'Shared_Clean') + fieldBytes(mapping, 'Shared_Dirty');
    sharedBytes.set(part, Math.max(shared, sharedBytes.get(part) ?? 0));
  }
  for (const bytes of sharedBytes.values()) sum += bytes;
  return sum;
}

/** Files of Mesa's that an X server with GLX loads, and those that they load. */
const OPENGL_FILES = /\/(libLLVM|libgallium|libz3|libglapi|libGLX_mesa|\w*_dri\.so)[^/]*$/;

/**
 * Returns the memory of the process `pid` and its descendants that is unchanged pages of OpenGL's libraries. It is a part
 * of `readUsage`, and whole a part of `memoryAloneBytes`. The system drops these pages when memory is short.
 */
export function openGlBytes(pid: number): { readonly shareBytes: number; readonly aloneBytes: number } {
  let shareBytes = 0;
  let aloneBytes = 0;
  for (const mapping of processTree(pid).flatMap(readMappings)) {
    if (!OPENGL_FILES.test(mapping.slice(0, mapping.indexOf('\n')))) continue;
    shareBytes += fieldBytes(mapping, 'Pss') - fieldBytes(mapping, 'Pss_Dirty');
    aloneBytes += fieldBytes(mapping, 'Private_Clean') + fieldBytes(mapping, 'Shared_Clean');
  }
  return { shareBytes, aloneBytes };
}

const readMappings = (pid: number): string[] =>
  (readProc(pid, 'smaps') ?? '').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);

const fieldBytes = (mapping: string, field: string): number =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(mapping)?.[1] ?? 0) * 1024;
