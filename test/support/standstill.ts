const TICK_MS = 10;

/**
 * Measures for how long this process stands still, because other programs have the processor or because it works
 * itself. The measuring process of a test can take that off the times that it finds.
 */
export class Standstill implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #lastMs = performance.now();
  #stoodMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), TICK_MS);
  }

  /** Milliseconds of standstill so far. */
  get ms(): number {
    this.#look();
    return this.#stoodMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    // Timers are a few milliseconds late on an idle machine, too.
    this.#stoodMs += Math.max(0, nowMs - this.#lastMs - 2 * TICK_MS);
    this.#lastMs = nowMs;
  }
}
