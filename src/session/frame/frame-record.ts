import type { EncoderName } from '../../encode/encoders/encoder-name.ts';
import type { Size } from '../../pixels/rect.ts';
import type { EncoderWork, FrameTiming } from '../../stats/frame-stats.ts';
import { type Interval, unionUs } from '../../stats/interval.ts';

/** What an encoder did of a frame. */
export interface CountedWork extends EncoderWork {
  readonly encoder: EncoderName;
  /** When video was scaled down for it, if it was. */
  readonly scaling?: Interval;
}

/** One frame's times, in milliseconds on performance.now()'s clock, as it went through the house. */
export class FrameRecord {
  /** When the damage was noticed that led to it, or when somebody asked for it. */
  readonly noticedAtMs: number;
  /** When its capture began. */
  readonly startedAtMs: number;
  /** When the first damage came that it shows, whether anybody waited for it or not. */
  damagedAtMs: number;
  size: Size = { width: 0, height: 0 };
  /** Pixels that differed from the frame before. */
  changedPx = 0;
  readUs = 0;
  compareUs = 0;
  encodeStartedAtMs = 0;
  /** When the last rect was encoded. */
  encodedAtMs = 0;
  /** When the last byte was handed to the sockets. */
  sentAtMs = 0;
  readonly encoders = new Map<EncoderName, EncoderWork>();
  readonly #scalings: Interval[] = [];

  constructor(noticedAtMs: number, startedAtMs: number) {
    this.noticedAtMs = noticedAtMs;
    this.startedAtMs = startedAtMs;
    this.damagedAtMs = noticedAtMs;
    this.encodedAtMs = startedAtMs;
  }

  /** Some rects were encoded. */
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

  /** The frame in the form that statistics are made from. */
  timing(): FrameTiming {
    const us = (fromMs: number, toMs: number): number => Math.max(0, Math.round((toMs - fromMs) * 1000));
    return {
      width: this.size.width,
      height: this.size.height,
      changedPx: this.changedPx,
      serverUs: us(this.noticedAtMs, this.sentAtMs),
      analysisUs: this.compareUs,
      screenshotUs: this.readUs,
      encodingUs: us(this.encodeStartedAtMs, this.encodedAtMs),
      videoScalingUs: unionUs(this.#scalings),
      encoders: this.encoders,
    };
  }
}
