import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Client, ClientConfig, QueryResult } from 'pg';
import { afterReal } from '../../../common/after.ts';
import { hostName, type PostgresHost, type PostgresPlace, tlsFor } from './store-url.ts';

/**
 * Longest wait in ms for a connection with its login. A larger value delays another try at a host that drops packets; a
 * smaller one gives up on a loaded server.
 */
const CONNECT_MS = 4000;

/** Longest wait in ms for an answer. A larger value notices a silent server later; a smaller one loses a loaded one. */
const ANSWER_MS = 6000;

/**
 * Bounds of the server in ms: for a statement, for a lock, and for a transaction in which this process says nothing.
 * The last one frees the row of the fleet when a process stops in the middle of a transaction, and so must be shorter
 * than the wait of the others for that row.
 */
export const STATEMENT_MS = 5500;
const LOCK_MS = 5000;
const IDLE_IN_TRANSACTION_MS = 3000;

/** Longest wait in ms for the server to close a connection that is ended. */
const FAREWELL_MS = 1000;

/**
 * Bounds in seconds after which the server ends a connection whose other side is silent: its machine or its network is
 * gone. Without them, the lock of a lost leader would be kept for two hours. A larger value keeps it for longer; a
 * smaller one ends connections that lose some packets.
 */
const SILENT_S = { first: 3, between: 2, probes: 2 } as const;
const UNACKNOWLEDGED_MS = 8000;

/**
 * What a connection begins with. Nothing is looked up by a search path that others may write to. A commit returns when
 * it is on the disk, and on that of a synchronous standby if there is one; whoever has set more keeps more. Statements
 * are small, and are not compiled: before the server has statistics of new tables, it would take a second for each.
 */
const BEGINNING = `
  SET search_path = pg_catalog;
  SET jit = off;
  SET statement_timeout = ${STATEMENT_MS};
  SET lock_timeout = ${LOCK_MS};
  SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
  SET tcp_keepalives_idle = ${SILENT_S.first};
  SET tcp_keepalives_interval = ${SILENT_S.between};
  SET tcp_keepalives_count = ${SILENT_S.probes};
  SET tcp_user_timeout = ${UNACKNOWLEDGED_MS};
  SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
  SELECT (SELECT system_identifier FROM pg_control_system())::text AS system,
    pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS is_standby,
    CASE WHEN NOT pg_is_in_recovery() THEN pg_walfile_name(pg_current_wal_lsn()) END AS wal;
`;

/** A row, by the names of its columns. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Which of a database's pasts a server has. A promoted standby begins the next timeline. */
export interface History {
  readonly system: string;
  readonly timeline: number;
}

interface SessionEvents {
  /** The connection has ended. */
  ended: [];
  /** Text of a notification. */
  notified: [text: string];
}

/** One connection to the writable server. Each wait has a limit, after which the connection is ended. */
export class Session extends EventEmitter<SessionEvents> {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #onAnswer: () => void;
  readonly #closed: Promise<void>;
  #history!: History;
  #clear: (() => void) | undefined;
  #warnings = 0;
  #whyEnded: Error | undefined;

  /**
   * Connects. Rejects with an error of PostgreSQL, of the system or of TLS, and if the server is a standby. `onAnswer`
   * is called after each answer of the server.
   */
  static async open(place: PostgresPlace, host: PostgresHost, onAnswer: () => void): Promise<Session> {
    const { default: pg } = await import('pg');
    const socket = new Socket();
    const client = new pg.Client({
      ...{ host: host.host, port: host.port, user: place.user, database: place.database },
      // Of a password that is empty, pg would look for another one in the environment and in a file.
      password: () => place.password ?? '',
      ssl: await tlsOf(place, host),
      ...{ application_name: 'deskwire', connectionTimeoutMillis: CONNECT_MS, keepAlive: true },
      stream: () => socket,
    });
    const session = new Session(client, socket, onAnswer);
    try {
      await client.connect();
      const [begun] = (await session.script(BEGINNING)).slice(-1);
      const { system, is_standby: isStandby, wal } = begun![0]!;
      if (isStandby) throw new Error('it is a standby, or may only be read');
      const timeline = Number.parseInt(String(wal).slice(0, 8), 16);
      session.#history = { system: String(system), timeline };
      return session;
    } catch (error) {
      session.#break(error as Error);
      throw error;
    }
  }

