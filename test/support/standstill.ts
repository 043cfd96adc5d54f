import { monotonicMs } from '../../bench/clock.ts';

const TICK_MS = 10;

/**
 * Measures for how long this process stands still because other programs have the processor. The measuring process of a
 * test can take that off the times that it finds. Time in which this process works does not count.
 */
export class Standstill implements Disposable {
  readonly #timer: NodeJS.Timeout;
  /** Milliseconds of standstill until each tick, the oldest first. */
  readonly #totals: { readonly atMs: number; readonly stoodMs: number }[] = [];
  #lastMs = monotonicMs();
  #lastCpuMs = cpuMs();
  #stoodMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), TICK_MS);
    this.#timer.unref();
  }

  /** Milliseconds of standstill until now. */
  get ms(): number {
    this.#look();
    return this.#stoodMs;
  }

  /** Milliseconds of standstill between two times of `monotonicMs`. */
  between(fromMs: number, toMs: number): number {
    return this.#until(toMs) - this.#until(fromMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #until(ms: number): number {
    const at = this.#totals.findLastIndex(({ atMs }) => atMs <= ms);
    const [last, next] = [this.#totals[at], this.#totals[at + 1]];
    if (!last || !next) return last?.stoodMs ?? 0;
    const share = (ms - last.atMs) / (next.atMs - last.atMs);
    return last.stoodMs + share * (next.stoodMs - last.stoodMs);
  }

  #look(): void {
    const [nowMs, nowCpuMs] = [monotonicMs(), cpuMs()];
    const workedMs = nowCpuMs - this.#lastCpuMs;
    // Timers are a few milliseconds late on an idle machine, too.
    this.#stoodMs += Math.max(0, nowMs - this.#lastMs - workedMs - 2 * TICK_MS);
    this.#lastMs = nowMs;
    this.#lastCpuMs = nowCpuMs;
    this.#totals.push({ atMs: nowMs, stoodMs: this.#stoodMs });
  }
}

/** The processor time of this process. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
