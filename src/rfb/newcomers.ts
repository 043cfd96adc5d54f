import type { Socket } from 'node:net';
import { limitRunningTime } from '../common/running-time-limit.ts';
import type { ConnectionLimits } from '../http/connections/connection-limits.ts';
import { Tally } from '../http/connections/tally.ts';

export type NewcomerEnd = 'RFB_LOGIN_TIMED_OUT' | 'RFB_NEWCOMERS_FULL' | 'RFB_ADDRESS_NEWCOMERS_FULL';

interface NewcomersOptions {
  readonly limits: Pick<ConnectionLimits, 'halfOpen' | 'halfOpenOfAddress'>;
  /** Time in which a viewer has to say who it is, in milliseconds. */
  readonly loginMs: number;
  /** Called with each connection that is ended here. */
  ended(reason: NewcomerEnd, block: string | undefined): void;
}

interface Entry {
  readonly socket: Socket;
  readonly block: string | undefined;
  /** The name and password have come. */
  isBeingChecked: boolean;
  leave(): void;
}

/**
 * The connections that have not logged in yet. As with half-open TLS connections, the oldest one makes way when there
 * are too many, unless its password is being checked.
 */
export class Newcomers {
  readonly #options: NewcomersOptions;
  readonly #tally = new Tally();
  /** Oldest first. */
  readonly #entries = new Set<Entry>();

  constructor(options: NewcomersOptions) {
    this.#options = options;
  }

  /**
   * Adds a connection. `checking` stops its time, because a login has a limit of its own; `leave` takes it out, as its
   * end does.
   */
  add(socket: Socket, block: string | undefined): { checking(): void; leave(): void } {
    const { limits, loginMs } = this.#options;
    if (this.#tally.of(block) >= limits.halfOpenOfAddress)
      this.#endOldest('RFB_ADDRESS_NEWCOMERS_FULL', (entry) => entry.block === block);
    if (this.#tally.total >= limits.halfOpen) this.#endOldest('RFB_NEWCOMERS_FULL', () => true);
    const release = this.#tally.add(block);
    const stopLimit = limitRunningTime(loginMs, () => this.#end(entry, 'RFB_LOGIN_TIMED_OUT'));
    const entry: Entry = {
      socket,
      block,
      isBeingChecked: false,
      leave: () => {
        stopLimit();
        release();
        this.#entries.delete(entry);
      },
    };
    this.#entries.add(entry);
    socket.once('close', entry.leave);
    const checking = (): void => {
      stopLimit();
      entry.isBeingChecked = true;
    };
    return { checking, leave: entry.leave };
  }

  /** Cuts all of them off. */
  close(): void {
    for (const { socket, leave } of [...this.#entries]) {
      leave();
      socket.destroy();
    }
  }

  #endOldest(reason: NewcomerEnd, isMeant: (entry: Entry) => boolean): void {
    for (const entry of this.#entries) {
      if (entry.isBeingChecked || !isMeant(entry)) continue;
      this.#end(entry, reason);
      return;
    }
  }

  #end(entry: Entry, reason: NewcomerEnd): void {
    entry.leave();
    entry.socket.destroy();
    this.#options.ended(reason, entry.block);
  }
}
