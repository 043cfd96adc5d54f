import { EventEmitter } from 'node:events';
import type { Caller } from '../../accounts/pass.ts';
import type { User } from '../../accounts/user.ts';
import { BoundedMap } from '../../common/bounded-map.ts';
import { MAX_ENTRIES } from '../store/store.ts';

/** Something that passes between a caller and a desktop: a viewer's connection, or a call in progress. */
export interface Passage {
  readonly desktop: string;
  /** The start of the desktop that it leads to. */
  readonly epoch: number;
  readonly kind: 'viewer' | 'call';
  /** Who has logged in to the fleet. Undefined for a caller whom the desktop knows. */
  readonly caller: Caller | undefined;
  /** The fleet's user, with the rights that the desktop was told. Undefined for a caller whom the desktop knows. */
  readonly user: User | undefined;
  /** Whether the login that led to it is still good. */
  readonly isLoggedIn: () => boolean;
  /** Cuts it off. */
  readonly end: () => void;
}

/** All that passes through an edge now, by desktop. Emits `joined` and `left` for viewers. */
export class Passages extends EventEmitter<{ joined: [Passage]; left: [Passage] }> {
  readonly #byDesktop = new Map<string, Set<Passage>>();
  /** When the last viewer of a desktop left, as a time of `performance.now()`. */
  readonly #leftMs = new BoundedMap<string, number>(MAX_ENTRIES.desktop);

  /** Returns a function that is called when it has ended. */
  begin(passage: Passage): () => void {
    const { desktop, kind } = passage;
    const own = this.#byDesktop.get(desktop) ?? new Set();
    this.#byDesktop.set(desktop, own.add(passage));
    if (kind === 'viewer') this.emit('joined', passage);
    return () => {
      if (!own.delete(passage)) return;
      if (own.size === 0) this.#byDesktop.delete(desktop);
      if (kind !== 'viewer') return;
      this.#leftMs.set(desktop, performance.now());
      this.emit('left', passage);
    };
  }

  viewersOf(desktop: string): number {
    let viewers = 0;
    for (const { kind } of this.#byDesktop.get(desktop) ?? []) if (kind === 'viewer') viewers++;
    return viewers;
  }

  /** Desktops with viewers, and their number. */
  viewers(): Record<string, number> {
    const viewers: Record<string, number> = {};
    for (const desktop of this.#byDesktop.keys()) {
      const count = this.viewersOf(desktop);
      if (count > 0) viewers[desktop] = count;
    }
    return viewers;
  }

  /**
   * Since when a desktop has had no viewer, as a time of `performance.now()`; 0 if it never had one. Undefined while it
   * has one.
   */
  idleSinceMs(desktop: string): number | undefined {
    return this.viewersOf(desktop) > 0 ? undefined : (this.#leftMs.get(desktop) ?? 0);
  }

  /** Cuts off what may not go on. */
  judge(mayGoOn: (passage: Passage) => boolean): void {
    for (const passages of this.#byDesktop.values())
      for (const passage of [...passages]) if (!mayGoOn(passage)) passage.end();
  }
}