  private constructor(client: Client, socket: Socket, onAnswer: () => void) {
    super();
    this.#client = client;
    this.#socket = socket;
    this.#onAnswer = onAnswer;
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#clear?.();
        resolve();
      });
    });
    client.on('error', (error) => this.#break(error));
    client.on('end', () => this.#break(new Error('the server has closed the connection')));
    client.on('notification', ({ payload = '' }) => {
      this.#onAnswer();
      this.emit('notified', payload);
    });
    client.on('notice', ({ code }) => {
      if (code !== '00000') this.#warnings++;
    });
  }

  get isOpen(): boolean {
    return this.#whyEnded === undefined;
  }

  get history(): History {
    return this.#history;
  }

  /** Warnings that the server has sent so far. */
  get warnings(): number {
    return this.#warnings;
  }

  /** Runs one statement. */
  async query(text: string, values: unknown[] = [], limitMs = ANSWER_MS): Promise<readonly Row[]> {
    return (await this.#ask({ text, values }, limitMs))[0]!.rows;
  }

  /** Runs statements without parameters in one message. Resolves with the rows of each. */
  async script(text: string, limitMs = ANSWER_MS): Promise<(readonly Row[])[]> {
    return (await this.#ask({ text }, limitMs)).map(({ rows }) => rows);
  }

  /** As `script`, with what the server says that it has done. */
  results(text: string): Promise<readonly QueryResult<Row>[]> {
    return this.#ask({ text }, ANSWER_MS);
  }

  /** Ends the connection. Resolves when it is closed. */
  async end(): Promise<void> {
    if (this.#whyEnded === undefined) {
      this.#whyEnded = new Error('the connection was ended');
      this.#clear = afterReal(FAREWELL_MS, () => this.#socket.destroy());
      void this.#client.end().catch(() => {});
      this.emit('ended');
    }
    await this.#closed;
  }

  /** Ends the connection without a word to the server. Everything under way is rejected. */
  #break(why: Error): void {
    this.#socket.destroy();
    if (this.#whyEnded !== undefined) return;
    this.#whyEnded = why;
    this.emit('ended');
  }

  async #ask(
    query: { text: string; values?: unknown[] },
    limitMs: number,
  ): Promise<readonly QueryResult<Row>[]> {
    if (this.#whyEnded !== undefined) throw this.#whyEnded;
    const timer = setTimeout(() => this.#break(new Error(`no answer within ${limitMs} ms`)), limitMs);
    try {
      const results = await this.#client.query<Row>(query);
      this.#onAnswer();
      return Array.isArray(results) ? results : [results];
    } catch (error) {
      if (sqlState(error) !== undefined) this.#onAnswer();
      throw this.#whyEnded ?? error;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function tlsOf(place: PostgresPlace, host: PostgresHost): Promise<ClientConfig['ssl']> {
  const mode = tlsFor(place, host);
  if (mode === 'disable') return false;
  const { ca, cert, key } = place.files;
  const [authorities, certificate, privateKey] = await Promise.all(
    [ca, cert, key].map((path) => (path === undefined ? undefined : readFile(path, 'utf8'))),
  );
  return {
    ...{ ca: authorities, cert: certificate, key: privateKey },
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  };
}

/** PostgreSQL's code of an error of the server. Undefined for errors of the connection. */
export function sqlState(error: unknown): string | undefined {
  const { severity, code } = error as { severity?: unknown; code?: unknown };
  return severity === undefined || typeof code !== 'string' ? undefined : code;
}

/**
 * An error for logs: its message and code alone. The others of PostgreSQL's fields can have values of the row, such as
 * the hash of a password.
 */
export function plainError(error: unknown, host?: PostgresHost): Error & { code?: string } {
  const { message = '', code } = error as { message?: string; code?: string };
  const place = host === undefined ? '' : `${hostName(host)}: `;
  return Object.assign(new Error(`${place}${message || code || 'unknown error'}`), { code });
}
