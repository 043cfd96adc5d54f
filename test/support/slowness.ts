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
  readonly #before: Times;

  constructor(pid: number) {
    this.#pid = pid;
    this.#before = timesOf(pid);
  }

  /** The factor since this was created. Threads that have ended meanwhile do not count. */
  get factor(): number {
    const { runNs, waitNs } = timesOf(this.#pid);
    const [ran, waited] = [runNs - this.#before.runNs, waitNs - this.#before.waitNs];
    return ran > 0 ? Math.max(1, 1 + waited / ran) : 1;
  }
}

/** Sums of all threads: proc(5), `schedstat`. */
function timesOf(pid: number): Times {
  let [runNs, waitNs] = [0, 0];
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran = 0, waited = 0] = readProc(pid, `task/${thread}/schedstat`)?.split(' ').map(Number) ?? [];
    runNs += ran;
    waitNs += waited;
  }
  return { runNs, waitNs };
}
