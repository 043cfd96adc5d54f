import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { Size } from '../../src/pixels/rect.ts';
import { launchChromium } from '../../test/client/browser.ts';
import { processTree, readProc } from '../../test/support/process-tree.ts';
import { monotonicMs } from '../clock.ts';
import { type Child, forkChild } from '../ipc.ts';
import type { PainterCalls } from '../painter/painter.ts';
import { startDeskwirePeer } from '../peers/deskwire.ts';
import type { Peer } from '../peers/peer.ts';
import { startTigerVnc } from '../peers/tigervnc.ts';
import { readUsage } from '../process-usage.ts';
import type { RoundTimes } from '../rig.ts';
import { createDice, roundSeed } from '../scenes/dice.ts';
import { percentile } from '../statistics.ts';
import { layoutOf, WORKLOADS, type Workload } from '../workloads.ts';
import { NOVNC_CANVAS, NovncSite } from './novnc-site.ts';
import { keyTimes, type ShownNumbers, shownNumbers } from './page-round.ts';
import { type PageAddress, WatchedPage } from './watched-page.ts';

export type PageName = 'deskwire' | 'novnc';

/** Pictures that are shown in the pages, by what the report calls them. */
const PICTURES = { film: 'video-30', text: 'scroll-smooth-30', small: 'small-30' } as const;
export type PictureName = keyof typeof PICTURES;
export const PICTURE_NAMES = Object.keys(PICTURES) as PictureName[];

const workloadOf = (name: PictureName): Workload => WORKLOADS.find((one) => one.name === PICTURES[name])!;

/** Keys that are pressed in a run. A larger number has a better p99, and takes longer. */
const KEYS = 100;
/** Time between two keys, in ms: as a fast typist's, and not in step with the display's frames. */
const BETWEEN_KEYS_MS = [60, 120] as const;
/** Time in which late frames may still be shown, in ms. */
const LINGER_MS = 500;
/** Time of painting before a page is opened, in ms. */
const PAINTED_BEFORE_MS = 500;
/** Quality level of both: noVNC asks for it unless it is told otherwise. */
const QUALITY = 6;

/** One run of a page, from opening it to closing it. */
export type PageRun = Readonly<Record<PictureName, ShownNumbers>> & {
  readonly firstPictureMs: number;
  readonly keyP50Ms: number;
  readonly keyP99Ms: number;
};

/** All runs of each page. */
export type PageResults = Partial<Record<PageName, readonly PageRun[]>>;

export interface PageOptions {
  readonly size: Size;
  readonly rounds: number;
  readonly times: RoundTimes;
  readonly seed: number;
  readonly pages: readonly PageName[];
}

/** A page with the server behind it, and a painter on its desktop. */
interface Subject {
  readonly name: PageName;
  readonly peer: Peer;
  readonly painter: Child<PainterCalls>;
  readonly address: PageAddress;
  close(): Promise<void>;
}

/**
 * Measures what a browser shows: our page, and noVNC on TigerVNC. Their runs alternate, in one Chromium that draws by
 * software. Only one page is open at a time.
 */
export async function measurePages(options: PageOptions): Promise<PageResults> {
  const subjects: Subject[] = [];
  const browser = await launchChromium();
  const results: Record<string, PageRun[]> = {};
  try {
    for (const name of options.pages) subjects.push(await startSubject(name, options.size));
    for (let round = 1; round <= options.rounds; round++) {
      for (const subject of subjects) {
        const run = await runPage(browser, subject, options, round);
        results[subject.name] = [...(results[subject.name] ?? []), run];
        console.error(`page ${round}/${options.rounds} ${subject.name}: ${describeRun(run)}`);
      }
    }
  } finally {
    await Promise.all([browser.close(), ...subjects.map((subject) => subject.close())]);
  }
  return results;
}

async function startSubject(name: PageName, size: Size): Promise<Subject> {
  const peer = await (name === 'novnc' ? startTigerVnc : startDeskwirePeer)(size);
  const { target } = peer;
  const site = target.kind === 'tcp' ? await NovncSite.start(target.port) : undefined;
  const painter = forkChild<PainterCalls>(
    new URL('../painter/painter.ts', import.meta.url),
    peer.environment,
  );
  const close = async (): Promise<void> => {
    await painter.close();
    await site?.close();
    await peer.close();
  };
  try {
    await painter.calls.open(peer.display);
  } catch (error) {
    await close();
    throw error;
  }
  const address =
    target.kind === 'tcp'
      ? { url: site!.url, canvas: NOVNC_CANVAS }
      : { url: `${target.url}?quality=${QUALITY}`, canvas: '#screen', user: target.user };
  return { name, peer, painter, address, close };
}

