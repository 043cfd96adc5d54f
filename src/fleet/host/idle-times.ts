import { BoundedMap } from '../../common/bounded-map.ts';
import type { Heart } from '../store/heart.ts';
import { LEASE_MS } from '../store/nodes.ts';
import { MAX_ENTRIES } from '../store/store.ts';

/** Since when desktops have had no viewer at any edge. */
export class IdleTimes {
  readonly #heart: Heart;
  readonly #here: (desktop: string) => number | undefined;
  /** Desktops with viewers at other edges. */
  #viewed: ReadonlySet<string> = new Set();
  /** When one of those last had viewers, as a time of `performance.now()`. */
  readonly #seenMs = new BoundedMap<string, number>(MAX_ENTRIES.desktop);

  /** `here` is what `sinceMs` returns for the edge in this process. */
  constructor(heart: Heart, here: (desktop: string) => number | undefined) {
    this.#heart = heart;
    this.#here = here;
    heart.on('beat', this.#look);
    this.#look();
  }

  close(): void {
    this.#heart.off('beat', this.#look);
  }

  /**
   * Since when a desktop has had no viewer, as a time of `performance.now()`; 0 if it never had one. Undefined while it
   * has one, and while the store says nothing of other edges.
   */
  sinceMs(desktop: string): number | undefined {
    const here = this.#here(desktop);
    if (here === undefined || this.#viewed.has(desktop) || this.#heart.silentMs >= LEASE_MS) return undefined;
    return Math.max(here, this.#seenMs.get(desktop) ?? 0);
  }

  #look = (): void => {
    const viewed = new Set(this.#heart.viewersElsewhere.keys());
    for (const desktop of new Set([...this.#viewed, ...viewed])) this.#seenMs.set(desktop, performance.now());
    this.#viewed = viewed;
  };
}
