/** Time covered by the current grades, and by each slot of the averages, in ms. */
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
  /**
   * Time from the start of its capture to its last encoded byte. Undefined for a frame of the start: threads start and
   * code is compiled then, which says nothing about later frames.
   */
  readonly cpuMs: number | undefined;
  /** Time for which it was ready while the network held it back. */
  readonly heldMs: number;
  /** Frame limit at that time: 1000 / highest frame rate. */
  readonly limitMs: number;
}

/**
 * Grades a connection's frames for get_bottleneck_stats. The current grades are those of the frames of the last ten
 * seconds. The averages are over time: each ten seconds of the connection's life count the same, however many frames
 * they had and however slow one of them was. It has no clock: callers pass the time.
 */
export class BottleneckMeter {
  readonly #cpu: ConstraintMeter;
  readonly #network: ConstraintMeter;

  /** `startMs`: when the connection began. */
  constructor(startMs: number) {
    this.#cpu = new ConstraintMeter(startMs);
    this.#network = new ConstraintMeter(startMs);
  }

  add({ atMs, cpuMs, heldMs, limitMs }: FrameSample): void {
    if (cpuMs !== undefined) this.#cpu.add(atMs, cpuWeight(cpuMs, limitMs));
    if (heldMs >= SILENCE_MS) this.#network.passSilence(atMs - heldMs, atMs);
    this.#network.add(atMs, heldWeight(heldMs, limitMs));
  }

  /**
   * Returns the four grades at `nowMs`. `heldSinceMs` is the time since when a ready frame has been held by the
   * network, or undefined if there is none.
   */
  read(nowMs: number, heldSinceMs?: number): Bottleneck {
    const isSilent = heldSinceMs !== undefined && nowMs - heldSinceMs >= SILENCE_MS;
    if (isSilent) this.#network.passSilence(heldSinceMs, nowMs);
    return [
      grade(this.#cpu.current(nowMs)),
      grade(this.#cpu.average(nowMs)),
      isSilent ? 0 : grade(this.#network.current(nowMs)),
      grade(this.#network.average(nowMs, isSilent)),
    ];
  }
}

/** One kind of constraint on a connection's frames: from 0 if no frame counted, to 1 if every frame did. */
class ConstraintMeter {
  #recent: { readonly atMs: number; readonly weight: number }[] = [];
  /** The slot that has begun last: its beginning, and its frames. */
  #slotAtMs: number;
  #weight = 0;
  #frames = 0;
  /** Earlier slots, and the sum of their constraints. */
  #slots = 0;
  #sum = 0;

  constructor(startMs: number) {
    this.#slotAtMs = startMs;
  }

  add(atMs: number, weight: number): void {
    this.#beginSlot(atMs);
    this.#weight += weight;
    this.#frames++;
    this.#recent.push({ atMs, weight });
    this.#forgetBefore(atMs - CURRENT_WINDOW_MS);
  }

  /** No frame passed in this time, although one was ready. What it has of slots that are over by now is lost. */
  passSilence(fromMs: number, toMs: number): void {
    this.#beginSlot(fromMs);
    this.#beginSlot(toMs, fromMs);
  }

  /** Constraint of the last CURRENT_WINDOW_MS. */
  current(nowMs: number): number {
    this.#forgetBefore(nowMs - CURRENT_WINDOW_MS);
    return share(
      this.#recent.reduce((sum, { weight }) => sum + weight, 0),
      this.#recent.length,
    );
  }

  /** Mean over the life of the connection. `isLost`: nothing passes in this slot. */
  average(nowMs: number, isLost = false): number {
    this.#beginSlot(nowMs);
    const now = isLost ? 1 : share(this.#weight, this.#frames);
    const openSlots = Math.max(0, nowMs - this.#slotAtMs) / CURRENT_WINDOW_MS;
    const slots = this.#slots + openSlots;
    return slots === 0 ? now : (this.#sum + now * openSlots) / slots;
  }

  /** Ends the slots before the one that holds `atMs`. All of them is lost from `lostFromMs` on. */
  #beginSlot(atMs: number, lostFromMs = Number.POSITIVE_INFINITY): void {
    const ended = Math.floor((atMs - this.#slotAtMs) / CURRENT_WINDOW_MS);
    if (ended < 1) return;
    const kept = Math.min(1, Math.max(0, lostFromMs - this.#slotAtMs) / CURRENT_WINDOW_MS);
    this.#sum += share(this.#weight, this.#frames) * kept + (1 - kept);
    // No frame passed in the slots after the first.
    if (kept < 1) this.#sum += ended - 1;
    this.#slots += ended;
    this.#slotAtMs += ended * CURRENT_WINDOW_MS;
    this.#weight = 0;
    this.#frames = 0;
  }

  #forgetBefore(atMs: number): void {
    const keep = this.#recent.findIndex((frame) => frame.atMs >= atMs);
    if (keep !== 0) this.#recent = keep < 0 ? [] : this.#recent.slice(keep);
  }
}

function cpuWeight(cpuMs: number, limitMs: number): number {
  if (cpuMs >= limitMs) return Math.floor(cpuMs / limitMs);
  return cpuMs >= limitMs * CLOSE_SHARE ? CLOSE_WEIGHT : 0;
}

function heldWeight(heldMs: number, limitMs: number): number {
  return heldMs > limitMs ? Math.floor(heldMs / limitMs) : 0;
}

/** Without frames there is no constraint. */
const share = (weight: number, frames: number): number => (frames === 0 ? 0 : Math.min(1, weight / frames));

/** 10 for no constraint, 0 for a full one. */
const grade = (constraint: number): number => Math.round((10 - 10 * constraint) * 10) / 10;
