import type { After } from '../../common/after.ts';
import type { Bottleneck } from '../../stats/bottleneck.ts';

/** The number below which a viewer counts as held up. */
const HELD_UP_BELOW = 5;

/** Time between two looks at the numbers, in milliseconds. Smaller tells sooner and takes more time of the main thread. */
export const LOOK_EVERY_MS = 1000;

/**
 * Shortest time between two reports of one number, in milliseconds. A smaller value has more events of a number that
 * goes up and down around the limit; a larger one tells later that it is well again.
 */
export const QUIET_MS = 5000;

/** A viewer, as this watch sees it. */
export interface RatedViewer {
  readonly id: string;
  bottleneck(nowMs: number): Bottleneck;
}

interface Crossing {
  readonly number: 'cpu' | 'network';
  readonly direction: 'down' | 'up';
  readonly value: number;
}

export interface BottleneckWatchOptions<Viewer extends RatedViewer> {
  /** A clock of milliseconds that never goes back. */
  readonly now: () => number;
  readonly after: After;
  viewers(): Iterable<Viewer>;
  crossed(viewer: Viewer, crossing: Crossing): void;
}

/** One number of one viewer, as it was last reported. */
interface Reported {
  isHeldUp: boolean;
  atMs: number;
}

/** Tells when a viewer's current numbers cross HELD_UP_BELOW. Without viewers it has no timer. */
export class BottleneckWatch<Viewer extends RatedViewer> {
  readonly #options: BottleneckWatchOptions<Viewer>;
  /** By connection. */
  #reported = new Map<string, { readonly cpu: Reported; readonly network: Reported }>();
  #isOn = false;
  #stop: (() => void) | undefined;

  constructor(options: BottleneckWatchOptions<Viewer>) {
    this.#options = options;
  }

  /** Begins or ends. */
  run(isOn: boolean): void {
    this.#isOn = isOn;
    this.#stop?.();
    this.#stop = undefined;
    this.#reported.clear();
    this.viewersChanged();
  }

  /** A viewer came or left. */
  viewersChanged(): void {
    if (this.#isOn) this.#stop ??= this.#options.after(LOOK_EVERY_MS, () => this.#look());
  }

  #look(): void {
    this.#stop = undefined;
    const { now, viewers, crossed } = this.#options;
    const nowMs = now();
    const before = this.#reported;
    this.#reported = new Map();
    for (const viewer of viewers()) {
      const fresh = { isHeldUp: false, atMs: Number.NEGATIVE_INFINITY };
      const reported = before.get(viewer.id) ?? { cpu: { ...fresh }, network: { ...fresh } };
      this.#reported.set(viewer.id, reported);
      const [cpu, , network] = viewer.bottleneck(nowMs);
      for (const [number, value] of [
        ['cpu', cpu],
        ['network', network],
      ] as const) {
        const isHeldUp = value < HELD_UP_BELOW;
        const last = reported[number];
        if (isHeldUp === last.isHeldUp || nowMs - last.atMs < QUIET_MS) continue;
        last.isHeldUp = isHeldUp;
        last.atMs = nowMs;
        crossed(viewer, { number, direction: isHeldUp ? 'down' : 'up', value });
      }
    }
    if (this.#reported.size > 0) this.viewersChanged();
  }
}
