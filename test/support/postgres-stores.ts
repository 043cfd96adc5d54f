import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { PostgresStore, type PostgresStoreOptions } from '../../src/fleet/store/postgres-store.ts';
import type { PostgresServer } from './postgres-server.ts';

type After = Pick<TestContext, 'after'>;

/** Opens stores on one database of a server. They are closed with the test. */
export class PostgresStores {
  readonly #t: After;
  readonly #options: Partial<PostgresStoreOptions> & Pick<PostgresStoreOptions, 'place'>;

  /** On a new database. */
  static async make(t: After, server: PostgresServer): Promise<PostgresStores> {
    return new PostgresStores(t, { place: server.place(await server.database()) });
  }

  constructor(t: After, options: Partial<PostgresStoreOptions> & Pick<PostgresStoreOptions, 'place'>) {
    this.#t = t;
    this.#options = options;
  }

  get database(): string {
    return this.#options.place.database;
  }

  /** Opens one, as another process would. */
  async open(options: Partial<PostgresStoreOptions> = {}): Promise<PostgresStore> {
    const store = await PostgresStore.open({ log: SILENT, ...this.#options, ...options });
    this.#t.after(() => store.close());
    return store;
  }
}

const SILENT = pino({ level: 'silent' });
