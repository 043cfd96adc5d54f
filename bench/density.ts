import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetProcess } from '../test/support/fleet-process.ts';
import type { HttpsClient } from '../test/support/https-client.ts';
import { processTree, readProc } from '../test/support/process-tree.ts';
import { memoryAloneBytes, proportionalSetSize, readUsage } from './process-usage.ts';
import { readThreadUsage, type ThreadUsage } from './thread-usage.ts';

/** Real desktops without OpenGL, each with a window manager, a panel and a terminal. */
const DESKTOPS = 20;
/** Desktops that start at the same time. */
const AT_ONCE = 4;
/** Time for all of them to come to rest: threads end, and memory is given back, in ms. */
const SETTLE_MS = 30_000;
/** Time in which the processor is watched, in ms. */
const WATCHED_MS = 30_000;
const START_LIMIT_MS = 90_000;
const MB = 1e6;

/** What processes of one program take, in all desktops together. */
interface ProgramUse {
  readonly program: string;
  readonly processes: number;
  readonly memoryBytes: number;
}

/** Processor time of threads of one name, in all desktops together. */
interface ThreadUse {
  readonly name: string;
  readonly corePercent: number;
  readonly wakeUpsPerSecond: number;
}

export interface DensityResult {
  readonly desktops: number;
  /** Proportional set size of one desktop, on average. */
  readonly memoryMB: number;
  /** The same if each process of Node.js were the only one. */
  readonly aloneMB: number;
  readonly fleetMB: number;
  /** Of one core, for all desktops and the fleet. */
  readonly corePercent: number;
  readonly programs: readonly ProgramUse[];
  readonly threads: readonly ThreadUse[];
}

/** Measures what many idle desktops of one fleet take. */
export async function measureDensity(): Promise<DensityResult> {
  const fleet = await FleetProcess.start();
  const admin = fleet.client();
  try {
    const names = Array.from({ length: DESKTOPS }, (_, i) => `desk-${i + 1}`);
    for (let first = 0; first < DESKTOPS; first += AT_ONCE)
      await Promise.all(names.slice(first, first + AT_ONCE).map((name) => start(admin, name)));
    await sleep(SETTLE_MS);
    const before = { usage: readUsage(fleet.pid), threads: readThreadUsage(fleet.pid) };
    await sleep(WATCHED_MS);
    const after = { usage: readUsage(fleet.pid), threads: readThreadUsage(fleet.pid) };
    const members = processTree(fleet.pid).filter((pid) => pid !== fleet.pid);
    const memoryBytes = members.reduce((sum, pid) => sum + proportionalSetSize(pid), 0);
    const corePercent = ((after.usage.cpuSeconds - before.usage.cpuSeconds) / (WATCHED_MS / 1000)) * 100;
    return {
      desktops: DESKTOPS,
      memoryMB: memoryBytes / DESKTOPS / MB,
      aloneMB: memoryAloneBytes(members[0]!) / MB,
      fleetMB: proportionalSetSize(fleet.pid) / MB,
      corePercent,
      programs: programsOf(members),
      threads: threadsBetween(before.threads, after.threads),
    };
  } finally {
    admin.close();
    await fleet.removeAll();
  }
}

async function start(admin: HttpsClient, name: string): Promise<void> {
  const desktop = { name, size: '1920x1080', gl: false };
  const made = await admin.post('/api/desktops?wait=60', desktop, { timeoutMs: START_LIMIT_MS });
  if (made.json().state !== 'running') throw new Error(`${name} did not start: ${made.text()}`);
}

function programsOf(pids: readonly number[]): ProgramUse[] {
  const byProgram = new Map<string, { processes: number; memoryBytes: number }>();
  for (const pid of pids) {
    const program = programOf(pid);
    if (program === undefined) continue;
    const known = byProgram.get(program) ?? { processes: 0, memoryBytes: 0 };
    known.processes++;
    known.memoryBytes += proportionalSetSize(pid);
    byProgram.set(program, known);
  }
  return [...byProgram]
    .map(([program, use]) => ({ program, ...use }))
    .sort((a, b) => b.memoryBytes - a.memoryBytes);
}

/** Undefined if the process has ended. */
function programOf(pid: number): string | undefined {
  const words = readProc(pid, 'cmdline')?.split('\0') ?? [];
  if (words.includes('deskwire-keeper')) return 'keeper';
  try {
    const program = basename(readlinkSync(`/proc/${pid}/exe`));
    return program === 'node' ? 'server' : program;
  } catch {
    return undefined;
  }
}

/** Threads that got a core at all, those first that woke up most often. */
const threadsBetween = (before: ThreadUsage, after: ThreadUsage): ThreadUse[] =>
  [...after]
    .map(([name, { seconds, turns }]) => ({
      name,
      corePercent: ((seconds - (before.get(name)?.seconds ?? 0)) / (WATCHED_MS / 1000)) * 100,
      wakeUpsPerSecond: (turns - (before.get(name)?.turns ?? 0)) / (WATCHED_MS / 1000),
    }))
    .filter(({ wakeUpsPerSecond }) => wakeUpsPerSecond > 0)
    .sort((a, b) => b.wakeUpsPerSecond - a.wakeUpsPerSecond);

/** Formats the result as tables of Markdown. */
export function formatDensity({ desktops, programs, threads, ...all }: DensityResult): string {
  const { memoryMB, aloneMB, fleetMB, corePercent } = all;
  return [
    `density: ${desktops} idle desktops, ${memoryMB.toFixed(1)} MB each, ${corePercent.toFixed(1)} % of a core for all`,
    `  a desktop without others: ${aloneMB.toFixed(1)} MB; the fleet's process: ${fleetMB.toFixed(1)} MB`,
    '',
    '| program | processes of a desktop | MB of a desktop |',
    '| ------- | ---------------------: | --------------: |',
    ...programs.map(
      ({ program, processes, memoryBytes }) =>
        `| ${program} | ${(processes / desktops).toFixed(1)} | ${(memoryBytes / desktops / MB).toFixed(1)} |`,
    ),
    '',
    '| thread | % of a core, all | times on a core a second, all |',
    '| ------ | ---------------: | ----------------------------: |',
    ...threads.map(
      ({ name, corePercent: percent, wakeUpsPerSecond }) =>
        `| ${name} | ${percent.toFixed(2)} | ${wakeUpsPerSecond.toFixed(1)} |`,
    ),
  ].join('\n');
}
