import { setTimeout as sleep } from 'node:timers/promises';
import { HttpsClient } from '../test/support/https-client.ts';
import type { ViewerTarget } from './peers/peer.ts';
import type { MemoryNow, Rig, RoundTimes } from './rig.ts';
import type { Workload } from './workloads.ts';

/** Memory of all processes of one server, one time after the other. */
export interface MemoryResult {
  readonly peer: string;
  /** Without a viewer, after the start. */
  readonly idle: MemoryNow;
  /** While one viewer watches. */
  readonly viewed: MemoryNow;
  /** Ten seconds after the viewer has left. */
  readonly left: MemoryNow;
  /** Ten seconds after screenshots of all formats. Undefined for a server without screenshots. */
  readonly afterScreenshots: MemoryNow | undefined;
}

/** Time for a server to release what it no longer needs. */
const SETTLE_MS = 10_000;
const SCREENSHOTS = 100;
const FORMATS = ['jpeg', 'png', 'webp'];

/** Measures a server that has just started. */
export async function measureMemory(rig: Rig, workload: Workload, times: RoundTimes): Promise<MemoryResult> {
  await sleep(SETTLE_MS);
  const idle = rig.memory();
  const { memory: viewed } = await rig.runRound(workload, times, 0);
  await sleep(SETTLE_MS);
  const left = rig.memory();
  const { target } = rig;
  if (target.kind === 'tcp') return { peer: rig.name, idle, viewed, left, afterScreenshots: undefined };
  await takeScreenshots(target);
  await sleep(SETTLE_MS);
  return { peer: rig.name, idle, viewed, left, afterScreenshots: rig.memory() };
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
  const line = (what: string, memory: MemoryNow | undefined): string => {
    if (memory === undefined) return `  ${what}: -`;
    const { mib, aloneMiB, openGlMiB } = memory;
    const parts = `${openGlMiB.toFixed(0)} of them pages of OpenGL's libraries, ${aloneMiB.toFixed(0)} if alone`;
    return `  ${what}: ${mib.toFixed(0)} MiB, ${parts}`;
  };
  return [
    `memory ${peer}`,
    line('without a viewer', idle),
    line('with one viewer of a film', viewed),
    line('ten seconds after it has left', left),
    line(`ten seconds after ${SCREENSHOTS} screenshots`, afterScreenshots),
  ].join('\n');
}
