import { setTimeout as delay } from 'node:timers/promises';
import { DesktopError } from '../../desktop/errors.ts';
import type { EncoderPool } from '../../encode/pool.ts';
import type { ClientTiming, FrameTiming } from '../../stats/frame-stats.ts';
import type { FrameLoop } from '../frame/frame-loop.ts';
import type { FrameReport } from '../viewer/frame-reports.ts';
import type { Viewer } from '../viewer/viewer.ts';

/**
 * How long a measurement waits for a frame that the desktop produces by itself, in milliseconds, before it makes one. A
 * longer wait delays every answer on a still screen, a shorter one measures fewer frames of real work.
 */
const NATURAL_FRAME_MS = 100;

/**
 * How long the encoder threads may take to start and the desktop to make a frame, both together, in milliseconds. The
 * API promises an answer within 5 s while the desktop hangs. A larger limit breaks that, a smaller one refuses callers
 * on a machine that is merely busy.
 */
const MEASURE_LIMIT_MS = 4_500;

/** How long a viewer may take to report how long the frame took on its side, in milliseconds; a term of the API. */
const CLIENT_REPORT_MS = 2_000;

/** The session's viewers, for a measurement. */
export interface MeasuredAudience {
  readonly viewers: readonly Viewer[];
  /** Has the next frame made even if no viewer is ready, until `end` is called. */
  watch(): { makeFullFrame(): void; end(): void };
}

/** One frame, timed by the server and by the viewers that can. */
export interface MeasuredFrame {
  readonly timing: FrameTiming;
  /** By viewer; undefined for a viewer that did not answer in time. */
  readonly reports: ReadonlyMap<Viewer, Promise<FrameReport | undefined>>;
}

/**
 * Measures frames for get_frame_stats. Calls that arrive during a measurement share it.
 *
 * The frame is the next one after all encoder threads have started: the time in which threads start is no part of a
 * frame. Only a viewer that connected less than about 300 ms ago can be sent a frame meanwhile, which is not measured.
 */
export class FrameMeasurement {
  readonly #audience: MeasuredAudience;
  readonly #loop: Pick<FrameLoop, 'nextFrame'>;
  readonly #pool: Pick<EncoderPool, 'hold'>;
  readonly #limitMs: number;
  #running: Promise<MeasuredFrame> | undefined;

  constructor(
    audience: MeasuredAudience,
    loop: Pick<FrameLoop, 'nextFrame'>,
    pool: Pick<EncoderPool, 'hold'>,
    limitMs = MEASURE_LIMIT_MS,
  ) {
    this.#audience = audience;
    this.#loop = loop;
    this.#pool = pool;
    this.#limitMs = limitMs;
  }

  /** Rejects with a DesktopError if the frame cannot be captured, `DESKTOP_TIMEOUT` after the limit. */
  measure(): Promise<MeasuredFrame> {
    this.#running ??= this.#measureWithThreads().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #measureWithThreads(): Promise<MeasuredFrame> {
    const hold = this.#pool.hold();
    const giveUp = new AbortController();
    const late = delay(this.#limitMs, undefined, { signal: giveUp.signal }).then(() => {
      throw new DesktopError('DESKTOP_TIMEOUT', `a measured frame, ${this.#limitMs} ms`);
    });
    late.catch(() => undefined);
    try {
      await Promise.race([hold.ready, late]);
      return await this.#measure(late, giveUp.signal);
    } finally {
      giveUp.abort();
      hold.release();
    }
  }

  /** Rejects as `late` does. `signal` aborts when the measurement is over. */
  async #measure(late: Promise<never>, signal: AbortSignal): Promise<MeasuredFrame> {
    const reports = new Map<Viewer, Promise<FrameReport | undefined>>();
    for (const viewer of this.#audience.viewers) {
      if (viewer.canReport) reports.set(viewer, viewer.reportNextUpdate(NATURAL_FRAME_MS + CLIENT_REPORT_MS));
    }
    const watch = this.#audience.watch();
    try {
      const frame = Promise.race([this.#loop.nextFrame(signal), late]);
      const natural = await Promise.race([frame, delay(NATURAL_FRAME_MS, undefined, { signal })]);
      if (!natural) watch.makeFullFrame();
      const record = natural ?? (await frame);
      return { timing: record.timing(), reports };
    } finally {
      watch.end();
    }
  }
}

/** The client side of a measured frame, for the chosen viewers that reported it. */
export async function clientTimings(
  frame: MeasuredFrame,
  chosen: readonly Viewer[],
): Promise<ClientTiming[]> {
  const timings = await Promise.all(
    chosen.map(async (viewer) => {
      const report = await frame.reports.get(viewer);
      return report && { client: viewer.id, ...report };
    }),
  );
  return timings.filter((timing) => timing !== undefined);
}
