import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { processTree, readProc } from '../test/support/process-tree.ts';

/** Seconds of CPU by program and thread name; threads of one name are added up. */
export type ThreadUsage = ReadonlyMap<string, number>;

const TICKS_PER_SECOND = 100;

/** Of `pid` and its descendants. Threads that have ended are not in it. */
export function readThreadUsage(pid: number): ThreadUsage {
  const usage = new Map<string, number>();
  for (const member of processTree(pid)) {
    // Not the process's own name: Node calls itself, as its first thread, "MainThread".
    const program = basename(readProc(member, 'cmdline')?.split('\0')[0] ?? '');
    for (const thread of threadsOf(member)) {
      const text = readProc(member, `task/${thread}/stat`);
      if (text === undefined) continue;
      const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const seconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
      const key = name === program ? name : `${program}/${name}`;
      usage.set(key, (usage.get(key) ?? 0) + seconds);
    }
  }
  return usage;
}

/** What was used between two readings, most first, without what is next to nothing. */
export function threadUsageBetween(
  before: ThreadUsage,
  after: ThreadUsage,
): [name: string, seconds: number][] {
  return [...after]
    .map(([name, seconds]): [string, number] => [name, seconds - (before.get(name) ?? 0)])
    .filter(([, seconds]) => seconds > 1 / TICKS_PER_SECOND)
    .sort(([, a], [, b]) => b - a);
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
