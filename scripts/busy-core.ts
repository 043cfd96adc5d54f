/** Keeps one core busy: a stand-in for other work on the machine while tests run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How long the busy loop spins before it looks whether its parent still lives. */
const SPIN_MS = 100;

const LOOP = `
  const parent = process.ppid;
  while (process.ppid === parent) {
    const endMs = performance.now() + ${SPIN_MS};
    while (performance.now() < endMs);
  }`;

export interface BusyCore {
  readonly process: ChildProcess;
  /** Ends the loop. Resolves when its process has ended. */
  stop(): Promise<void>;
}

/** Starts a process that spins in a process group of its own. It ends by itself if this process dies. */
export function startBusyCore(): BusyCore {
  const child = spawn(process.execPath, ['--eval', LOOP], { detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit');
  return {
    process: child,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
