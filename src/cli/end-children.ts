import { readdirSync, readFileSync } from 'node:fs';
import { KEEPER_NAME } from '../desktop/x11/server/keeper.ts';

/**
 * Kills all descendants of this process but the keeper, which ends those that get away. The last resort if a graceful
 * end takes too long: no X server may be left behind.
 */
export function endChildren(): void {
  for (const pid of descendantsOf(process.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
}

/**
 * Returns the descendants of `root`, by the parent that each process has in /proc. List all of them before killing
 * one, because orphans get another parent.
 */
function descendantsOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && !isKeeper(name)) parents.set(Number(name), parentOf(name));
  }
  const found = new Set([root]);
  let size = 0;
  while (size !== found.size) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(root);
  return [...found];
}

function isKeeper(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').includes(KEEPER_NAME);
  } catch {
    return false;
  }
}

function parentOf(pid: string): number {
  try {
    // The second field, the program's name in brackets, may hold anything, brackets too.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return -1;
  }
}
