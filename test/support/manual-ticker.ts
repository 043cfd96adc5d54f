import { TICK_MS, type Ticker } from '../../src/threads/judge-thread.ts';

/** A ticker for thread pools that ticks only when the test calls `pass`. */
export class ManualTicker {
  readonly #running = new Set<() => void>();

  readonly ticker: Ticker = (_everyMs, onTick) => {
    this.#running.add(onTick);
    return () => this.#running.delete(onTick);
  };

  /** Whether a pool wants ticks. */
  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  /** Ticks for `ms` milliseconds, rounded up to a whole tick. */
  pass(ms: number): void {
    for (let passedMs = 0; passedMs < ms; passedMs += TICK_MS) for (const tick of [...this.#running]) tick();
  }
}
