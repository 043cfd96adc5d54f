import { setTimeout as sleep } from 'node:timers/promises';
import type { Size } from '../src/pixels/rect.ts';
import { monotonicMs } from './clock.ts';
import { type Child, forkChild } from './ipc.ts';
import { keyTimes } from './page/page-round.ts';
import type { PainterCalls } from './painter/painter.ts';
import { startDeskwirePeer } from './peers/deskwire.ts';
import { startFleetPeer } from './peers/fleet.ts';
import type { Peer } from './peers/peer.ts';
import { readUsage } from './process-usage.ts';
import type { RoundTimes } from './rig.ts';
import { roundNumbers } from './round.ts';
import { roundSeed } from './scenes/dice.ts';
import { median, percentile } from './statistics.ts';
import type { ViewerCalls } from './viewer/viewer-process.ts';
import { layoutOf, WORKLOADS, type Workload } from './workloads.ts';

/** Small frames, frames of text, and frames as large as they get. */
const FRAMES = ['small-30', 'pages-30', 'video-30'] as const;
/** Keys and fences of a round. A larger number has a better p99, and takes longer. */
const KEYS = 100;
const FENCES = 200;
/** Pause between two keys, and between two fences, in ms: all processes sleep in it. */
const BETWEEN_KEYS_MS = [60, 120] as const;
const BETWEEN_FENCES_MS = [5, 15] as const;
/** Time in which late frames may still be shown, in ms. */
const LINGER_MS = 500;

type HopSubject = (typeof FRAMES)[number] | 'key' | 'fence';

/** Times of one way in one round, in ms, and the CPU of all of its server's processes. */
interface WayNumbers {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** For each frame, key or fence. */
  readonly cpuMs: number;
}

/** Medians of the rounds of both ways. */
export interface HopResult {
  readonly subject: HopSubject;
  readonly direct: WayNumbers;
  readonly edge: WayNumbers;
}

/** A server, a painter on its desktop, and a viewer. */
interface Way {
  readonly peer: Peer;
  readonly painter: Child<PainterCalls>;
  readonly viewer: Child<ViewerCalls>;
  close(): Promise<void>;
}

interface HopOptions {
  readonly size: Size;
  readonly rounds: number;
  readonly times: RoundTimes;
  readonly seed: number;
}

/**
 * Compares the way to a desktop through an edge with the way to a server of its own: frames, keys and fences, in turn.
 */
export async function measureHop(options: HopOptions): Promise<HopResult[]> {
  const ways: Way[] = [];
  const rounds = new Map<HopSubject, WayNumbers[][]>();
  try {
    const direct = await startDeskwirePeer(options.size);
    ways.push(await openWay(direct));
    const fleet = await startFleetPeer(options.size);
    ways.push(await openWay(fleet, process.geteuid?.() === 0 ? fleet.desktopPid : undefined));
    for (let round = 1; round <= options.rounds; round++) {
      for (const subject of [...FRAMES, 'key', 'fence'] as const) {
        const numbers: WayNumbers[] = [];
        // Each way is the first one in every second round.
        for (const i of round % 2 ? [0, 1] : [1, 0]) {
          numbers[i] = await measure(ways[i]!, subject, roundSeed(options.seed, subject, round), options);
          console.error(
            `${subject} ${round}/${options.rounds} ${ways[i]!.peer.name}: ${describe(numbers[i])}`,
          );
        }
        rounds.set(subject, [...(rounds.get(subject) ?? []), numbers]);
      }
    }
  } finally {
    await Promise.all(ways.map((way) => way.close()));
  }
  return [...rounds].map(([subject, numbers]) => {
    const [direct, edge] = [0, 1].map((way) => mediansOf(numbers.map((both) => both[way]!)));
    return { subject, direct: direct!, edge: edge! };
  });
}

/** `inside`: a process in whose namespaces the X server's socket is. */
async function openWay(peer: Peer, inside?: number): Promise<Way> {
  const at = (path: string): URL => new URL(path, import.meta.url);
  const painter = forkChild<PainterCalls>(at('./painter/painter.ts'), peer.environment, inside);
  const viewer = forkChild<ViewerCalls>(at('./viewer/viewer-process.ts'));
  const close = async (): Promise<void> => {
    await Promise.all([painter.close(), viewer.close()]);
    await peer.close();
  };
  try {
    await painter.calls.open(peer.display);
  } catch (error) {
    await close();
    throw error;
  }
  return { peer, painter, viewer, close };
}

