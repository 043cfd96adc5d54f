import type { After } from '../../common/after.ts';

/**
 * Time after the end of a user's last connection before the user counts as gone, in milliseconds. A page that is loaded
 * again is back by then. A larger value tells later that a user left; a smaller one says that users left who come back.
 */
export const GONE_AFTER_MS = 1000;

export interface PresenceOptions {
  readonly after: After;
  /** The user's first connection has come. */
  joined(user: string): void;
  /** The user's last connection has ended, and no other one has come. */
  left(user: string): void;
}

/** Which users have connections. Each has an entry only while it has one, or for GONE_AFTER_MS longer. */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #connections = new Map<string, number>();
  /** Users whose last connection has ended, with the function that keeps them from counting as gone. */
  readonly #leaving = new Map<string, () => void>();
  #isClosed = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  connected(user: string): void {
    const before = this.#connections.get(user) ?? 0;
    this.#connections.set(user, before + 1);
    const stay = this.#leaving.get(user);
    this.#leaving.delete(user);
    stay?.();
    if (before === 0 && !stay) this.#options.joined(user);
  }

  disconnected(user: string): void {
    const before = this.#connections.get(user) ?? 0;
    if (before > 1) {
      this.#connections.set(user, before - 1);
      return;
    }
    this.#connections.delete(user);
    if (this.#isClosed) return;
    const leave = (): void => {
      this.#leaving.delete(user);
      this.#options.left(user);
    };
    this.#leaving.set(user, this.#options.after(GONE_AFTER_MS, leave));
  }

  /** Says nothing more. */
  close(): void {
    this.#isClosed = true;
    for (const stay of this.#leaving.values()) stay();
    this.#leaving.clear();
  }
}
