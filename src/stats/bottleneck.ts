/** "Current" numbers cover this long. */
const CURRENT_WINDOW_MS = 10_000;

/** A connection that had something to send and got nothing for this long has no network to speak of. */
const SILENCE_MS = 3_000;

/** A frame at this share of the limit is close to slow. */
const CLOSE_SHARE = 0.8;

/** What a frame that is close to slow counts, where a slow one counts 1. */
const CLOSE_WEIGHT = 0.2;

/** `[cpu, cpuAverage, network, networkAverage]`, each 0.0-10.0 with one decimal, 10 = no constraint. */
export type Bottleneck = [number, number, number, number];

/** One frame as one connection met it; durations in milliseconds. */
export interface FrameSample {
  /** When it was sent, on any clock that only moves on. */
  readonly atMs: number;
  /** From the start of its capture to its last encoded byte. */
  readonly cpuMs: number;
  /** How long it was ready while the network held it back. */
  readonly heldMs: number;
  /** The frame limit that was in force: 1000 / highest frame rate. */
  readonly limitMs: number;
}

interface Weighed {
  readonly atMs: number;
  readonly cpu: number;
  readonly network: number;
}

/** Sums up a connection's frames as get_bottleneck_stats answers them. Has no clock: every call says the time. */
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
   * The four numbers at `nowMs`. `heldSinceMs` is since when a frame has been ready but held by the network,
   * undefined where none is.
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

/** 10 where nothing counted, 0 where every frame did; no frames yet means no constraint. */
function grade(weight: number, frames: number): number {
  if (frames === 0) return 10;
  return Math.round((10 - 10 * Math.min(1, weight / frames)) * 10) / 10;
}
