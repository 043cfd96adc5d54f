import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { processTree, readProc } from './process-tree.ts';

/** Processes that keep the core busy on which the encoder threads are. More of them disturb the rest of the test. */
const BUSY_PROCESSES = 5;

/**
 * Niceness of the encoder threads. Threads that are only pinned to a busy core get it for a moment each time that they
 * wake up, which is enough for a small frame: whether that shows depends on the kernel and on other load. With this one
 * they have a fiftieth of the core, and wait for 50 ms or more for each few milliseconds of work. With a larger one, a
 * frame takes so long that the server takes its threads for hung.
 */
const STARVED_NICENESS = 10;

/** The largest niceness (nice(2)). */
const LOWEST_PRIORITY = 19;

/** Name of the encoder threads, as tools show it. */
export const ENCODER = 'deskwire-encode';

/**
 * Pins the encoder threads of a server to one core, which other processes of a higher priority keep busy, until it is
 * disposed of. All other threads keep their cores. Without root's rights the threads keep their low priority. Throws if
 * no encoder thread runs.
 */
export async function starveEncoders(serverPid: number): Promise<AsyncDisposable> {
  const threads = processTree(serverPid).flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).filter((task) => readProc(pid, `task/${task}/comm`)?.trim() === ENCODER),
  );
  if (threads.length === 0) throw new Error('No encoder thread runs.');
  const cores = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readProc(process.pid, 'status') ?? '')?.[1] ?? '0';
  const core = /\d+$/.exec(cores)![0];
  const niceness = getPriority(serverPid);
  const busy = Array.from({ length: BUSY_PROCESSES }, () =>
    spawn('taskset', ['-c', core, 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }),
  );
  await Promise.all(busy.map((child) => once(child, 'spawn')));
  for (const thread of threads) {
    pin(thread, core);
    setPriority(Number(thread), Math.min(LOWEST_PRIORITY, niceness + STARVED_NICENESS));
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(
        busy.map(async (child) => {
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }),
      );
      for (const thread of threads) restore(thread, cores, niceness);
    },
  };
}

function pin(thread: string, cores: string): void {
  execFileSync('taskset', ['-p', '-c', cores, thread], { stdio: 'ignore' });
}

function restore(thread: string, cores: string, niceness: number): void {
  try {
    pin(thread, cores);
    setPriority(Number(thread), niceness);
  } catch {
    // The thread has ended, or this is not root.
  }
}
