/** Calls back whenever the text of a watermark may have changed, while it runs. */
export class OverlayClock {
  readonly #periodMs: number | undefined;
  readonly #tick: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;

  /** `periodMs` is undefined if no watermark shows the time. The clock then never calls. */
  constructor(periodMs: number | undefined, tick: () => void) {
    this.#periodMs = periodMs;
    this.#tick = tick;
  }

  /** Starts or stops the clock. */
  run(isRunning: boolean): void {
    if (isRunning === this.#isRunning || this.#periodMs === undefined) return;
    this.#isRunning = isRunning;
    if (isRunning) this.#wait(this.#periodMs);
    else clearTimeout(this.#timer);
  }

  /** Waits for the next second or minute of the system's clock, which may be set at any time. */
  #wait(periodMs: number): void {
    const waitMs = periodMs - (Date.now() % periodMs);
    this.#timer = setTimeout(() => {
      this.#wait(periodMs);
      this.#tick();
    }, waitMs).unref();
  }
}
