import { setTimeout as sleep } from 'node:timers/promises';
import type { Size } from '../src/pixels/rect.ts';
import { monotonicMs } from './clock.ts';
import { type Child, forkChild } from './ipc.ts';
import type { PainterCalls } from './painter/painter.ts';
import type { Peer, StartPeer } from './peers/peer.ts';
import { readUsage } from './process-usage.ts';
import { type RoundNumbers, roundNumbers } from './round.ts';
import type { ViewerCalls } from './viewer/viewer-process.ts';
import type { Workload } from './workloads.ts';

/** From the first painted frame to the start of measuring: compilers and congestion windows have settled. */
const WARM_UP_MS = 2000;
/** From the last painted frame to the end of watching, so that late frames are seen and lost ones are lost. */
const LINGER_MS = 500;

/** One server under measurement, with a painter on its display and a viewer of it, each its own process. */
export interface Rig {
  readonly name: string;
  /** Paints, watches and measures for `seconds`. */
  runRound(workload: Workload, seconds: number): Promise<RoundNumbers>;
  close(): Promise<void>;
}

export async function createRig(startPeer: StartPeer, size: Size): Promise<Rig> {
  const peer = await startPeer(size);
  const painter = forkChild<PainterCalls>(new URL('./painter/painter.ts', import.meta.url), peer.environment);
  const viewer = forkChild<ViewerCalls>(new URL('./viewer/viewer-process.ts', import.meta.url));
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
  return {
    name: peer.name,
    runRound: (workload, seconds) => runRound(peer, painter, viewer, workload, seconds),
    close,
  };
}

async function runRound(
  peer: Peer,
  painter: Child<PainterCalls>,
  viewer: Child<ViewerCalls>,
  workload: Workload,
  seconds: number,
): Promise<RoundNumbers> {
  await viewer.calls.connect(peer.target, workload.picture);
  await painter.calls.start(workload);
  await sleep(WARM_UP_MS);
  const before = readUsage(peer.pid);
  const startMs = monotonicMs();
  await sleep(seconds * 1000);
  const endMs = monotonicMs();
  const after = readUsage(peer.pid);
  const painted = await painter.calls.stop();
  await sleep(LINGER_MS);
  const record = await viewer.calls.disconnect();
  return roundNumbers({
    startMs,
    endMs,
    painted,
    viewer: record,
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    memoryBytes: after.memoryBytes,
  });
}
