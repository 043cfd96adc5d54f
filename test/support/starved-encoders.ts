import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { processTree, readProc } from './process-tree.ts';

/**
 * Processes that keep the core busy on which the encoder threads are. With more, a frame takes so long that few come;
 * with fewer, a fast machine still encodes one in time.
 */
const BUSY_PROCESSES = 5;

/** Name of the encoder threads, as tools show it. */
export const ENCODER = 'deskwire-encode';

/**
 * Pins the encoder threads of a server to one core, which other processes keep busy, until it is disposed of. All other
 * threads keep their cores. Throws if no encoder thread runs.
 */
export async function starveEncoders(serverPid: number): Promise<AsyncDisposable> {
  const threads = processTree(serverPid).flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).filter((task) => readProc(pid, `task/${task}/comm`)?.trim() === ENCODER),
  );
  if (threads.length === 0) throw new Error('No encoder thread runs.');
  const cores = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readProc(process.pid, 'status') ?? '')?.[1] ?? '0';
  const core = /\d+$/.exec(cores)![0];
  const pin = (to: string): void => {
    for (const thread of threads) execFileSync('taskset', ['-p', '-c', to, thread], { stdio: 'ignore' });
  };
  const busy = Array.from({ length: BUSY_PROCESSES }, () =>
    spawn('taskset', ['-c', core, 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }),
  );
  await Promise.all(busy.map((child) => once(child, 'spawn')));
  pin(core);
  return {
    [Symbol.asyncDispose]: async () => {
      pin(cores);
      await Promise.all(
        busy.map(async (child) => {
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }),
      );
    },
  };
}
