import { readdirSync } from 'node:fs';
import { readProc } from './process-tree.ts';

interface Times {
  readonly runNs: number;
  readonly waitNs: number;
}

/**
 * How much longer a process takes for its work because its threads wait for a core: 1 if they never do. Other programs
 * make them wait, and so do the threads of the process themselves if they are more than the cores.
 */
export class Slowness {
  readonly #pid: number;
  readonly #without: string | undefined;
  readonly #before: ReadonlyMap<string, Times>;

  /** `without`: name of threads that do not count. */
  constructor(pid: number, without?: string) {
    this.#pid = pid;
    this.#without = without;
    this.#before = timesOf(pid, without);
  }

  /** The factor since this was created. Threads that have ended meanwhile do not count. */
  get factor(): number {
    let [ranNs, waitedNs] = [0, 0];
    for (const [thread, { runNs, waitNs }] of timesOf(this.#pid, this.#without)) {
      const before = this.#before.get(thread) ?? { runNs: 0, waitNs: 0 };
      ranNs += runNs - before.runNs;
      waitedNs += waitNs - before.waitNs;
    }
    return ranNs > 0 ? 1 + waitedNs / ranNs : 1;
  }
}

/** The times of each thread: proc(5), `schedstat`. */
function timesOf(pid: number, without: string | undefined): Map<string, Times> {
  const times = new Map<string, Times>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    if (without !== undefined && readProc(pid, `task/${thread}/comm`)?.trim() === without) continue;
    const [runNs = 0, waitNs = 0] = readProc(pid, `task/${thread}/schedstat`)?.split(' ').map(Number) ?? [];
    times.set(thread, { runNs, waitNs });
  }
  return times;
}
