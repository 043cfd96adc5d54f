import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** How long programs get to end by themselves before they are killed. */
const TERM_TIMEOUT_MS = 1500;

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

/** Ends a process started with `detached: true` and everything in its process group, within 2 seconds. */
export async function endGroup(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const gone = exited(child);
  if (!signalGroup(pid, 'SIGTERM')) return gone;
  const cut = new AbortController();
  const late = delay(TERM_TIMEOUT_MS, true, { signal: cut.signal }).catch(() => false);
  await Promise.race([gone, late]);
  cut.abort();
  // The leader may have ended before others of its group.
  if (signalGroup(pid, 0)) signalGroup(pid, 'SIGKILL');
  await gone;
}
