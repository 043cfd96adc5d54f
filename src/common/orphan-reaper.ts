import { readdirSync, readFileSync } from 'node:fs';
import { loadCLibrary } from './c-library.ts';
import { processIds, statOf } from './process-tree.ts';

/** Option of prctl(2): orphans among this process's descendants become its children, instead of those of process 1. */
const PR_SET_CHILD_SUBREAPER = 36;

/** Option of waitpid(2): returns at once. */
const WNOHANG = 1;

/**
 * Milliseconds from the end of a child to the look for it, and between two looks. Node.js waits for its own children
 * within a few milliseconds of the event loop, so that one that is found twice is an orphan that nothing waits for. A
 * larger value keeps ended processes for longer; with a smaller one, a child of Node.js could be taken from it.
 */
const LOOK_AFTER_MS = 1000;

/** A child that has ended and was not waited for. The time of its start tells it from another one with its id. */
interface Zombie {
  readonly pid: number;
  readonly startedAt: string;
}

/** What the reaper does to the system. */
export interface ChildProcesses {
  /** The children of this process that have ended and were not waited for. Throws if no descriptor is free. */
  zombies(): readonly Zombie[];
  /** Waits for a child that has ended. */
  reap(pid: number): void;
}

/**
 * Waits for orphans: processes of the desktop whose parents ended before them. Elsewhere process 1 does that, but in a
 * container process 1 may be this server, npm or another program that does not.
 */
export class OrphanReaper {
  readonly #processes: ChildProcesses;
  readonly #lookAfterMs: number;
  readonly #childEnded = (): void => this.#lookLater();
  /** Start times by process id, of the zombies that the last look found. */
  #seen: ReadonlyMap<number, string> = new Map();
  #timer: NodeJS.Timeout | undefined;

  /** Makes this process the parent of orphans. Returns undefined if the C library cannot be called. */
  static start(): OrphanReaper | undefined {
    try {
      const libc = loadCLibrary();
      const prctl = libc.func('int prctl(int option, long a, long b, long c, long d)');
      const waitpid = libc.func('int waitpid(int pid, void *status, int options)');
      // Process 1 is the parent of orphans without that.
      if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0 && process.pid !== 1) return undefined;
      return new OrphanReaper({ zombies: findZombies, reap: (pid) => void waitpid(pid, null, WNOHANG) });
    } catch {
      return undefined;
    }
  }

  constructor(processes: ChildProcesses, lookAfterMs = LOOK_AFTER_MS) {
    this.#processes = processes;
    this.#lookAfterMs = lookAfterMs;
    process.on('SIGCHLD', this.#childEnded);
  }

  close(): void {
    process.off('SIGCHLD', this.#childEnded);
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, this.#lookAfterMs).unref();
  }

  /** Reaps the zombies that the last look found too. */
  #look(): void {
    const fresh = new Map<number, string>();
    let zombies: readonly Zombie[];
    try {
      zombies = this.#processes.zombies();
    } catch {
      this.#lookLater();
      return;
    }
    for (const { pid, startedAt } of zombies) {
      if (this.#seen.get(pid) === startedAt) this.#processes.reap(pid);
      else fresh.set(pid, startedAt);
    }
    this.#seen = fresh;
    if (fresh.size > 0) this.#lookLater();
  }
}

function findZombies(): Zombie[] {
  return childrenOf(process.pid).flatMap((pid) => {
    const fields = statOf(pid);
    // proc_pid_stat(5), counted from the state: the parent is the second field, the time of the start the 20th.
    if (fields[0] !== 'Z' || Number(fields[1]) !== process.pid) return [];
    return [{ pid, startedAt: fields[19] ?? '' }];
  });
}

/** Returns at least the children of a process: all processes, if the kernel keeps no list of children. */
function childrenOf(pid: number): number[] {
  try {
    const lists = readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1'),
    );
    return lists.join(' ').split(' ').filter(Boolean).map(Number);
  } catch {
    return processIds();
  }
}
