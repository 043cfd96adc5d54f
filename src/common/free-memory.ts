import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMemoryGroups } from './cgroup.ts';
import { parseMemory } from './meminfo.ts';

/** Memory of a machine or a control group. */
export interface FreeMemory {
  /** Bytes that this process can still get: what is free, and what the system can drop without swapping. */
  readonly freeBytes: number;
  readonly limitBytes: number;
}

/**
 * Reads how much memory this process can still get, of the machine and of each control group that has a limit. Leaves
 * out what cannot be read. Tests give another folder as `root`.
 */
export async function readFreeMemory(root = '/'): Promise<FreeMemory[]> {
  const [groups, meminfo] = await Promise.all([
    readMemoryGroups(root),
    readFile(join(root, 'proc/meminfo'), 'utf8').catch(() => ''),
  ]);
  const limited = groups.map(({ limitBytes, neededBytes }) => ({
    freeBytes: Math.max(0, limitBytes - neededBytes),
    limitBytes,
  }));
  const { totalBytes, availableBytes } = parseMemory(meminfo);
  return totalBytes > 0 ? [{ freeBytes: availableBytes, limitBytes: totalBytes }, ...limited] : limited;
}
