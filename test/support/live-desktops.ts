import { readFileSync } from 'node:fs';
import { statOf } from '../../src/common/process-tree.ts';
import { findProcesses, isAlive } from '../../src/fleet/host/desktop-process.ts';

/** Processes of desktops' servers below a folder that run and are not frozen, by the name of the desktop. */
function liveDesktops(folder: string): Map<string, number[]> {
  const live = new Map<string, number[]>();
  for (const [keyFile, process_] of findProcesses()) {
    if (!keyFile.startsWith(`${folder}/`) || !isAlive(process_) || !mayRun(process_.pid)) continue;
    const name = keyFile.split('/').at(-2)!;
    live.set(name, [...(live.get(name) ?? []), process_.pid]);
  }
  return live;
}

/** Bit of a process's flags: it is exiting. See proc_pid_stat(5). */
const EXITING = 4;
/** Bit of SIGKILL in the masks of /proc/PID/status. */
const KILLED = 0x100n;

/** Whether a process may run code of its own: it is not frozen, and not about to end. */
function mayRun(pid: number): boolean {
  const [state, , , , , , flags] = statOf(pid);
  if (state === undefined || state === 'T' || (Number(flags) & EXITING) !== 0) return false;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return [...status.matchAll(/^(?:Sig|Shd)Pnd:\s*([0-9a-f]+)$/gm)].every(
      ([, mask]) => (BigInt(`0x${mask}`) & KILLED) === 0n,
    );
  } catch {
    return false;
  }
}

/** Looks again and again for a desktop that runs twice, until it is stopped. */
export class TwiceWatch {
  /** What was found, as sentences. */
  readonly found: string[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(folder: string, eachMs = 50) {
    this.#timer = setInterval(() => {
      for (const [name, pids] of liveDesktops(folder))
        if (pids.length > 1) this.found.push(`${name} runs as ${pids.join(' and ')}`);
    }, eachMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
