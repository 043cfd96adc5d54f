import { setTimeout as delay } from 'node:timers/promises';
import { answerWithin } from '../../desktop/answer-within.ts';
import type { Desktop } from '../../desktop/desktop.ts';
import type { EncoderPool } from '../../encode/pool.ts';
import type { ClientTiming, FrameTiming } from '../../stats/frame-stats.ts';
import type { FrameLoop } from '../frame/frame-loop.ts';
import type { FrameRecord } from '../frame/frame-record.ts';
import type { FrameReport } from '../viewer/frame-reports.ts';
import type { Viewer } from '../viewer/viewer.ts';

/**
 * How long a measurement waits for a frame that the desktop produces by itself, in milliseconds, before it makes one. A
 * longer wait delays every answer on a still screen, a shorter one measures fewer frames of real work.
 */
const NATURAL_FRAME_MS = 100;

/**
 * How long the desktop may take to say where its pointer is, in milliseconds. It is asked while the encoder threads
 * start: the API promises an answer within 5 s from a desktop that hangs, however long that start takes. A larger limit
 * breaks that, a smaller one refuses callers on a machine that is merely busy.
 */
const ANSWER_LIMIT_MS = 4_000;

/**
 * How long a desktop may take altogether that stops answering in the middle of a measurement: to say where its pointer
 * is, and to make the frame. The API promises an answer within 5 s. The frame always has LEAST_FRAME_LIMIT_MS.
 */
const DESKTOP_LIMIT_MS = 4_500;
const LEAST_FRAME_LIMIT_MS = 900;

/**
 * How long the encoder threads may take to start, in milliseconds. With a larger limit, callers wait longer for threads
 * that cannot start; a smaller one refuses callers on a machine that is merely busy.
 */
const START_LIMIT_MS = 10_000;

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
  /**
   * By viewer, of its first update with this frame: one that is not ready for it now gets it with a later update.
   * Undefined for a viewer that did not answer in time.
   */
  readonly reports: ReadonlyMap<Viewer, Promise<FrameReport | undefined>>;
}

/**
 * Measures frames for get_frame_stats. Calls that arrive during a measurement share it.
 *
 * The frame is the next one after all encoder threads have started: the time in which threads start is no part of a
 * frame. Updates that are not of this frame, such as those that sharpen a picture, are not measured.
 */
export class FrameMeasurement {
  readonly #audience: MeasuredAudience;
  readonly #loop: Pick<FrameLoop, 'nextFrame'>;
  readonly #pool: Pick<EncoderPool, 'hold'>;
  readonly #desktop: Pick<Desktop, 'pointerPosition'>;
  readonly #startLimitMs: number;
  #running: Promise<MeasuredFrame> | undefined;

  constructor(
    audience: MeasuredAudience,
    loop: Pick<FrameLoop, 'nextFrame'>,
    pool: Pick<EncoderPool, 'hold'>,
    desktop: Pick<Desktop, 'pointerPosition'>,
    startLimitMs = START_LIMIT_MS,
  ) {
    this.#audience = audience;
    this.#loop = loop;
    this.#pool = pool;
    this.#desktop = desktop;
    this.#startLimitMs = startLimitMs;
  }

  /**
   * Rejects with a DesktopError if the desktop does not answer, if the encoder threads do not start in time, or if the
   * frame cannot be captured in the time that the frame loop allows.
   */
  measure(): Promise<MeasuredFrame> {
    this.#running ??= this.#measureWithThreads().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #measureWithThreads(): Promise<MeasuredFrame> {
    const hold = this.#pool.hold();
    const startMs = performance.now();
    let answeredMs = 0;
    try {
      await Promise.all([
        answerWithin('the encoder threads', this.#startLimitMs, hold.ready),
        answerWithin('the position of the pointer', ANSWER_LIMIT_MS, this.#desktop.pointerPosition()).then(
          () => {
            answeredMs = performance.now() - startMs;
          },
        ),
      ]);
      return await this.#measure(Math.max(LEAST_FRAME_LIMIT_MS, DESKTOP_LIMIT_MS - answeredMs));
    } finally {
      hold.release();
    }
  }

  /**
   * Measures the next frame that a viewer is sent within `limitMs`, and makes none. Undefined if there is none. Callers
   * that wait at the same time get the same frame.
   */
  async next(limitMs: number): Promise<MeasuredFrame | undefined> {
    const giveUp = new AbortController();
    try {
      const { frame, reports } = this.#nextFrame(giveUp.signal);
      const record = await Promise.race([frame, delay(limitMs, undefined, { signal: giveUp.signal })]);
      return record && { timing: record.timing(), reports };
    } finally {
      giveUp.abort();
    }
  }

  /** The next frame, and the reports of the viewers that get it. */
  #nextFrame(signal: AbortSignal): { readonly frame: Promise<FrameRecord> } & Pick<MeasuredFrame, 'reports'> {
    const reports = new Map<Viewer, Promise<FrameReport | undefined>>();
    const begins = (): void => {
      for (const viewer of this.#audience.viewers) {
        if (viewer.canReport) reports.set(viewer, viewer.reportNextUpdate(CLIENT_REPORT_MS));
      }
    };
    return { frame: this.#loop.nextFrame(signal, begins), reports };
  }

  async #measure(limitMs: number): Promise<MeasuredFrame> {
    const watch = this.#audience.watch();
    const giveUp = new AbortController();
    try {
      const { frame: next, reports } = this.#nextFrame(giveUp.signal);
      const frame = answerWithin('the next frame', limitMs, next);
      const naturalWait = delay(NATURAL_FRAME_MS, undefined, { signal: giveUp.signal });
      const natural = await Promise.race([frame, naturalWait]);
      if (!natural) watch.makeFullFrame();
      const record = natural ?? (await frame);
      return { timing: record.timing(), reports };
    } finally {
      giveUp.abort();
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
