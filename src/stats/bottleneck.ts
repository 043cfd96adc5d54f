/** Time covered by the current grades, and by each slot of the averages, in ms. */
const CURRENT_WINDOW_MS = 10_000;

/**
 * Time in which frames are forgotten together, in ms. A larger value makes the window less exact; a smaller one takes
 * more memory and time for each connection.
 */
const RECENT_SLOT_MS = 100;
const RECENT_SLOTS = CURRENT_WINDOW_MS / RECENT_SLOT_MS;

/**
 * Time in ms after which a frame that is held up decides the current grade alone, which is then 0: the network grade if
 * nothing was sent while the frame waited, the CPU grade if the frame is still being encoded. Without it, a connection
 * that is sent nothing would have no frames, and so no constraint. A larger value tells later of a link or a thread that
 * stands still; a smaller one takes a short stall for the end.
 */
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

/** Frames of one connection that have not been sent. Both times are undefined if there is no such frame. */
export interface HeldUp {
  /** Time since when the network has held back a frame that is ready. */
  readonly byNetworkSinceMs?: number | undefined;
  /** Time since when a frame has been encoded that is not one of the start. */
  readonly byEncodingSinceMs?: number | undefined;
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
    if (cpuMs !== undefined) this.#cpu.add(atMs, cpuMs, cpuWeight(cpuMs, limitMs));
    this.#network.add(atMs, heldMs, heldWeight(heldMs, limitMs));
  }

  /** Returns the four grades at `nowMs`. */
  read(nowMs: number, { byNetworkSinceMs, byEncodingSinceMs }: HeldUp = {}): Bottleneck {
    return [...this.#cpu.grades(nowMs, byEncodingSinceMs), ...this.#network.grades(nowMs, byNetworkSinceMs)];
  }
}

/** Frames of the last CURRENT_WINDOW_MS, and how many of them counted. */
class RecentFrames {
  /** By the number of the slot, modulo RECENT_SLOTS. */
  readonly #weights = new Float64Array(RECENT_SLOTS);
  readonly #frames = new Uint32Array(RECENT_SLOTS);
  /** Number of the newest slot. */
  #slot = Number.NEGATIVE_INFINITY;

  add(atMs: number, weight: number): void {
    this.#forgetBefore(atMs);
    const at = this.#slot % RECENT_SLOTS;
    this.#weights[at]! += weight;
    this.#frames[at]!++;
  }

  constraint(nowMs: number): number {
    this.#forgetBefore(nowMs);
    let [weight, frames] = [0, 0];
    for (let at = 0; at < RECENT_SLOTS; at++) {
      weight += this.#weights[at]!;
      frames += this.#frames[at]!;
    }
    return share(weight, frames);
  }

  #forgetBefore(nowMs: number): void {
    const newest = Math.floor(nowMs / RECENT_SLOT_MS);
    for (let slot = Math.max(this.#slot + 1, newest - RECENT_SLOTS + 1); slot <= newest; slot++) {
      this.#weights[slot % RECENT_SLOTS] = 0;
      this.#frames[slot % RECENT_SLOTS] = 0;
    }
    this.#slot = Math.max(this.#slot, newest);
  }
}

/** One kind of constraint on a connection's frames: from 0 if no frame counted, to 1 if every frame did. */
class ConstraintMeter {
  readonly #recent = new RecentFrames();
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

  /** Adds a frame that was held up for `heldUpMs` until `atMs`. */
  add(atMs: number, heldUpMs: number, weight: number): void {
    if (heldUpMs >= SILENCE_MS) this.#passSilence(atMs - heldUpMs, atMs);
    this.#beginSlot(atMs);
    this.#weight += weight;
    this.#frames++;
    this.#recent.add(atMs, weight);
  }

  /** The current grade and the average. `heldUpSinceMs`: since when a frame has been held up that is not sent yet. */
  grades(nowMs: number, heldUpSinceMs: number | undefined): [number, number] {
    const isSilent = heldUpSinceMs !== undefined && nowMs - heldUpSinceMs >= SILENCE_MS;
    if (isSilent) this.#passSilence(heldUpSinceMs, nowMs);
    return [isSilent ? 0 : grade(this.#recent.constraint(nowMs)), grade(this.#average(nowMs, isSilent))];
  }

  /** No frame passed in this time, although one was ready. What it has of slots that are over by now is lost. */
  #passSilence(fromMs: number, toMs: number): void {
    this.#beginSlot(fromMs);
    this.#beginSlot(toMs, fromMs);
  }

  /** Mean over the life of the connection. `isLost`: nothing passes in this slot. */
  #average(nowMs: number, isLost: boolean): number {
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
