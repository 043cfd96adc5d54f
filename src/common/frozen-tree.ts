import { descendantsOf } from './process-tree.ts';

/** Stops all that descends from a process, also what starts meanwhile, until `isDone` or nothing new is found. */
export function freezeDescendants(root: number, isDone: () => boolean = () => false): void {
  const stopped = new Set<number>();
  for (let isNew = true; isNew && !isDone(); ) {
    const found = descendantsOf(root).filter((pid) => !stopped.has(pid));
    for (const pid of found) {
      trySignal(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    isNew = found.length > 0;
  }
}

/** Has all that descends from a process go on. */
export function thawDescendants(root: number): void {
  for (const pid of descendantsOf(root)) trySignal(pid, 'SIGCONT');
}

/** Sends a signal to a process, if it has not ended in the meantime. */
export function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
