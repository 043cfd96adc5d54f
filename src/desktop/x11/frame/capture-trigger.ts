/** What the next damage does. */
const TELLS = 0;
/** The frame thread captures it without being asked. */
const CAPTURES = 1;
/** It has come, and is being captured, or was. */
const TAKEN = 2;

const STATE = 0;
const NOT_BEFORE = 1;
const TAKEN_AT = 2;
const SLOTS = 3;

const NS_PER_MS = 1e6;

/** Milliseconds on a clock that all threads share, which performance.now() is not. */
const monotonicMs = (): number => Number(process.hrtime.bigint()) / NS_PER_MS;

/**
 * Whether the next damage is captured as it comes, or only told of. The main thread sets it, the frame thread looks
 * when damage has come; whoever of them is first decides, without a message between them.
 *
 * Shared: three numbers of 8 bytes. The state (an Int32 at the beginning); the time before which damage is only told
 * of; when damage was last taken. Both in milliseconds of `monotonicMs`.
 */
export class CaptureTrigger {
  readonly buffer: SharedArrayBuffer;
  readonly #state: Int32Array;
  readonly #times: Float64Array;
  /** From this thread's performance.now() to the shared clock. */
  readonly #offsetMs = monotonicMs() - performance.now();

  constructor(buffer = new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#state = new Int32Array(buffer);
    this.#times = new Float64Array(buffer);
  }

  // Main thread; no capture may be under way when it arms. Times are those of its performance.now().

  arm(notBeforeMs: number): void {
    this.#times[NOT_BEFORE] = notBeforeMs + this.#offsetMs;
    Atomics.store(this.#state, STATE, CAPTURES);
  }

  /** False where damage has been taken since `arm`; then it is captured. */
  callOff(): boolean {
    return Atomics.compareExchange(this.#state, STATE, CAPTURES, TELLS) !== TAKEN;
  }

  /** When damage was taken last. */
  get takenAtMs(): number {
    return this.#times[TAKEN_AT]! - this.#offsetMs;
  }

  // Frame thread.

  /** There is damage: whether to capture it now. */
  take(): boolean {
    const now = monotonicMs();
    if (Atomics.load(this.#state, STATE) !== CAPTURES || now < this.#times[NOT_BEFORE]!) return false;
    this.#times[TAKEN_AT] = now;
    return Atomics.compareExchange(this.#state, STATE, CAPTURES, TAKEN) === CAPTURES;
  }
}
