import type { Logger } from 'pino';
import { afterReal } from '../../../common/after.ts';
import { unavailable } from './connector.ts';
import type { Session } from './session.ts';
import { CHANNEL } from './statements.ts';

/**
 * Time in ms after an answer at which the store is asked for news. Notifications come earlier, but may be lost. A
 * larger value shows changes later then; a smaller one asks a store in vain.
 */
const POLL_MS = 1000;

/** First and longest pause in ms between two tries to connect. A larger one delays the return of a store. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * Time in ms without a poll after which the server ends the connection: this process was stopped, or hangs. Then
 * another one can lead. A larger value leaves a fleet without a leader for longer; a smaller one ends connections of a
 * process that is starved of its processor.
 */
const UNUSED_MS = 8000;

/**
 * What is set for this connection. Reports of nodes wait for the disk, and not for a standby: nodes stay alive while it
 * is away. PostgreSQL 13 has no limit for connections that are not used.
 */
const SETTINGS = `
  SET synchronous_commit = local;
  SELECT set_config(name, '${UNUSED_MS}', false) FROM pg_settings WHERE name = 'idle_session_timeout';
  LISTEN ${CHANNEL};
`;

export interface FeedOptions {
  /** Finds the server. Throws FLEET_STORE_UNAVAILABLE. */
  readonly connect: () => Promise<Session>;
  /** Whether a connection is to the primary. */
  readonly isCurrent: (session: Session) => boolean;
  /** Checks the tables of a server, before anything else is asked of it. */
  readonly prepare: (session: Session) => Promise<void>;
  /** Reads what has changed. */
  readonly read: () => Promise<void>;
  /** The version of the state that is known. */
  readonly version: () => number;
  readonly log: Logger;
}

/**
 * Keeps the connection open on which this process reads, reports and hears of changes, and finds a server again when it
 * is lost. Reads and notifications share it, so that a connection that is silent is noticed by the next poll.
 */
export class Feed {
  readonly #options: FeedOptions;
  #session: Session | undefined;
  #opening: Promise<Session> | undefined;
  #whyNot: unknown = new Error('not connected yet');
  #pauseMs = FIRST_PAUSE_MS;
  #lostAtMs: number | undefined;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Connects for the first time, and reads everything. Throws FLEET_STORE_UNAVAILABLE and FLEET_STORE_BROKEN. */
  async begin(): Promise<void> {
    if (!this.#isUsable()) await this.#open();
    await this.#options.read();
    this.#wait(POLL_MS);
  }

  get isConnected(): boolean {
    return this.#session !== undefined;
  }

  /** The connection. Rejects with FLEET_STORE_UNAVAILABLE at once while there is none. */
  async session(): Promise<Session> {
    if (this.#isUsable()) return this.#session!;
    if (this.#opening !== undefined) return this.#opening;
    throw unavailable(this.#whyNot);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#whyNot = new Error('the store was closed');
    this.#cancel?.();
    const session = this.#session ?? (await this.#opening?.catch(() => undefined));
    await session?.end();
  }

  /** Ends a connection to a server that is no longer the primary. */
  #isUsable(): boolean {
    if (this.#session !== undefined && !this.#options.isCurrent(this.#session)) void this.#session.end();
    return this.#session !== undefined;
  }

  #open(): Promise<Session> {
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(): Promise<Session> {
    const { connect, prepare, version, read } = this.#options;
    const session = await connect();
    try {
      await prepare(session);
      session.on('notified', (text) => {
        if (Number(text) > version()) void read().catch(() => {});
      });
      await session.script(SETTINGS);
    } catch (error) {
      void session.end();
      throw (error as { code?: string }).code === 'FLEET_STORE_BROKEN' ? error : unavailable(error);
    }
    session.once('ended', () => this.#lost());
    if (!session.isOpen) throw unavailable(new Error('the connection was lost'));
    this.#session = session;
    return session;
  }

  #lost(): void {
    this.#session = undefined;
    this.#whyNot = new Error('the connection was lost');
    if (this.#isClosed) return;
    this.#lostAtMs ??= performance.now();
    this.#options.log.warn('The connection to the store is lost');
    this.#wait(FIRST_PAUSE_MS * Math.random());
  }

  #wait(ms: number): void {
    this.#cancel?.();
    if (!this.#isClosed) this.#cancel = afterReal(ms, () => void this.#turn());
  }

  /** Asks for news, or for a server. */
  async #turn(): Promise<void> {
    const { log, read } = this.#options;
    try {
      if (!this.#isUsable()) await this.#open();
      await read();
      this.#pauseMs = FIRST_PAUSE_MS;
      if (this.#lostAtMs !== undefined)
        log.warn({ afterMs: Math.round(performance.now() - this.#lostAtMs) }, 'The store answers again');
      this.#lostAtMs = undefined;
      this.#wait(POLL_MS);
    } catch (error) {
      // Callers see why by their own calls. The log has each reason once.
      const { message } = ((error as Error).cause ?? error) as Error;
      if (message !== (this.#whyNot as Error).message)
        log.warn({ reason: message }, 'The store cannot be used');
      this.#whyNot = new Error(message);
      this.#wait(this.#pauseMs * (0.5 + Math.random() / 2));
      this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    }
  }
}
