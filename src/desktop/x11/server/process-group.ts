import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How long programs get to end by themselves before they are killed. */
const TERM_TIMEOUT_MS = 1500;

/** How long the kernel may take over a kill. */
const KILL_TIMEOUT_MS = 300;

/** Only our own child's end is told; that of the others in its group has to be looked for. */
const POLL_MS = 20;

/** Resolves when `child` has ended; at once if it already has. */
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
 * Whether a process group has members that run. Ended ones that nobody has reaped yet (in a container there may
 * be nobody to do it) still take signals, so the kernel's word alone is not enough.
 */
function isGroupAlive(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // proc(5), stat: the name in parentheses may hold anything; then state, parent, group.
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(pgrp) === group && state !== 'Z';
    } catch {
      return false;
    }
  });
}

/** Waits until a process group is empty; false when it is not after `timeoutMs`. */
async function groupGone(pid: number, timeoutMs: number): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; isGroupAlive(pid); await delay(POLL_MS)) {
    if (performance.now() > end) return false;
  }
  return true;
}

/** Ends a process started with `detached: true` and everything in its process group, within 2 seconds. */
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
