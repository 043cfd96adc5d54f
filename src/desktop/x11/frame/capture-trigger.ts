/** States: damage is only reported. */
const REPORTS = 0;
/** The frame thread captures damage without being asked. */
const ARMED = 1;
/** Damage came, and is or was captured. */
const TAKEN = 2;

const STATE = 0;
const NOT_BEFORE = 1;
const TAKEN_AT = 2;
const REQUEST = 3;
const SLOTS = 4;

const NS_PER_MS = 1e6;

/**
 * Number of tries to read both clocks at the same time. Each costs 1 µs; with too few all of them may be interrupted.
 */
const OFFSET_TRIES = 5;

/** The clocks of one thread, in milliseconds. */
export interface TriggerClocks {
  /** performance.now(), which counts from the start of the thread. */
  ownMs(): number;
  /** A clock that is the same in all threads. */
  sharedMs(): number;
}

const CLOCKS: TriggerClocks = {
  ownMs: () => performance.now(),
  sharedMs: () => Number(process.hrtime.bigint()) / NS_PER_MS,
};

/**
 * Decides whether the next damage is captured as it comes or only reported. The main thread arms it, and the frame
 * thread looks when damage comes. One compare-and-exchange decides which of them was first, without a message.
 *
 * Shared: four slots of 8 bytes. Times are those of the shared clock.
 *
 * ```
 * STATE        Int32 at the beginning of the slot
 * NOT_BEFORE   Float64: time before which damage is only reported
 * TAKEN_AT     Float64: when damage was last taken
 * REQUEST      Float64: id that the capture is answered with
 * ```
 */
export class CaptureTrigger {
  readonly buffer: SharedArrayBuffer;
  readonly #state: Int32Array;
  readonly #slots: Float64Array;
  readonly #clocks: TriggerClocks;
  /** Offset from the thread's own clock to the shared one. */
  readonly #offsetMs: number;

  /** Makes a trigger, or another thread's end of the one in `buffer`. */
  constructor(buffer?: SharedArrayBuffer, clocks = CLOCKS) {
    this.buffer = buffer ?? new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT);
    this.#state = new Int32Array(this.buffer);
    this.#slots = new Float64Array(this.buffer);
    this.#clocks = clocks;
    this.#offsetMs = measureOffset(clocks);
  }

  // Main thread; its times are those of its own clock.

  /** Arms a capture, which `request` identifies. No capture may be under way. */
  arm(request: number, notBeforeMs: number): void {
    this.#slots[REQUEST] = request;
    this.#slots[NOT_BEFORE] = notBeforeMs + this.#offsetMs;
    Atomics.store(this.#state, STATE, ARMED);
  }

  /** Returns false if damage has been taken since `arm`: then it is captured. */
  callOff(): boolean {
    return Atomics.compareExchange(this.#state, STATE, ARMED, REPORTS) !== TAKEN;
  }

  /** Whether damage has been taken since `arm`. */
  get isTaken(): boolean {
    return Atomics.load(this.#state, STATE) === TAKEN;
  }

  /** Time when damage was last taken. */
  get takenAtMs(): number {
    return this.#slots[TAKEN_AT]! - this.#offsetMs;
  }

  // Frame thread.

  /** There is damage. Returns the request that it answers; undefined if it is only to be reported. */
  take(): number | undefined {
    const now = this.#clocks.sharedMs();
    if (Atomics.load(this.#state, STATE) !== ARMED || now < this.#slots[NOT_BEFORE]!) return undefined;
    this.#slots[TAKEN_AT] = now;
    if (Atomics.compareExchange(this.#state, STATE, ARMED, TAKEN) !== ARMED) return undefined;
    // Only now: the main thread may have called off one request and armed another since the state was read. From here
    // on it can't arm before this capture is answered.
    return this.#slots[REQUEST];
  }
}

/**
 * Measures how far the shared clock is ahead of the thread's own. The thread may be interrupted between reading one
 * and the other, so the try with the shortest time around counts.
 */
function measureOffset({ ownMs, sharedMs }: TriggerClocks): number {
  let offsetMs = 0;
  let shortestMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < OFFSET_TRIES; i++) {
    const before = ownMs();
    const shared = sharedMs();
    const after = ownMs();
    if (after - before >= shortestMs) continue;
    shortestMs = after - before;
    offsetMs = shared - (before + after) / 2;
  }
  return offsetMs;
}