async function runPage(
  browser: Browser,
  { peer, painter, address }: Subject,
  { size, times, seed }: PageOptions,
  round: number,
): Promise<PageRun> {
  const seedOf = (name: string): number => roundSeed(seed, name, round);
  const film = workloadOf('film');
  await painter.calls.start(film, seedOf(film.name));
  await sleep(PAINTED_BEFORE_MS);
  const last = (await painter.calls.stop()).at(-1)!;
  const page = await WatchedPage.open(browser, size, address, layoutOf(film, 0, size).groups, last[0]);
  const pids = { browser: browserPid(), server: peer.pid };
  try {
    await painter.calls.clear();
    const shown = {} as Record<PictureName, ShownNumbers>;
    for (const name of PICTURE_NAMES) {
      const workload = workloadOf(name);
      shown[name] = await runPicture(page, painter, workload, {
        times,
        size,
        pids,
        seed: seedOf(workload.name),
      });
    }
    const keyMs = await runKeys(page, painter, size, seedOf('keys'));
    return {
      ...shown,
      firstPictureMs: page.firstPictureMs,
      keyP50Ms: percentile(keyMs, 0.5)!,
      keyP99Ms: percentile(keyMs, 0.99)!,
    };
  } finally {
    await page.close();
    await painter.calls.clear();
  }
}

interface PictureOptions {
  readonly times: RoundTimes;
  readonly size: Size;
  readonly seed: number;
  readonly pids: { readonly browser: number; readonly server: number };
}

async function runPicture(
  page: WatchedPage,
  painter: Child<PainterCalls>,
  workload: Workload,
  { times, size, seed, pids }: PictureOptions,
): Promise<ShownNumbers> {
  await page.watch(layoutOf(workload, seed, size).groups);
  await painter.calls.start(workload, seed, true);
  await sleep(times.warmUpSeconds * 1000);
  const cpu = (): number[] => [pids.browser, pids.server].map((pid) => readUsage(pid).cpuSeconds);
  const before = cpu();
  const startMs = monotonicMs();
  await sleep(times.seconds * 1000);
  const endMs = monotonicMs();
  const after = cpu();
  const painted = await painter.calls.stop();
  await sleep(LINGER_MS);
  const { seen } = await page.recorded();
  await painter.calls.clear();
  const [browserCpuSeconds, serverCpuSeconds] = after.map((seconds, i) => seconds - before[i]!) as [
    number,
    number,
  ];
  return shownNumbers({ startMs, endMs, painted, seen, browserCpuSeconds, serverCpuSeconds });
}

/** Returns the time from each key to what it changed. */
async function runKeys(
  page: WatchedPage,
  painter: Child<PainterCalls>,
  size: Size,
  seed: number,
): Promise<number[]> {
  const dice = createDice(seed);
  await page.watch(layoutOf(workloadOf('small'), seed, size).groups);
  await painter.calls.startKeys(seed);
  for (let i = 0; i < KEYS; i++) {
    await page.press('a');
    await sleep(dice.integer(...BETWEEN_KEYS_MS));
  }
  await sleep(LINGER_MS);
  const painted = await painter.calls.stop();
  const { keys, seen } = await page.recorded();
  return keyTimes(keys, painted, seen);
}

/** Returns the process id of Chromium, which this process has started. Its other processes descend from it. */
function browserPid(): number {
  const found = processTree(process.pid).find((pid) => {
    const command = readProc(pid, 'cmdline') ?? '';
    return command.includes('chromium') && !command.includes('--type=');
  });
  if (found === undefined) throw new Error('Chromium is not running.');
  return found;
}

const ms = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(1));

function describeRun(run: PageRun): string {
  const shown = PICTURE_NAMES.map(
    (name) => `${name} ${ms(run[name].fps)} fps, p50 ${ms(run[name].p50Ms)} ms`,
  );
  return [
    ...shown,
    `key p50 ${ms(run.keyP50Ms)}, p99 ${ms(run.keyP99Ms)} ms`,
    `first picture ${ms(run.firstPictureMs)} ms`,
  ].join('; ');
}
