import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { processTree, readProc } from '../test/support/process-tree.ts';

/** What the threads of one name have used, all of them together. */
export interface ThreadTimes {
  readonly seconds: number;
  /** How often one of them got a core: each time it woke up, or went on after others. */
  readonly turns: number;
}

/** By program and thread name. */
export type ThreadUsage = ReadonlyMap<string, ThreadTimes>;

/** Less than this is next to nothing. */
const LEAST_SECONDS = 0.005;

/** Of `pid` and its descendants. Threads that have ended are not in it. */
export function readThreadUsage(pid: number): ThreadUsage {
  const usage = new Map<string, ThreadTimes>();
  for (const member of processTree(pid)) {
    // Not the process's own name: Node calls itself, as its first thread, "MainThread".
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

/** What was used between two readings, most first, without what is next to nothing. */
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