function measure(way: Way, subject: HopSubject, seed: number, options: HopOptions): Promise<WayNumbers> {
  if (subject === 'key') return measureKeys(way, seed, options.size);
  if (subject === 'fence') return measureFences(way, seed, options.size);
  return measureFrames(way, workloadOf(subject), seed, options);
}

const workloadOf = (name: string): Workload => WORKLOADS.find((one) => one.name === name)!;

async function measureFrames(
  { peer, painter, viewer }: Way,
  workload: Workload,
  seed: number,
  { size, times }: HopOptions,
): Promise<WayNumbers> {
  await viewer.calls.connect(peer.target, layoutOf(workload, seed, size));
  await painter.calls.start(workload, seed);
  await sleep(times.warmUpSeconds * 1000);
  const [before, startMs] = [readUsage(peer.pid), monotonicMs()];
  await sleep(times.seconds * 1000);
  const [after, endMs] = [readUsage(peer.pid), monotonicMs()];
  const painted = await painter.calls.stop();
  await sleep(LINGER_MS);
  const { record } = await viewer.calls.disconnect();
  await painter.calls.clear();
  const { p50Ms, p99Ms, cpuMsPerFrame } = roundNumbers({
    ...{ startMs, endMs, painted, viewer: record, memoryBytes: after.memoryBytes },
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    othersSeconds: 0,
    quality: undefined,
    exactAtMs: undefined,
  });
  if (p50Ms === undefined || p99Ms === undefined || cpuMsPerFrame === undefined)
    throw new Error(`${workload.name} showed no frame.`);
  return { p50Ms, p99Ms, cpuMs: cpuMsPerFrame };
}

/** A key makes the painter paint a small change: the time is that from the key to the change in the viewer. */
async function measureKeys({ peer, painter, viewer }: Way, seed: number, size: Size): Promise<WayNumbers> {
  await viewer.calls.connect(peer.target, layoutOf(workloadOf('small-30'), seed, size));
  await painter.calls.startKeys(seed);
  const before = readUsage(peer.pid);
  const pressed = await viewer.calls.pressKeys(KEYS, BETWEEN_KEYS_MS, seed);
  await sleep(LINGER_MS);
  const after = readUsage(peer.pid);
  const painted = await painter.calls.stop();
  const { record } = await viewer.calls.disconnect();
  await painter.calls.clear();
  return numbersOf(keyTimes(pressed, painted, record.seen), after.cpuSeconds - before.cpuSeconds);
}

async function measureFences({ peer, viewer }: Way, seed: number, size: Size): Promise<WayNumbers> {
  await viewer.calls.connect(peer.target, layoutOf(workloadOf('idle'), seed, size));
  const before = readUsage(peer.pid);
  const times = await viewer.calls.roundTrips(FENCES, BETWEEN_FENCES_MS, seed);
  const after = readUsage(peer.pid);
  await viewer.calls.disconnect();
  return numbersOf(times, after.cpuSeconds - before.cpuSeconds);
}

const numbersOf = (times: readonly number[], cpuSeconds: number): WayNumbers => ({
  p50Ms: percentile(times, 0.5)!,
  p99Ms: percentile(times, 0.99)!,
  cpuMs: (cpuSeconds * 1000) / times.length,
});

const mediansOf = (rounds: readonly WayNumbers[]): WayNumbers => ({
  p50Ms: median(rounds.map(({ p50Ms }) => p50Ms))!,
  p99Ms: median(rounds.map(({ p99Ms }) => p99Ms))!,
  cpuMs: median(rounds.map(({ cpuMs }) => cpuMs))!,
});

const describe = ({ p50Ms, p99Ms, cpuMs }: WayNumbers): string =>
  `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, CPU ${cpuMs.toFixed(2)} ms each`;

/** Formats the results as a table of Markdown. */
export function formatHop(results: readonly HopResult[]): string {
  const lines = results.map(({ subject, direct, edge }) =>
    [
      subject.padEnd(8),
      ...[direct.p50Ms, edge.p50Ms, edge.p50Ms - direct.p50Ms].map(inColumn),
      ...[direct.p99Ms, edge.p99Ms, edge.p99Ms - direct.p99Ms].map(inColumn),
      ...[direct.cpuMs, edge.cpuMs, edge.cpuMs / direct.cpuMs].map(inColumn),
    ].join(' | '),
  );
  return [
    'hop: times in ms from a paint, a key or a fence to the viewer, directly and through the edge of a fleet',
    '',
    '| what     | p50 direct | edge | more | p99 direct | edge | more | CPU direct | edge | x |',
    '| -------- | ---------: | ---: | ---: | ---------: | ---: | ---: | ---------: | ---: | -: |',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}

const inColumn = (value: number): string => value.toFixed(2).padStart(6);
