/** The steps of a frame, in their order. */
export const STAGES = ['capture', 'compare', 'encode', 'queue', 'busy', 'link', 'draw'] as const;

export type Stage = (typeof STAGES)[number];

/** Milliseconds of each stage of one frame, in the order of STAGES. */
export type StageTimes = readonly number[];

/** What get_next_frame_stats answers, as far as it is used here. */
export interface FrameStats {
  readonly frame: { readonly server_time_us: number };
  readonly server_side: readonly { readonly process_name: string; readonly time_us: number }[];
  readonly client_side: readonly {
    readonly client: string;
    readonly client_time_us: number;
    readonly client_wait_us: number;
    readonly ping_us: number;
    readonly processes: readonly { readonly process_name: string; readonly time_us: number }[];
  }[];
}

/**
 * Divides a frame's time into stages, for each viewer that has reported it. What is left of the server's time is that
 * in which the frame waited in the server. Half of the round trip is the way of the first byte.
 */
export function stagesByViewer(stats: FrameStats): Map<string, StageTimes> {
  const server = (name: string): number => timeOf(stats.server_side, name);
  const capture = server('Screenshot');
  const compare = server('Analysis');
  const encode = server('Encoding_total');
  const queue = Math.max(0, stats.frame.server_time_us - capture - compare - encode);
  return new Map(
    stats.client_side.map((side) => {
      const draw = timeOf(side.processes, 'scanRenderQ');
      const link = side.ping_us / 2 + Math.max(0, side.client_time_us - draw);
      const times = [capture, compare, encode, queue, side.client_wait_us, link, draw];
      return [side.client, times.map((us) => us / 1000)];
    }),
  );
}

const timeOf = (
  list: readonly { readonly process_name: string; readonly time_us: number }[],
  name: string,
): number => list.find(({ process_name }) => process_name === name)?.time_us ?? 0;

/** One measured frame. */
export interface Sample {
  readonly atMs: number;
  readonly times: StageTimes;
}

/** Time that a chart covers. */
export const COVERED_MS = 60_000;

/** The last minute of one viewer's frames. */
export class History {
  #samples: Sample[] = [];

  /** Adds a frame, and forgets what is older than a minute. */
  add(sample: Sample): void {
    this.#samples.push(sample);
    this.forgetBefore(sample.atMs - COVERED_MS);
  }

  forgetBefore(atMs: number): void {
    this.#samples = this.#samples.filter((sample) => sample.atMs >= atMs);
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }
}

/** What a table says of one stage, in milliseconds. */
export interface StageSummary {
  readonly last: number;
  readonly mean: number;
  readonly most: number;
}

/** Sums up each stage. Undefined without samples. */
export function summarise(samples: readonly Sample[]): StageSummary[] | undefined {
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  return last.times.map((value, stage) => {
    const all = samples.map(({ times }) => times[stage]!);
    return {
      last: value,
      mean: all.reduce((sum, ms) => sum + ms, 0) / all.length,
      most: Math.max(...all),
    };
  });
}
