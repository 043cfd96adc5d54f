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

/** What its owner tells of a connection that was added. */
type Newcomer = Readonly<Record<'checking' | 'refused' | 'leave', () => void>>;

interface Entry {
  readonly socket: Socket;
  readonly block: string | undefined;
  /** The name and password have come. */
  isBeingChecked: boolean;
  leave(): void;
}

/**
 * The connections that have not logged in yet. As with half-open TLS connections, the oldest one makes way when there
 * are too many, unless its password is being checked. Where all of them are being checked, the newcomer is ended.
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
   * Adds a connection. Undefined if there is no place for it: it was ended. `checking` stops its time, because a login
   * has a limit of its own; `refused` lets it make way again, with a last answer that it may not read; `leave` takes it
   * out, as its end does.
   */
  add(socket: Socket, block: string | undefined): Newcomer | undefined {
    const { loginMs, ended } = this.#options;
    const refusal = this.#makePlace(block);
    if (refusal !== undefined) {
      socket.destroy();
      ended(refusal, block);
      return undefined;
    }
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
    const refused = (): void => {
      entry.isBeingChecked = false;
    };
    return { checking, refused, leave: entry.leave };
  }

  /** Cuts all of them off. */
  close(): void {
    for (const { socket, leave } of [...this.#entries]) {
      leave();
      socket.destroy();
    }
  }

  /** Ends other connections if there are too many. Returns the reason if none of those can make way. */
  #makePlace(block: string | undefined): NewcomerEnd | undefined {
    const { halfOpen, halfOpenOfAddress } = this.#options.limits;
    const isOfAddress = (entry: Entry): boolean => entry.block === block;
    if (
      this.#tally.of(block) >= halfOpenOfAddress &&
      !this.#endOldest('RFB_ADDRESS_NEWCOMERS_FULL', isOfAddress)
    )
      return 'RFB_ADDRESS_NEWCOMERS_FULL';
    if (this.#tally.total >= halfOpen && !this.#endOldest('RFB_NEWCOMERS_FULL', () => true))
      return 'RFB_NEWCOMERS_FULL';
    return undefined;
  }

  /** Ends the oldest connection that is meant and can make way. Returns whether there was one. */
  #endOldest(reason: NewcomerEnd, isMeant: (entry: Entry) => boolean): boolean {
    for (const entry of this.#entries) {
      if (entry.isBeingChecked || !isMeant(entry)) continue;
      this.#end(entry, reason);
      return true;
    }
    return false;
  }

  #end(entry: Entry, reason: NewcomerEnd): void {
    entry.leave();
    entry.socket.destroy();
    this.#options.ended(reason, entry.block);
  }
}
