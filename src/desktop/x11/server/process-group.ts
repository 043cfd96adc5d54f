import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds that programs get to end by themselves before they are killed. */
const TERM_TIMEOUT_MS = 1500;

/** Milliseconds that the kernel may take to kill them. */
const KILL_TIMEOUT_MS = 300;

/** Milliseconds between two looks at the processes. Node reports the end of our own children only. */
const POLL_MS = 20;

/** Resolves when `child` has ended. */
export function exited(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/**
 * Ends processes that were started with `detached: true`, and all that they started, within 2 seconds. What they
 * started is found by its process group, or by its environment if it has left the group, as a shell in a terminal does:
 * it has `variable`, such as `NAME=value`, which no other process has.
 */
export async function endPrograms(children: Iterable<ChildProcess>, variable: string): Promise<void> {
  const started = [...children].filter(({ pid }) => pid !== undefined);
  if (started.length === 0) return;
  const groups = new Set(started.map(({ pid }) => pid!));
  const find = (): number[] => findProcesses(groups, variable);
  signalAll(find(), 'SIGTERM');
  if (!(await untilNone(find, TERM_TIMEOUT_MS))) {
    // Each look kills what the processes of the last one have started since.
    await untilNone(() => signalAll(find(), 'SIGKILL'), KILL_TIMEOUT_MS);
  }
  await Promise.all(started.map(exited));
}

function signalAll(pids: number[], signal: NodeJS.Signals): number[] {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended by itself.
    }
  }
  return pids;
}

/** Waits until `find` finds nothing. Resolves to false if it still does after `timeoutMs`. */
async function untilNone(find: () => number[], timeoutMs: number): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; find().length > 0; await delay(POLL_MS)) {
    if (performance.now() > end) return false;
  }
  return true;
}

/**
 * Returns the processes that run and are in one of these groups or have this variable. Zombies do not count: in a
 * container there may be no process that reaps them.
 */
function findProcesses(groups: ReadonlySet<number>, variable: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOneOf(name, groups, variable))
    .map(Number);
}

function isOneOf(pid: string, groups: ReadonlySet<number>, variable: string): boolean {
  try {
    // proc(5), stat: a name in parentheses, which may contain any character; then state, parent and group.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return false;
    if (groups.has(Number(group))) return true;
    return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(`\0${variable}\0`);
  } catch {
    // It has ended, or belongs to another user.
    return false;
  }
}
