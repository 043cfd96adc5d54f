import { EventEmitter } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { fleetProblem } from './errors.ts';
import { changedState, EMPTY_FLEET, type FleetChange, type FleetState, type Kind } from './fleet-state.ts';
import { nextState } from './next-state.ts';
import type { FleetNode, NodeReport } from './nodes.ts';
import { type FleetStore, type FleetStoreEvents, MAX_NODES } from './store.ts';

/** Version of the tables. Raised when older programs cannot read the new ones. */
const FORMAT = 1;

/**
 * Removals that are kept, so that other processes learn of them. A process that has missed more reads everything anew.
 * A larger number takes 50 bytes of the file for each.
 */
export const MOST_REMOVALS = 10_000;

/** Longest wait in ms for another process that writes. A larger value holds up the main thread for longer. */
const BUSY_MS = 2000;

/**
 * Time in ms between two looks for what other processes have changed. A look takes 20 µs. With a larger value, a change
 * of rights takes longer to reach other edges.
 */
const LOOK_EACH_MS = 50;

/**
 * `value` is JSON; NULL for an entry that was removed. Removals up to the version `forgotten` are no longer kept. Nodes
 * are told by the machine's uptime, which never steps.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS fleet (
    only INTEGER PRIMARY KEY CHECK (only = 1), version INTEGER NOT NULL, forgotten INTEGER NOT NULL
  );
  INSERT OR IGNORE INTO fleet VALUES (1, 0, 0);
  CREATE TABLE IF NOT EXISTS entries (
    kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, value TEXT, PRIMARY KEY (kind, name)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entries_by_version ON entries (version);
  CREATE TABLE IF NOT EXISTS nodes (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, version INTEGER NOT NULL, viewers TEXT NOT NULL, uptime_ms REAL NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS removals ON entries (version) WHERE value IS NULL;
  PRAGMA user_version = ${FORMAT};
`;

interface Head {
  readonly version: number;
  readonly forgotten: number;
}

interface Row {
  readonly kind: Kind;
  readonly name: string;
  readonly value: string | null;
}

interface NodeRow {
  readonly id: string;
  readonly kind: FleetNode['kind'];
  readonly version: number;
  readonly viewers: string;
  readonly uptime_ms: number;
}

/** The store of a fleet on one machine: a file of SQLite. Several processes of the machine may share it. */
export class SqliteStore extends EventEmitter<FleetStoreEvents> implements FleetStore {
  readonly #db: DatabaseSync;
  readonly #head: StatementSync;
  readonly #since: StatementSync;
  readonly #put: StatementSync;
  readonly #advance: StatementSync;
  readonly #forget: readonly [mark: StatementSync, drop: StatementSync];
  readonly #nodes: StatementSync;
  readonly #beat: StatementSync;
  #state = EMPTY_FLEET;
  #looks: NodeJS.Timeout | undefined;

