/** Time covered by the current grades, in ms. */
const CURRENT_WINDOW_MS = 10_000;

/** Time without anything sent, in ms, after which a connection with a waiting frame has a network grade of 0. */
const SILENCE_MS = 3_000;

/** Share of the frame limit from which a frame counts as close to slow. */
const CLOSE_SHARE = 0.8;

/** Weight of a frame that is close to slow. A slow frame has weight 1. */
const CLOSE_WEIGHT = 0.2;

/** `[cpu, cpuAverage, network, networkAverage]`, each 0.0-10.0 with one decimal. 10 means no constraint. */
export type Bottleneck = [number, number, number, number];

/** One frame on one connection. Durations are in milliseconds. */
export interface FrameSample {
  /** Time when it was sent, on any monotonic clock. */
  readonly atMs: number;
  /** Time from the start of its capture to its last encoded byte. */
  readonly cpuMs: number;
  /** Time for which it was ready while the network held it back. */
  readonly heldMs: number;
  /** Frame limit at that time: 1000 / highest frame rate. */
  readonly limitMs: number;
}

interface Weighed {
  readonly atMs: number;
  readonly cpu: number;
  readonly network: number;
}

/** Grades a connection's frames for get_bottleneck_stats. It has no clock: callers pass the time. */
export class BottleneckMeter {
  #recent: Weighed[] = [];
  #frames = 0;
  #cpu = 0;
  #network = 0;

  add(sample: FrameSample): void {
    const weighed = { atMs: sample.atMs, cpu: cpuWeight(sample), network: heldWeight(sample) };
    this.#frames++;
    this.#cpu += weighed.cpu;
    this.#network += weighed.network;
    this.#recent.push(weighed);
    this.#forgetBefore(sample.atMs - CURRENT_WINDOW_MS);
  }

  /**
   * Returns the four grades at `nowMs`. `heldSinceMs` is the time since when a ready frame has been held by the
   * network, or undefined if there is none.
   */
  read(nowMs: number, heldSinceMs?: number): Bottleneck {
    this.#forgetBefore(nowMs - CURRENT_WINDOW_MS);
    const recent = this.#recent;
    const cpu = recent.reduce((sum, frame) => sum + frame.cpu, 0);
    const network = recent.reduce((sum, frame) => sum + frame.network, 0);
    const silent = heldSinceMs !== undefined && nowMs - heldSinceMs >= SILENCE_MS;
    return [
      grade(cpu, recent.length),
      grade(this.#cpu, this.#frames),
      silent ? 0 : grade(network, recent.length),
      grade(this.#network, this.#frames),
    ];
  }

  #forgetBefore(atMs: number): void {
    const keep = this.#recent.findIndex((frame) => frame.atMs >= atMs);
    if (keep !== 0) this.#recent = keep < 0 ? [] : this.#recent.slice(keep);
  }
}

function cpuWeight({ cpuMs, limitMs }: FrameSample): number {
  if (cpuMs >= limitMs) return Math.floor(cpuMs / limitMs);
  return cpuMs >= limitMs * CLOSE_SHARE ? CLOSE_WEIGHT : 0;
}

function heldWeight({ heldMs, limitMs }: FrameSample): number {
  return heldMs > limitMs ? Math.floor(heldMs / limitMs) : 0;
}

/** Returns 10 if no frame counted and 0 if every frame did. Without frames there is no constraint. */
function grade(weight: number, frames: number): number {
  if (frames === 0) return 10;
  return Math.round((10 - 10 * Math.min(1, weight / frames)) * 10) / 10;
}
