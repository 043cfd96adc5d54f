import type { DirtyTiles } from '../pixels/dirty-tiles.ts';
import { ChangeMeter } from './change-meter.ts';
import type { VideoMode } from './video-mode.ts';

/** A viewer, as far as it concerns video. */
export interface VideoViewer {
  readonly video: VideoMode;
  /** It is in video mode now, or no longer. */
  videoChanged(): void;
}

export interface VideoWatchOptions {
  viewers(): Iterable<VideoViewer>;
  /** Whether there is damage that nobody has captured yet: what it will show, nobody knows. */
  hasDamage(): boolean;
}

/** Watches what changes on the screen, and tells each viewer when that is video to it. */
export class VideoWatch {
  readonly #options: VideoWatchOptions;
  readonly #meter = new ChangeMeter();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: VideoWatchOptions) {
    this.#options = options;
  }

  /** A frame was captured, or a part of it. As ChangeMeter.changed. */
  changed(tiles: DirtyTiles, damagedAtMs: number, nowMs: number): void {
    this.#meter.changed(tiles, damagedAtMs, nowMs);
    this.#look(nowMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(nowMs: number): void {
    const share = this.#meter.movingShare(nowMs);
    let againAtMs = Number.POSITIVE_INFINITY;
    for (const viewer of this.#options.viewers()) {
      if (viewer.video.look(nowMs, share)) viewer.videoChanged();
      againAtMs = Math.min(againAtMs, viewer.video.lookAgainAtMs ?? againAtMs);
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (againAtMs < Number.POSITIVE_INFINITY) this.#lookAgain(againAtMs - nowMs);
  }

  /** Where frames stop to come, nothing else would say that the screen is calm. */
  #lookAgain(afterMs: number): void {
    this.#timer = setTimeout(
      () => {
        // A frame that only waits for the network will be looked at when it comes.
        if (!this.#options.hasDamage()) this.#look(performance.now());
      },
      // Never early by a timer's rounding.
      Math.max(1, Math.ceil(afterMs) + 1),
    );
    this.#timer.unref();
  }
}
