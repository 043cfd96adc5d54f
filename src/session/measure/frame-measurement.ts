import { setTimeout as delay } from 'node:timers/promises';
import type { ClientTiming, FrameTiming } from '../../stats/frame-stats.ts';
import type { FrameRecord } from '../frame/frame-record.ts';
import type { FrameReport } from '../viewer/frame-reports.ts';
import type { Viewer } from '../viewer/viewer.ts';

/** A frame that the desktop produces by itself within this time is taken; else one is made. */
const NATURAL_FRAME_MS = 100;

/** How long a viewer has to report how it did with the frame. */
const CLIENT_REPORT_MS = 2_000;

/** What measuring a frame needs of the session. */
export interface MeasuredSession {
  viewers(): Iterable<Viewer>;
  /** Wants the next frame even if nobody watches, until the answered function is called. */
  watch(): { makeFullFrame(): void; end(): void };
  nextFrame(signal: AbortSignal): Promise<FrameRecord>;
}

/** One frame, timed by the server and by the viewers that can. */
export interface MeasuredFrame {
  readonly timing: FrameTiming;
  /** By viewer; undefined where it did not answer in time. */
  readonly reports: ReadonlyMap<Viewer, Promise<FrameReport | undefined>>;
}

/** Measures frames for get_frame_stats. Calls that come while one is being measured share it. */
export class FrameMeasurement {
  readonly #session: MeasuredSession;
  #running: Promise<MeasuredFrame> | undefined;

  constructor(session: MeasuredSession) {
    this.#session = session;
  }

  measure(): Promise<MeasuredFrame> {
    this.#running ??= this.#measure().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #measure(): Promise<MeasuredFrame> {
    const reports = new Map<Viewer, Promise<FrameReport | undefined>>();
    for (const viewer of this.#session.viewers()) {
      if (viewer.canReport) reports.set(viewer, viewer.reportNextUpdate(NATURAL_FRAME_MS + CLIENT_REPORT_MS));
    }
    const watch = this.#session.watch();
    const giveUp = new AbortController();
    try {
      const frame = this.#session.nextFrame(giveUp.signal);
      const natural = await Promise.race([
        frame,
        delay(NATURAL_FRAME_MS, undefined, { signal: giveUp.signal }),
      ]);
      if (!natural) watch.makeFullFrame();
      const record = natural ?? (await frame);
      return { timing: record.timing(), reports };
    } finally {
      giveUp.abort();
      watch.end();
    }
  }
}

/** The client side of a measured frame, for the viewers that were chosen. */
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
