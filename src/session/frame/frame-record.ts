import type { EncoderName } from '../../encode/encoders/encoder-name.ts';
import type { Size } from '../../pixels/rect.ts';
import type { FrameCounters } from '../../stats/frame-counters.ts';
import type { EncoderWork, FrameTiming } from '../../stats/frame-stats.ts';
import { type Interval, unionUs } from '../../stats/interval.ts';

/** Work of one encoder for a frame. */
export interface CountedWork extends EncoderWork {
  readonly encoder: EncoderName;
  /** The time in which video was scaled down before it was encoded. */
  readonly scaling?: Interval;
}

/** Times of one frame, from its damage to its last byte. Times in milliseconds are those of performance.now(). */
export class FrameRecord {
  /** Time when a viewer was first ready for its damage, or when a caller asked for the frame. */
  readonly noticedAtMs: number;
  /** Time when its capture began. */
  readonly startedAtMs: number;
  /** Time when its first damage was reported, whether or not a viewer was ready for it. */
  damagedAtMs: number;
  size: Size = { width: 0, height: 0 };
  /** Pixels that differ from the frame before. */
  changedPx = 0;
  /** As in `Capture`. */
  readUs = 0;
  /** As in `Capture`. */
  compareUs = 0;
  /** Time when the last rect was encoded. */
  encodedAtMs = 0;
  /** Time when the last byte was passed to the sockets. */
  sentAtMs = 0;
  readonly encoders = new Map<EncoderName, EncoderWork>();
  readonly #scalings: Interval[] = [];
  /** Time of encoding before `#encodingFromMs`, since when the encoders have had work. */
  #encodedBeforeMs = 0;
  #encodingFromMs: number | undefined;

  constructor(noticedAtMs: number, startedAtMs: number) {
    this.noticedAtMs = noticedAtMs;
    this.startedAtMs = startedAtMs;
    this.damagedAtMs = noticedAtMs;
    this.encodedAtMs = startedAtMs;
  }

  /** Encoders are given a part of the frame. `areIdle`: they have encoded all that they were given before. */
  encodingBegins(nowMs: number, areIdle = true): void {
    if (this.#encodingFromMs !== undefined && !areIdle) return;
    this.#encodedBeforeMs = this.#encodingMs;
    this.#encodingFromMs = nowMs;
  }

  /** Time in which the encoders had work, by the clock. */
  get #encodingMs(): number {
    return this.#encodedBeforeMs + Math.max(0, this.encodedAtMs - (this.#encodingFromMs ?? this.encodedAtMs));
  }

  /** Adds encoded rects. */
  count(work: CountedWork, nowMs: number): void {
    this.encodedAtMs = nowMs;
    if (work.scaling) this.#scalings.push(work.scaling);
    const before = this.encoders.get(work.encoder);
    this.encoders.set(work.encoder, {
      cpuUs: (before?.cpuUs ?? 0) + work.cpuUs,
      count: (before?.count ?? 0) + work.count,
      areaPx: (before?.areaPx ?? 0) + work.areaPx,
    });
  }

  /** Adds the frame to totals, if there are any. */
  countIn(counters: FrameCounters | undefined): void {
    const totalMs = this.sentAtMs - this.noticedAtMs;
    counters?.frame(this.readUs, this.compareUs, this.#encodingMs * 1000, Math.max(0, totalMs * 1000));
  }

  /** The frame as input of get_frame_stats. */
  timing(): FrameTiming {
    const us = (fromMs: number, toMs: number): number => Math.max(0, Math.round((toMs - fromMs) * 1000));
    return {
      width: this.size.width,
      height: this.size.height,
      changedPx: this.changedPx,
      serverUs: us(this.noticedAtMs, this.sentAtMs),
      analysisUs: this.compareUs,
      screenshotUs: this.readUs,
      encodingUs: Math.round(this.#encodingMs * 1000),
      videoScalingUs: unionUs(this.#scalings),
      encoders: this.encoders,
    };
  }
}
