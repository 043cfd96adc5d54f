import { readProc } from './process-tree.ts';

/** Returns the memory of process `pid` that is in RAM now, in bytes. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '')?.[1];
  if (kib === undefined) throw new Error(`No process ${pid}.`);
  return Number(kib) * 1024;
}
