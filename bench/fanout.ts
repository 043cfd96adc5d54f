import type { Rig, Round, RoundTimes } from './rig.ts';
import { median } from './statistics.ts';
import type { Workload, WorkloadName } from './workloads.ts';

const VIEWERS = 16;

/** Frames and costs of many viewers of one desktop, compared with one viewer. Medians of the rounds. */
export interface FanoutResult {
  readonly peer: string;
  readonly workload: WorkloadName;
  readonly paintedFps: number;
  readonly viewers: number;
  /** Frames per second of the viewer that got the fewest. */
  readonly leastFps: number;
  readonly medianFps: number;
  /** CPU of all the server's processes, divided by their CPU with one viewer. */
  readonly cpuRatio: number;
  /** In millions of bytes. */
  readonly memoryMBPerViewer: number;
}

/** Measures a server with one viewer and with sixteen, in turn. */
export async function measureFanout(
  rig: Rig,
  workload: Workload,
  rounds: number,
  times: RoundTimes,
): Promise<FanoutResult> {
  const alone: Round[] = [];
  const together: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await rig.runCrowd(workload, times, 0));
    together.push(await rig.runCrowd(workload, times, VIEWERS - 1));
  }
  const fps = together.map(({ numbers, crowdFps }) => [numbers.fps, ...crowdFps]);
  const cpu = (of: Round[]): number => median(of.map(({ numbers }) => numbers.cpuPercent))!;
  const memoryMB = (of: Round[]): number =>
    (median(of.map(({ numbers }) => numbers.memoryMiB))! * 2 ** 20) / 1e6;
  return {
    peer: rig.name,
    workload: workload.name,
    paintedFps: workload.fps,
    viewers: VIEWERS,
    leastFps: median(fps.map((all) => Math.min(...all)))!,
    medianFps: median(fps.flat())!,
    cpuRatio: cpu(together) / cpu(alone),
    memoryMBPerViewer: (memoryMB(together) - memoryMB(alone)) / (VIEWERS - 1),
  };
}

export function formatFanout({ peer, workload, paintedFps, viewers, ...numbers }: FanoutResult): string {
  const { leastFps, medianFps, cpuRatio, memoryMBPerViewer } = numbers;
  return [
    `fanout ${peer}: ${viewers} viewers of ${workload}, ${paintedFps} fps`,
    `  frames per second: least ${leastFps.toFixed(1)}, median ${medianFps.toFixed(1)}`,
    `  CPU over one viewer's: x ${cpuRatio.toFixed(2)}`,
    `  memory of each more: ${memoryMBPerViewer.toFixed(1)} MB`,
  ].join('\n');
}
