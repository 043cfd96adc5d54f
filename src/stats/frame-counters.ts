import { Histogram } from './histogram.ts';

/**
 * Upper bounds of a stage's time, in seconds: a frame has 16 ms at 60 frames per second. More bounds say more about
 * where frames lie, and take a series for each stage.
 */
const STAGE_BOUNDS_S = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.033, 0.066, 0.133, 0.25, 0.5, 1, 2.5];

/** Stages of a frame. The names are labels of a metric. */
const STAGES = ['capture', 'analysis', 'encoding', 'total'] as const;

export type Stage = (typeof STAGES)[number];

/** What viewers were sent in one encoding. */
export interface SentTotal {
  rects: number;
  bytes: number;
}

/** Totals of frames since the start of the server. Without a frame it costs nothing. */
export class FrameCounters {
  readonly stages: ReadonlyMap<Stage, Histogram> = new Map(
    STAGES.map((stage) => [stage, new Histogram(STAGE_BOUNDS_S)]),
  );
  readonly #capture = this.stages.get('capture')!;
  readonly #analysis = this.stages.get('analysis')!;
  readonly #encoding = this.stages.get('encoding')!;
  readonly #total = this.stages.get('total')!;
  readonly #sent = new Map<string, SentTotal>();

  /** By encoding. `other` has headers, copies and cursors. */
  get sent(): ReadonlyMap<string, Readonly<SentTotal>> {
    return this.#sent;
  }

  /** Adds a frame that was captured and sent. Times are in microseconds. */
  frame(captureUs: number, analysisUs: number, encodingUs: number, totalUs: number): void {
    this.#capture.add(captureUs / 1e6);
    this.#analysis.add(analysisUs / 1e6);
    this.#encoding.add(encodingUs / 1e6);
    this.#total.add(totalUs / 1e6);
  }

  /** Adds what one viewer was sent. */
  sentTo(encoding: string, rects: number, bytes: number): void {
    const total = this.#sent.get(encoding);
    if (total) {
      total.rects += rects;
      total.bytes += bytes;
    } else this.#sent.set(encoding, { rects, bytes });
  }
}
