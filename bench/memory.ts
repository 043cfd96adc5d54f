import { setTimeout as sleep } from 'node:timers/promises';
import { HttpsClient } from '../test/support/https-client.ts';
import type { ViewerTarget } from './peers/peer.ts';
import type { Rig, RoundTimes } from './rig.ts';
import type { Workload } from './workloads.ts';

/** Memory of all processes of one server in turn, in MiB. */
export interface MemoryResult {
  readonly peer: string;
  /** Without a viewer, after the start. */
  readonly idle: number;
  /** At the end of a round with one viewer. */
  readonly viewed: number;
  /** Ten seconds after the viewer has left. */
  readonly left: number;
  /** Ten seconds after screenshots of all formats. Undefined for a server without screenshots. */
  readonly afterScreenshots: number | undefined;
}

/** Time for a server to release what it no longer needs. */
const SETTLE_MS = 10_000;
const SCREENSHOTS = 100;
const FORMATS = ['jpeg', 'png', 'webp'];

/** Measures a server that has just started. */
export async function measureMemory(rig: Rig, workload: Workload, times: RoundTimes): Promise<MemoryResult> {
  await sleep(SETTLE_MS);
  const idle = rig.memoryMiB();
  const { numbers } = await rig.runRound(workload, times, 0);
  await sleep(SETTLE_MS);
  const left = rig.memoryMiB();
  const { target } = rig;
  if (target.kind === 'websocket') await takeScreenshots(target);
  await sleep(SETTLE_MS);
  return {
    peer: rig.name,
    idle,
    viewed: numbers.memoryMiB,
    left,
    afterScreenshots: target.kind === 'websocket' ? rig.memoryMiB() : undefined,
  };
}

async function takeScreenshots(target: ViewerTarget & { kind: 'websocket' }): Promise<void> {
  const client = new HttpsClient(target.url, target.ca, target.user);
  for (let i = 0; i < SCREENSHOTS; i++) {
    const { status } = await client.get(`/api/get_screenshot?format=${FORMATS[i % FORMATS.length]}`);
    if (status !== 200) throw new Error(`A screenshot was answered with ${status}.`);
  }
  client.close();
}

export function formatMemory({ peer, idle, viewed, left, afterScreenshots }: MemoryResult): string {
  const line = (what: string, mib: number | undefined): string =>
    `  ${what}: ${mib === undefined ? '-' : `${mib.toFixed(0)} MiB`}`;
  return [
    `memory ${peer}`,
    line('without a viewer', idle),
    line('with one viewer of a film', viewed),
    line('ten seconds after it has left', left),
    line(`ten seconds after ${SCREENSHOTS} screenshots`, afterScreenshots),
  ].join('\n');
}
