import { monitorEventLoopDelay } from 'node:perf_hooks';

type DelayHistogram = ReturnType<typeof monitorEventLoopDelay>;

/**
 * Time between two samples, in milliseconds. Each wakes the event loop. A smaller value is more exact and takes more of
 * an idle server; delays shorter than this are seen only by chance.
 */
const RESOLUTION_MS = 20;

/** Time without a reader after which sampling ends, in milliseconds: longer than Prometheus waits between two scrapes. */
const UNREAD_MS = 5 * 60_000;

/** Delays of the event loop since the last read, in seconds. */
export interface LoopDelays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Samples the delay of the event loop while somebody reads it. The first read has nothing yet: undefined. */
export class EventLoopDelay {
  #histogram: DelayHistogram | undefined;
  #unread: NodeJS.Timeout | undefined;

  read(): LoopDelays | undefined {
    clearTimeout(this.#unread);
    this.#unread = setTimeout(() => this.close(), UNREAD_MS).unref();
    const histogram = this.#histogram;
    if (!histogram) {
      this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.#histogram.enable();
      return undefined;
    }
    const delays = { p50: delayS(histogram, 50), p99: delayS(histogram, 99), max: delayS(histogram, 100) };
    histogram.reset();
    return delays;
  }

  close(): void {
    clearTimeout(this.#unread);
    this.#histogram?.disable();
    this.#histogram = undefined;
  }
}

/** A sample is the whole time from one to the next. */
function delayS(histogram: DelayHistogram, percentile: number): number {
  const sampleMs = histogram.percentile(percentile) / 1e6;
  return Math.max(0, sampleMs - RESOLUTION_MS) / 1000;
}
