import { setTimeout as sleep } from 'node:timers/promises';
import type { Rect, Size } from '../src/pixels/rect.ts';
import { monotonicMs } from './clock.ts';
import { type Child, forkChild } from './ipc.ts';
import type { PainterCalls } from './painter/painter.ts';
import type { Peer, StartPeer, ViewerTarget } from './peers/peer.ts';
import { pictureQuality, type Sample } from './picture-quality.ts';
import { machineBusySeconds, memoryAloneBytes, openGlBytes, readUsage } from './process-usage.ts';
import { type RoundNumbers, roundNumbers } from './round.ts';
import { readThreadUsage, threadUsageBetween } from './thread-usage.ts';
import type { CrowdCalls } from './viewer/crowd-process.ts';
import type { ShownFrame } from './viewer/patch-sampler.ts';
import type { ViewerCalls } from './viewer/viewer-process.ts';
import { layoutOf, type Workload } from './workloads.ts';

/** Time from the last painted frame to the end of watching, in ms, in which late frames may still be seen. */
const LINGER_MS = 500;
/** Longest time from the last painted frame until the viewer must show exactly what X does, in ms. */
const EXACT_WITHIN_MS = 2000;

export interface RoundTimes {
  /**
   * Seconds from the first painted frame to the start of measuring, for compilers and congestion windows to settle.
   */
  readonly warmUpSeconds: number;
  /** Length of the measurement, in seconds. */
  readonly seconds: number;
}

/** CPU that the threads of one name took per frame. */
interface ThreadsPerFrame {
  readonly name: string;
  readonly cpuMs: number;
  readonly turns: number;
}

export interface Round {
  /** Numbers of the viewer that decodes, and of the server. */
  readonly numbers: RoundNumbers;
  /** Parameters that were drawn, in words. */
  readonly drawn: string | undefined;
  /** At the end of the measurement. */
  readonly memory: MemoryNow;
  /** Updates per second of each viewer of the crowd. */
  readonly crowdFps: readonly number[];
  /** Milliseconds of CPU per frame by thread name, largest first. */
  readonly threadsPerFrame: readonly ThreadsPerFrame[];
}

/** Memory of a server's processes. */
export interface MemoryNow {
  /** Proportional set size. */
  readonly mib: number;
  /** What it would be if no other program had the same files mapped. */
  readonly aloneMiB: number;
  /** The part of `mib` that is unchanged pages of OpenGL's libraries. */
  readonly openGlMiB: number;
}

/** One server under measurement, with a painter on its display and its viewers, in separate processes. */
export interface Rig {
  readonly name: string;
  /** Paints, watches and measures. `seed` decides what a drawn picture looks like. */
  runRound(workload: Workload, times: RoundTimes, seed: number): Promise<Round>;
  /** The same with `crowd` viewers in addition to the one that decodes. */
  runCrowd(workload: Workload, times: RoundTimes, crowd: number): Promise<Round>;
  /** Returns the memory of all the server's processes now. */
  memory(): MemoryNow;
  /** Returns the seconds of CPU that all the server's processes have taken. */
  cpuSeconds(): number;
  readonly target: ViewerTarget;
  close(): Promise<void>;
}

interface Processes {
  readonly peer: Peer;
  readonly size: Size;
  readonly painter: Child<PainterCalls>;
  readonly viewer: Child<ViewerCalls>;
  readonly crowd: Child<CrowdCalls>;
}

