import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;
/**
 * Longest wait in ms. A larger value delays the report of a failure; a smaller one fails tests on a loaded machine, on
 * which one probe that compares two pictures takes seconds.
 */
const DEFAULT_LIMIT_MS = 20_000;

/**
 * Most milliseconds that count of each pause between two probes. A pause takes longer while other programs keep the
 * processor from this process, and probably from what it waits for. A larger value fails tests on a machine that is
 * overloaded; a smaller one delays the report of a wait in vain there.
 */
const MOST_PAUSE_MS = 2 * POLL_MS;

/** Factor of a limit after which a wait ends at the latest, however slow the machine is. */
const MOST_SLOWNESS = 4;

/**
 * A limit of a wait. It counts time only in which this process could run: while other programs keep the processor from
 * it, they probably keep it from what is waited for.
 */
export class Patience {
  readonly #limitMs: number;
  readonly #endMs: number;
  #lookedAtMs = performance.now();
  #countedMs = 0;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#endMs = this.#lookedAtMs + limitMs * MOST_SLOWNESS;
  }

  /** Whether the limit is reached. Has to be called again and again, after each short pause of the wait. */
  isOver(): boolean {
    const nowMs = performance.now();
    this.#countedMs += Math.min(nowMs - this.#lookedAtMs, MOST_PAUSE_MS);
    this.#lookedAtMs = nowMs;
    return this.#countedMs > this.#limitMs || nowMs > this.#endMs;
  }
}

/**
 * Calls `probe` repeatedly until it returns something other than undefined or false, and resolves with that.
 * Rejects after `limitMs` with an error that names `what`; time in which this process stood still does not count.
 * Errors of the probe pass through.
 */
export async function waitFor<T>(
  what: string,
  probe: () => T | Promise<T>,
  limitMs = DEFAULT_LIMIT_MS,
): Promise<Exclude<T, undefined | false>> {
  const startMs = performance.now();
  for (let countedMs = 0; ; ) {
    const fromMs = performance.now();
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    const probedMs = performance.now();
    if (countedMs > limitMs || probedMs - startMs > limitMs * MOST_SLOWNESS) {
      throw new Error(
        `Waited ${Math.round(probedMs - startMs)} ms in vain for ${what}; the limit is ${limitMs} ms.`,
      );
    }
    await sleep(POLL_MS);
    countedMs += probedMs - fromMs + Math.min(performance.now() - probedMs, MOST_PAUSE_MS);
  }
}
