import type { After } from '../../src/common/after.ts';

/** A clock whose time passes only when the test calls `pass`. */
export class ManualClock {
  nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  readonly now = (): number => this.nowMs;

  readonly after: After = (ms, callback) => {
    const timer = { atMs: this.nowMs + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  /** Timers that have not fired. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets `ms` milliseconds pass, and fires the timers that are due meanwhile, in order. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.callback();
    }
    this.nowMs = endMs;
  }
}
