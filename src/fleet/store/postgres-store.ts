import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { fleetProblem } from './errors.ts';
import type { FleetState } from './fleet-state.ts';
import type { FleetNode, NodeReport } from './nodes.ts';
import { Connector, unavailable } from './postgres/connector.ts';
import { Feed } from './postgres/feed.ts';
import { checkFormat, FORMATS, type Format, upgrade } from './postgres/formats.ts';
import { Known } from './postgres/known.ts';
import type { Row, Session } from './postgres/session.ts';
import { BEAT, LEADER_LOCK, LEAVE, nodeOf } from './postgres/statements.ts';
import type { PostgresPlace } from './postgres/store-url.ts';
import { type Decide, Writer } from './postgres/writer.ts';
import { type FleetStore, type FleetStoreEvents, MAX_NODES } from './store.ts';

/**
 * Time in ms in which a start waits for a store that does not answer. A larger value reports a wrong address later; a
 * smaller one fails the start of a machine whose database starts at the same time.
 */
const START_MS = 30_000;
const START_PAUSE_MS = 300;

export interface PostgresStoreOptions {
  readonly place: PostgresPlace;
  readonly log: Logger;
  /** For tests: those of another version of the program. */
  readonly formats?: readonly Format[];
}

/**
 * The store of a fleet on many machines: a database of PostgreSQL. This process has one connection on which it reads,
 * reports and listens, and another one while it writes.
 */
export class PostgresStore extends EventEmitter<FleetStoreEvents> implements FleetStore {
  readonly #known: Known;
  readonly #feed: Feed;
  readonly #writer: Writer;
  #heardAtMs = performance.now();
  /** The connection that has the lock of the leader. It has it until it ends. */
  #leading: Session | undefined;
  #reading: Promise<void> | undefined;
  #nextReading: Promise<void> | undefined;

  /** Opens a store, and makes or upgrades its tables. Throws FLEET_STORE_BROKEN and FLEET_STORE_UNAVAILABLE. */
  static async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    const store = new PostgresStore(options);
    const untilMs = performance.now() + START_MS;
    for (;;) {
      try {
        await store.#feed.begin();
        return store;
      } catch (error) {
        const isAway = (error as { code?: string }).code === 'FLEET_STORE_UNAVAILABLE';
        if (!isAway || performance.now() > untilMs) {
          await store.close();
          throw isAway ? withReason(error as Error) : error;
        }
        await sleep(START_PAUSE_MS);
      }
    }
  }

  private constructor({ place, log, formats = FORMATS }: PostgresStoreOptions) {
    super();
    // Each call that waits for a desktop listens.
    this.setMaxListeners(0);
    this.#known = new Known(
      (needs) => checkFormat(needs, formats),
      (before, after) => this.emit('changed', before, after),
    );
    const connector = new Connector(place, () => {
      this.#heardAtMs = performance.now();
    });
    const connect = (): Promise<Session> => connector.connect();
    const isCurrent = (session: Session): boolean => connector.isCurrent(session);
    this.#feed = new Feed({
      ...{ connect, isCurrent, log },
      prepare: (session) => upgrade(session, formats),
      read: () => this.refresh(),
      version: () => this.state.version,
    });
    const isAway = (): boolean => !this.#feed.isConnected;
    this.#writer = new Writer({ connect, isCurrent, isAway, known: this.#known });
  }

  get state(): FleetState {
    return this.#known.state;
  }

  get silentMs(): number {
    return performance.now() - this.#heardAtMs;
  }

  refresh(): Promise<void> {
    // One reading at a time. All that are asked for meanwhile are the next one.
    this.#nextReading ??= (this.#reading ?? Promise.resolve())
      .catch(() => {})
      .then(() => {
        this.#reading = this.#nextReading;
        this.#nextReading = undefined;
        return this.#ask((session) => this.#known.catchUp(session));
      });
    return this.#nextReading;
  }

  async transact(decide: Decide): Promise<FleetState> {
    await this.#writer.write(decide);
    return this.state;
  }

  async beat({ id, kind, version, viewers }: NodeReport): Promise<readonly FleetNode[]> {
    const values = [id, kind, version, JSON.stringify(viewers)];
    const rows = await this.#ask((session) => session.query(BEAT, values));
    const nodes = rows.map(nodeOf);
    if (nodes.some((node) => node.id === id)) return nodes;
    throw fleetProblem('FLEET_STORE_FULL', `There may be ${MAX_NODES} nodes.`);
  }

  async leave(id: string): Promise<void> {
    await this.#ask((session) => session.query(LEAVE, [id]));
  }

  /** By a lock of the database, which ends with the connection. False while the store does not answer. */
  async lead(): Promise<boolean> {
    try {
      return await this.#ask(async (session) => {
        const isHeld = this.#leading === session;
        const question = isHeld
          ? 'SELECT true AS leads'
          : `SELECT pg_try_advisory_lock(${LEADER_LOCK}) AS leads`;
        const [row] = (await session.query(question)) as [Row];
        if (row.leads === true) this.#leading = session;
        return row.leads === true;
      });
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#feed.close()]);
  }

  async #ask<T>(question: (session: Session) => Promise<T>): Promise<T> {
    try {
      return await question(await this.#feed.session());
    } catch (error) {
      throw unavailable(error);
    }
  }
}

/** For whoever reads the end of a start. */
const withReason = (error: Error): Error =>
  fleetProblem('FLEET_STORE_UNAVAILABLE', `The store does not answer: ${(error.cause as Error).message}.`, {
    cause: error.cause,
  });
