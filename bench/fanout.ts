import type { Rig, Round } from './rig.ts';
import { median } from './statistics.ts';
import { WORKLOADS } from './workloads.ts';

const VIEWERS = 16;
const WORKLOAD = WORKLOADS.find(({ name }) => name === 'moving-10')!;

/** What many viewers of one desktop get and cost, against one viewer of it. Medians of the rounds. */
export interface FanoutResult {
  readonly peer: string;
  readonly viewers: number;
  /** Frames a second of the viewer that got least. */
  readonly leastFps: number;
  readonly medianFps: number;
  /** CPU of all the server's processes, over that with one viewer. */
  readonly cpuRatio: number;
  readonly memoryMiBPerViewer: number;
}

/** Measures a server with one viewer and with sixteen, in turn, of a picture that moves at 10 frames a second. */
export async function measureFanout(rig: Rig, rounds: number, seconds: number): Promise<FanoutResult> {
  const alone: Round[] = [];
  const together: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await rig.runRound(WORKLOAD, seconds));
    together.push(await rig.runRound(WORKLOAD, seconds, VIEWERS - 1));
  }
  const fps = together.map(({ numbers, crowdFps }) => [numbers.fps, ...crowdFps]);
  const cpu = (of: Round[]): number => median(of.map(({ numbers }) => numbers.cpuPercent))!;
  const memory = (of: Round[]): number => median(of.map(({ numbers }) => numbers.memoryMiB))!;
  return {
    peer: rig.name,
    viewers: VIEWERS,
    leastFps: median(fps.map((all) => Math.min(...all)))!,
    medianFps: median(fps.flat())!,
    cpuRatio: cpu(together) / cpu(alone),
    memoryMiBPerViewer: (memory(together) - memory(alone)) / (VIEWERS - 1),
  };
}

export function formatFanout({ peer, viewers, ...numbers }: FanoutResult): string {
  const { leastFps, medianFps, cpuRatio, memoryMiBPerViewer } = numbers;
  return [
    `fanout ${peer}: ${viewers} viewers of ${WORKLOAD.fps} fps`,
    `  frames a second: least ${leastFps.toFixed(1)}, median ${medianFps.toFixed(1)}`,
    `  CPU over one viewer's: x ${cpuRatio.toFixed(2)}`,
    `  memory of each more: ${memoryMiBPerViewer.toFixed(1)} MiB`,
  ].join('\n');
}
