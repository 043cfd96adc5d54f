import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { processTree, readProc } from '../test/support/process-tree.ts';

/** Sum of what the threads of one name have used. */
export interface ThreadTimes {
  readonly seconds: number;
  /** Number of times that one of them got a core: after waking up, or after other threads ran. */
  readonly turns: number;
}

/** Usage by program and thread name. */
export type ThreadUsage = ReadonlyMap<string, ThreadTimes>;

/** Smallest time that is reported, in seconds. */
const LEAST_SECONDS = 0.005;

/** Reads the usage of `pid` and its descendants. Ended threads are not included. */
export function readThreadUsage(pid: number): ThreadUsage {
  const usage = new Map<string, ThreadTimes>();
  for (const member of processTree(pid)) {
    // The command line, not the process name: Node names itself "MainThread", after its first thread.
    const program = basename(readProc(member, 'cmdline')?.split('\0')[0] ?? '');
    for (const thread of threadsOf(member)) {
      const name = readProc(member, `task/${thread}/comm`)?.trim();
      // sched-stats: nanoseconds on a core, nanoseconds of waiting for one, turns.
      const [runNs = 0, , turns = 0] =
        readProc(member, `task/${thread}/schedstat`)?.split(' ').map(Number) ?? [];
      if (name === undefined) continue;
      const key = name === program ? name : `${program}/${name}`;
      const known = usage.get(key);
      usage.set(key, {
        seconds: (known?.seconds ?? 0) + runNs / 1e9,
        turns: (known?.turns ?? 0) + turns,
      });
    }
  }
  return usage;
}

/** Returns the usage between two readings, largest first, without negligible entries. */
export function threadUsageBetween(
  before: ThreadUsage,
  after: ThreadUsage,
): [name: string, used: ThreadTimes][] {
  return [...after]
    .map(([name, { seconds, turns }]): [string, ThreadTimes] => {
      const from = before.get(name) ?? { seconds: 0, turns: 0 };
      return [name, { seconds: seconds - from.seconds, turns: turns - from.turns }];
    })
    .filter(([, { seconds }]) => seconds > LEAST_SECONDS)
    .sort(([, a], [, b]) => b.seconds - a.seconds);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
