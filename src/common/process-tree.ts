import { readdirSync, readFileSync } from 'node:fs';

/**
 * Returns the descendants of `root`, by the parent that each process has in /proc. Leaves out those that `isLeftOut`
 * names, with what descends from them. List all before a signal to one, because orphans get another parent.
 */
export function descendantsOf(root: number, isLeftOut: (pid: number) => boolean = () => false): number[] {
  const parents = new Map<number, number>();
  for (const pid of processIds()) if (!isLeftOut(pid)) parents.set(pid, parentOf(pid));
  const found = new Set([root]);
  let size = 0;
  while (size !== found.size) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  found.delete(root);
  return [...found];
}

/** The ids of all processes that this one can see. */
export const processIds = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The arguments of a process, its program first. None if it is gone. */
export function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/**
 * The fields of /proc/PID/stat behind the command, from the state on: proc_pid_stat(5). None if the process is gone.
 */
export function statOf(pid: number): string[] {
  try {
    // The command, in brackets, may hold anything, brackets too.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** -1 if the process is gone. */
const parentOf = (pid: number): number => Number(statOf(pid)[1] ?? -1);
