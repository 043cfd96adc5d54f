import { fleetProblem } from '../errors.ts';
import { type Session, sqlState } from './session.ts';
import { UPGRADE_LOCK } from './statements.ts';

/** Longest wait in ms for an upgrade of the tables, and for another process that makes one. */
const UPGRADE_MS = 60_000;

/**
 * What makes the tables of one format out of those of the format before. It may only add: programs of the format before
 * work on beside those of this one. docs/decisions/0083-formats-of-the-store.md has the rule.
 */
export interface Format {
  readonly sql: string;
  /** Oldest format whose programs may work with these tables: the one before, at the latest. */
  readonly needs: number;
}

/**
 * All formats, the first one is 1. Times are those of the database's clock; versions are in the order of commits.
 *
 * - `fleet`: one row, which each transaction locks. Removals up to the version `forgotten` are no longer kept.
 * - `entries`: `value` is NULL for an entry that was removed. Text of JSON as it was written, in its order.
 * - `writes`: marks of the last transactions, by which a process finds out what has become of a commit.
 * - `pulse`: one row, with the last report of any node, and since when nodes have been able to report. A new
 *   `generation` begins after a time in which they were not.
 */
export const FORMATS: readonly Format[] = [
  {
    needs: 1,
    sql: `
      CREATE TABLE deskwire.fleet (
        only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
        format integer NOT NULL, needs integer NOT NULL, version bigint NOT NULL, forgotten bigint NOT NULL
      );
      INSERT INTO deskwire.fleet VALUES (true, 0, 0, 0, 0);
      CREATE TABLE deskwire.entries (
        kind text NOT NULL, name text NOT NULL, version bigint NOT NULL, value json, PRIMARY KEY (kind, name)
      );
      CREATE INDEX entries_by_version ON deskwire.entries (version);
      CREATE INDEX removals ON deskwire.entries (version) WHERE value IS NULL;
      CREATE TABLE deskwire.writes (version bigint PRIMARY KEY, mark uuid NOT NULL);
      CREATE TABLE deskwire.pulse (
        only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
        generation bigint NOT NULL, since timestamptz NOT NULL, at timestamptz NOT NULL, timeline text NOT NULL
      );
      INSERT INTO deskwire.pulse VALUES (true, 0, clock_timestamp(), clock_timestamp(), '');
      CREATE TABLE deskwire.nodes (
        id text PRIMARY KEY, kind text NOT NULL, version bigint NOT NULL, viewers text NOT NULL,
        seen timestamptz NOT NULL, generation bigint NOT NULL
      );`,
  },
];

interface Found {
  readonly hasSchema: boolean;
  readonly format: number;
  readonly needs: number;
}

/** Classes of PostgreSQL's errors that may be gone at the next try: connections, locks, limits and restarts. */
const PASSING = /^(08|25|40|53|55|57)/;

/**
 * Makes the tables, or upgrades them to the newest of `formats`. Leaves those of a newer program as they are. Throws
 * FLEET_STORE_BROKEN if this program is too old for them, or may not make them.
 */
export async function upgrade(session: Session, formats: readonly Format[]): Promise<void> {
  try {
    if (!isUsable(await look(session), formats)) await upgradeAlone(session, formats);
  } catch (error) {
    const state = sqlState(error);
    if (state === undefined || PASSING.test(state)) throw error;
    const detail = `The tables cannot be made or upgraded: ${(error as Error).message}.`;
    throw fleetProblem('FLEET_STORE_BROKEN', detail);
  }
}

/** In one transaction, which a connection that ends rolls back. One process at a time. */
async function upgradeAlone(session: Session, formats: readonly Format[]): Promise<void> {
  await session.script(
    `BEGIN; SET LOCAL statement_timeout = ${UPGRADE_MS}; SET LOCAL lock_timeout = ${UPGRADE_MS};
     SET LOCAL idle_in_transaction_session_timeout = ${UPGRADE_MS};
     SELECT pg_advisory_xact_lock(${UPGRADE_LOCK})`,
    UPGRADE_MS,
  );
  const found = await look(session);
  const steps = isUsable(found, formats) ? [] : formats.slice(found.format);
  if (!found.hasSchema) await session.script('CREATE SCHEMA deskwire');
  for (const { sql } of steps) await session.script(sql, UPGRADE_MS);
  if (steps.length > 0)
    await session.query('UPDATE deskwire.fleet SET format = $1, needs = $2', [
      formats.length,
      formats.at(-1)!.needs,
    ]);
  await session.script('COMMIT', UPGRADE_MS);
}

/** Throws FLEET_STORE_BROKEN if programs of a format may no longer work with tables that need another one. */
export function checkFormat(needs: number, formats: readonly Format[]): void {
  if (needs <= formats.length) return;
  throw fleetProblem(
    'FLEET_STORE_BROKEN',
    `The store needs a program of format ${needs}, and this one is of format ${formats.length}. ` +
      'Update Deskwire on this machine.',
  );
}

function isUsable({ format, needs }: Found, formats: readonly Format[]): boolean {
  checkFormat(needs, formats);
  return format >= formats.length;
}

async function look(session: Session): Promise<Found> {
  // The functions for this, such as to_regclass(), may say what was before the wait for the lock.
  const [there] = await session.query(
    `SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'deskwire') AS has_schema,
       EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON c.relnamespace = n.oid
         WHERE n.nspname = 'deskwire' AND c.relname = 'fleet') AS has_fleet`,
  );
  const hasSchema = there!.has_schema === true;
  if (there!.has_fleet !== true) return { hasSchema, format: 0, needs: 0 };
  const [fleet] = await session.query('SELECT format, needs FROM deskwire.fleet');
  return { hasSchema, format: Number(fleet!.format), needs: Number(fleet!.needs) };
}