export async function createRig(startPeer: StartPeer, size: Size): Promise<Rig> {
  const peer = await startPeer(size);
  const at = (path: string): URL => new URL(path, import.meta.url);
  const processes: Processes = {
    peer,
    size,
    painter: forkChild(at('./painter/painter.ts'), peer.environment),
    viewer: forkChild(at('./viewer/viewer-process.ts')),
    crowd: forkChild(at('./viewer/crowd-process.ts')),
  };
  const close = async (): Promise<void> => {
    const { painter, viewer, crowd } = processes;
    await Promise.all([painter.close(), viewer.close(), crowd.close()]);
    await peer.close();
  };
  try {
    await processes.painter.calls.open(peer.display);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    name: peer.name,
    target: peer.target,
    memory: () => memoryOf(peer),
    cpuSeconds: () => readUsage(peer.pid).cpuSeconds,
    runRound: (workload, times, seed) => runRound(processes, workload, times, seed, 0),
    runCrowd: (workload, times, crowd) => runRound(processes, workload, times, 0, crowd),
    close,
  };
}

async function runRound(
  { peer, size, painter, viewer, crowd }: Processes,
  workload: Workload,
  times: RoundTimes,
  seed: number,
  crowdSize: number,
): Promise<Round> {
  const layout = layoutOf(workload, seed, size);
  await viewer.calls.connect(peer.target, layout);
  await crowd.calls.join(peer.target, crowdSize);
  await painter.calls.start(workload, seed);
  await sleep(times.warmUpSeconds * 1000);

  const before = readUsage(peer.pid);
  const threadsBefore = readThreadUsage(peer.pid);
  const othersBefore = othersSeconds();
  const startMs = monotonicMs();
  await sleep(times.seconds * 1000);
  const endMs = monotonicMs();
  const after = readUsage(peer.pid);
  const threadsAfter = readThreadUsage(peer.pid);
  const othersAfter = othersSeconds();
  const memory = memoryOf(peer);

  const painted = await painter.calls.stop();
  const lastMs = painted.at(-1)?.[1];
  const [exactAtMs] = await Promise.all([
    lastMs === undefined
      ? undefined
      : viewer.calls.whenExact(peer.display, peer.environment, lastMs + EXACT_WITHIN_MS),
    sleep(LINGER_MS),
  ]);
  const crowdUpdates = await crowd.calls.leave();
  const { record, frames: shown } = await viewer.calls.disconnect();
  const within = (ms: number): boolean => ms >= startMs && ms < endMs;
  const samples = await pairWithPainted(
    painter,
    shown.filter(({ ms }) => within(ms)),
    layout.samples,
  );
  await painter.calls.clear();
  const numbers = roundNumbers({
    startMs,
    endMs,
    painted,
    viewer: record,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    memoryBytes: after.memoryBytes,
    othersSeconds: othersAfter - othersBefore,
    quality: pictureQuality(samples),
    exactAtMs,
  });
  const seconds = (endMs - startMs) / 1000;
  const frames = Math.max(1, numbers.fps * seconds);
  return {
    numbers,
    drawn: layout.drawn,
    memory,
    crowdFps: crowdUpdates.map((times) => times.filter(within).length / seconds),
    threadsPerFrame: threadUsageBetween(threadsBefore, threadsAfter).map(([name, { seconds, turns }]) => ({
      name,
      cpuMs: (seconds * 1000) / frames,
      turns: turns / frames,
    })),
  };
}

async function pairWithPainted(
  painter: Child<PainterCalls>,
  frames: readonly ShownFrame[],
  places: readonly Rect[],
): Promise<Sample[]> {
  if (!frames.length) return [];
  const numbers = frames.map(({ number }) => number);
  const painted = await painter.calls.readFrames(numbers, places);
  return frames.flatMap((frame, f) =>
    places.map(({ width, height }, p) => ({
      width,
      height,
      shown: frame.places[p]!,
      painted: painted[f]![p]!,
    })),
  );
}

const memoryOf = ({ pid }: Peer): MemoryNow => ({
  mib: readUsage(pid).memoryBytes / 2 ** 20,
  aloneMiB: memoryAloneBytes(pid) / 2 ** 20,
  openGlMiB: openGlBytes(pid).shareBytes / 2 ** 20,
});

/** Servers, painters and viewers all descend from this process. */
const othersSeconds = (): number => machineBusySeconds() - readUsage(process.pid).cpuSeconds;
