import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds that programs get to end by themselves before they are killed. */
const TERM_TIMEOUT_MS = 1500;

/** Milliseconds that the kernel may take to kill them. */
const KILL_TIMEOUT_MS = 300;

/** Milliseconds between two looks at the group. Node reports the end of our own child only. */
const POLL_MS = 20;

/** Resolves when `child` has ended. */
export function exited(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a process group has members that run. A zombie still takes signals, so that a signal alone does not tell; in
 * a container there may be no process that reaps zombies.
 */
function isGroupAlive(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // proc(5), stat: a name in parentheses, which may contain any character; then state, parent and group.
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(pgrp) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

/** Waits until a process group is empty. Resolves to false if it is not after `timeoutMs`. */
async function groupGone(pid: number, timeoutMs: number): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; isGroupAlive(pid); await delay(POLL_MS)) {
    if (performance.now() > end) return false;
  }
  return true;
}

/** Ends a process that was started with `detached: true`, and its process group, within 2 seconds. */
export async function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  if (!(await groupGone(pid, TERM_TIMEOUT_MS))) {
    signalGroup(pid, 'SIGKILL');
    await groupGone(pid, KILL_TIMEOUT_MS);
  }
  await exited(child);
}
