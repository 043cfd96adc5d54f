import type { VideoMode } from '../picture/video-mode.ts';
import type { Activity } from './activity.ts';

/** A viewer, as far as it concerns video. */
interface VideoViewer {
  readonly video: VideoMode;
  /** It is in video mode now, or no longer. */
  videoChanged(): void;
}

export interface VideoWatchOptions {
  viewers(): Iterable<VideoViewer>;
  /** Whether there is damage that nobody has captured yet: what it will show, nobody knows. */
  hasDamage(): boolean;
  /** Viewers were told though no frame came: what they lack now is to be sent. */
  wake(): void;
}

/** Watches what changes on the screen, and tells each viewer when that is video to it. */
export class VideoWatch {
  readonly #activity: Activity;
  readonly #options: VideoWatchOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(activity: Activity, options: VideoWatchOptions) {
    this.#activity = activity;
    this.#options = options;
  }

  /** A frame was captured, or a part of it, and the activity knows. */
  look(nowMs: number): void {
    const share = this.#activity.movingShare(nowMs);
    let againAtMs = Number.POSITIVE_INFINITY;
    for (const viewer of this.#options.viewers()) {
      if (viewer.video.look(nowMs, share)) viewer.videoChanged();
      againAtMs = Math.min(againAtMs, viewer.video.lookAgainAtMs ?? againAtMs);
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (againAtMs < Number.POSITIVE_INFINITY) this.#lookAgain(againAtMs - nowMs);
  }

  /** Nobody is told anything any more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  /** Where frames stop to come, nothing else would say that the screen is calm. */
  #lookAgain(afterMs: number): void {
    this.#timer = setTimeout(
      () => {
        // A frame that only waits for the network will be looked at when it comes.
        if (this.#options.hasDamage()) return;
        this.look(performance.now());
        this.#options.wake();
      },
      // Never early by a timer's rounding.
      Math.max(1, Math.ceil(afterMs) + 1),
    );
    this.#timer.unref();
  }
}
