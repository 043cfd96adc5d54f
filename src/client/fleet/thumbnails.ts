import { fetchApi } from '../api/call-api.ts';
import type { DesktopViewers } from './fleet-desktop.ts';

/** Desktops of one call, as the server limits it. */
const MOST_DESKTOPS = 200;

/** Where the pictures go. */
interface PictureTarget {
  picture(bytes: Blob): void;
  viewers(viewers: DesktopViewers): void;
}

interface Facts {
  /** Another one after each change of the fleet. */
  readonly version: number;
  readonly viewers: Readonly<Record<string, DesktopViewers>>;
}

/**
 * Fetches the pictures of desktops, all by one call, and each only if it has changed. Who has waited for longest comes
 * first.
 */
export class Thumbnails {
  /** The tag of the picture that each desktop has, the oldest answers first. */
  readonly #tags = new Map<string, string>();

  /** Forgets a desktop, or what was known of the last one of its name. */
  forget(name: string): void {
    this.#tags.delete(name);
  }

  /** Fetches what has changed, and returns the version of the fleet. Rejects with an ApiError. */
  async refresh(targets: ReadonlyMap<string, PictureTarget>, signal: AbortSignal): Promise<number> {
    const known = [...this.#tags.keys()].filter((name) => targets.has(name));
    const unknown = [...targets.keys()].filter((name) => !this.#tags.has(name));
    const wanted = [...unknown, ...known].slice(0, MOST_DESKTOPS).map((name) => {
      const tag = this.#tags.get(name);
      return tag === undefined ? { name } : { name, tag };
    });
    const response = await fetchApi('POST', '/thumbnails', wanted, signal);
    const form = await response.formData();
    // The server may have been asked for a desktop that was forgotten meanwhile.
    const isWanted = (name: string): boolean => targets.has(name);
    let facts: Facts | undefined;
    for (const [name, part] of form) {
      if (typeof part === 'string') facts = JSON.parse(part) as Facts;
      else if (isWanted(name)) {
        this.#tags.set(name, part.name);
        targets.get(name)!.picture(part);
      }
    }
    for (const [name, viewers] of Object.entries(facts?.viewers ?? {})) {
      if (!isWanted(name)) continue;
      targets.get(name)!.viewers(viewers);
      const tag = this.#tags.get(name);
      this.#tags.delete(name);
      if (tag !== undefined) this.#tags.set(name, tag);
    }
    return facts?.version ?? 0;
  }
}
