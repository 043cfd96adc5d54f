import type { VideoMode } from '../picture/video-mode.ts';
import type { Activity } from './activity.ts';

/** A viewer with its own video mode. */
interface VideoViewer {
  readonly video: VideoMode;
  /** Its video mode has begun or ended. */
  videoChanged(): void;
}

export interface VideoWatchOptions {
  viewers(): Iterable<VideoViewer>;
  /** Whether there is damage that is not captured yet. */
  hasDamage(): boolean;
  /** A viewer's video mode has ended without a frame: the viewer may lack something now. */
  wake(): void;
}

/** Tells each viewer when so much of the screen shows a film that it counts as video, and when that is over. */
export class VideoWatch {
  readonly #activity: Activity;
  readonly #options: VideoWatchOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(activity: Activity, options: VideoWatchOptions) {
    this.#activity = activity;
    this.#options = options;
  }

  /** Called after each captured frame, or part of one, once the activity has been told of it. */
  look(nowMs: number): void {
    const share = this.#activity.filmShare(nowMs);
    let againAtMs = Number.POSITIVE_INFINITY;
    for (const viewer of this.#options.viewers()) {
      if (viewer.video.look(nowMs, share)) viewer.videoChanged();
      againAtMs = Math.min(againAtMs, viewer.video.lookAgainAtMs ?? againAtMs);
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (againAtMs < Number.POSITIVE_INFINITY) this.#lookAgain(againAtMs - nowMs);
  }

  /** Tells no viewer anything any more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  /** Looks again without a frame: a screen that stops changing brings none. */
  #lookAgain(afterMs: number): void {
    this.#timer = setTimeout(
      () => {
        // The damage is captured once a viewer is ready; `look` follows then.
        if (this.#options.hasDamage()) return;
        this.look(performance.now());
        this.#options.wake();
      },
      // A timer may fire up to a millisecond early.
      Math.max(1, Math.ceil(afterMs) + 1),
    );
    this.#timer.unref();
  }
}