  /** Opens the store of a data folder, or makes it. Throws FLEET_STORE_BROKEN. */
  constructor(folder: string) {
    super();
    // Each call that waits for a desktop listens.
    this.setMaxListeners(0);
    try {
      this.#db = openDatabase(folder);
    } catch (cause) {
      throw fleetProblem('FLEET_STORE_BROKEN', (cause as Error).message, { cause });
    }
    this.#head = this.#db.prepare('SELECT version, forgotten FROM fleet');
    this.#since = this.#db.prepare('SELECT kind, name, value FROM entries WHERE version > ?');
    this.#put = this.#db.prepare(
      'INSERT INTO entries VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, value = excluded.value',
    );
    this.#advance = this.#db.prepare('UPDATE fleet SET version = ?');
    this.#forget = [
      this.#db.prepare(
        `UPDATE fleet SET forgotten = oldest.version FROM
         (SELECT version FROM entries WHERE value IS NULL ORDER BY version DESC LIMIT 1 OFFSET ${MOST_REMOVALS})
         AS oldest`,
      ),
      this.#db.prepare(
        'DELETE FROM entries WHERE value IS NULL AND version <= (SELECT forgotten FROM fleet)',
      ),
    ];
    this.#nodes = this.#db.prepare('SELECT * FROM nodes ORDER BY id');
    this.#beat = this.#db.prepare(
      `INSERT INTO nodes VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET version = excluded.version, viewers = excluded.viewers, uptime_ms = excluded.uptime_ms`,
    );
    this.#adopt(this.#newest());
  }

  readonly silentMs = 0;

  get state(): FleetState {
    return this.#state;
  }

  async refresh(): Promise<void> {
    this.#adopt(this.#newest());
  }

  async transact(
    decide: (state: FleetState, nodes: readonly FleetNode[]) => readonly FleetChange[],
  ): Promise<FleetState> {
    this.#db.exec('BEGIN IMMEDIATE');
    let after: FleetState;
    try {
      const before = this.#newest();
      const changes = decide(before, this.#readNodes());
      after = changes.length === 0 ? before : this.#write(before, changes);
      this.#db.exec('COMMIT');
    } catch (error) {
      // A full disk has ended the transaction already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw isOfSqlite(error) ? fleetProblem('FLEET_STORE_UNWRITABLE', undefined, { cause: error }) : error;
    }
    this.#adopt(after);
    return after;
  }

  async beat({ id, kind, version, viewers }: NodeReport): Promise<readonly FleetNode[]> {
    const known = this.#readNodes();
    if (known.length >= MAX_NODES && !known.some((node) => node.id === id))
      throw fleetProblem('FLEET_STORE_FULL', `There may be ${MAX_NODES} nodes.`);
    try {
      this.#beat.run(id, kind, version, JSON.stringify(viewers), uptime() * 1000);
    } catch (cause) {
      throw fleetProblem('FLEET_STORE_UNWRITABLE', undefined, { cause });
    }
    return this.#readNodes();
  }

  async leave(id: string): Promise<void> {
    this.#db.prepare('DELETE FROM nodes WHERE id = ?').run(id);
  }

  /** On one machine a lock of the data folder lets one fleet run. */
  async lead(): Promise<boolean> {
    return true;
  }

  /** Adopts from now on what other processes change. */
  followOthers(): void {
    this.#looks = setInterval(() => void this.refresh().catch(() => {}), LOOK_EACH_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#looks);
    if (this.#db.isOpen) this.#db.close();
  }

  /** The state with what other processes have changed. */
  #newest(): FleetState {
    const { version, forgotten } = this.#head.get() as unknown as Head;
    if (version === this.#state.version) return this.#state;
    const known = this.#state.version < forgotten ? EMPTY_FLEET : this.#state;
    const rows = this.#since.all(known.version) as unknown as Row[];
    return changedState(known, rows.map(changeOf), version);
  }

  #readNodes(): readonly FleetNode[] {
    const nowMs = uptime() * 1000;
    return (this.#nodes.all() as unknown as NodeRow[]).map(({ viewers, uptime_ms, ...node }) => ({
      ...node,
      viewers: JSON.parse(viewers),
      // Of an earlier run of the machine.
      ageMs: uptime_ms > nowMs ? Number.POSITIVE_INFINITY : nowMs - uptime_ms,
    }));
  }

  #write(before: FleetState, changes: readonly FleetChange[]): FleetState {
    const after = nextState(before, changes);
    for (const { kind, name, value } of changes)
      this.#put.run(kind, name, after.version, value === undefined ? null : JSON.stringify(value));
    this.#advance.run(after.version);
    if (changes.some(({ value }) => value === undefined))
      for (const statement of this.#forget) statement.run();
    return after;
  }

  #adopt(after: FleetState): void {
    const before = this.#state;
    if (after === before) return;
    this.#state = after;
    this.emit('changed', before, after);
  }
}

const isOfSqlite = (error: unknown): boolean => (error as { code?: unknown }).code === 'ERR_SQLITE_ERROR';

const changeOf = ({ kind, name, value }: Row): FleetChange =>
  ({ kind, name, value: value === null ? undefined : JSON.parse(value) }) as FleetChange;

function openDatabase(folder: string): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'fleet.db');
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  try {
    // Before anything secret is in it. SQLite gives its other files the same mode.
    chmodSync(path, 0o600);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    const { user_version: format } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (format > FORMAT)
      throw new Error(`${path} has format ${format}; this version of Deskwire knows ${FORMAT}`);
    db.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
