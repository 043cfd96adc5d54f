import { EMPTY_FLEET, type FleetChange, type Kind } from '../fleet-state.ts';
import type { FleetNode } from '../nodes.ts';
import { MAX_NODES } from '../store.ts';
import { type Row, type Session, STATEMENT_MS } from './session.ts';

/**
 * Removals that are kept, so that other processes learn of them. A process that has missed more reads everything anew.
 * A larger number takes 100 bytes of the database for each.
 */
export const MOST_REMOVALS = 10_000;

/**
 * Marks of transactions that are kept, by which a process finds out whether a commit without an answer has been made.
 * It looks within half a minute. A smaller number has it find nothing in a fleet that writes very often.
 */
export const MOST_MARKS = 10_000;

/**
 * Time without a report of any node after which the store, or the network to it, was away. Reports from before then
 * count as made afterwards: their nodes could not report either. A larger value takes nodes for lost after a short
 * absence; it must be longer than the time between two reports.
 */
const GAP = `interval '5 s'`;

/** Longest wait in ms for the answer with all entries. */
const READ_ALL_MS = 20_000;

/** Channel of notifications, whose text is the new version. */
export const CHANNEL = 'deskwire';

/** Keys of advisory locks of the database. */
export const LEADER_LOCK = '1684370283, 1';
export const UPGRADE_LOCK = '1684370283, 2';

/** What was read of the entries: those that have changed, or all. */
export interface Reading {
  readonly version: number;
  /** Oldest format of programs that may work with these tables. */
  readonly needs: number;
  readonly rows: readonly Row[];
}

/** One statement, so that the version and the entries are of the same moment. */
const entriesWhere = (condition: string): string => `
  SELECT f.version AS head, f.needs, f.forgotten, e.kind, e.name, e.version, e.value::text AS value
  FROM deskwire.fleet f LEFT JOIN deskwire.entries e ON ${condition}
  WHERE f.only_one ORDER BY e.version, e.name`;

/** Entries that have changed after a version. */
export const readSince = (since: number): string =>
  entriesWhere(`e.version > ${since} AND f.forgotten <= ${since}`);

/** It may take longer than other statements. */
const READ_ALL = `
  SET statement_timeout = ${READ_ALL_MS};
  ${entriesWhere('e.value IS NOT NULL')};
  SET statement_timeout = ${STATEMENT_MS}`;

/** What `readSince` has found. Undefined if it cannot tell, so that all entries have to be read. */
export function readingOf(since: number, rows: readonly Row[]): Reading | undefined {
  const { head, forgotten, needs } = rows[0]!;
  const version = Number(head);
  // Removals have been forgotten, or the database is an older one than before.
  if (Number(forgotten) > since || version < since) return undefined;
  return { version, needs: Number(needs), rows: entriesOf(rows) };
}

export async function readAll(session: Session): Promise<Reading> {
  const [, rows] = await session.script(READ_ALL, READ_ALL_MS);
  const { head, needs } = rows![0]!;
  return { version: Number(head), needs: Number(needs), rows: entriesOf(rows!) };
}

/** Without the row of a fleet that has none, and those of kinds that only newer programs know. */
const entriesOf = (rows: readonly Row[]): Row[] =>
  rows.filter(({ kind }) => kind !== null && kind !== 'version' && Object.hasOwn(EMPTY_FLEET, String(kind)));

export const changeOf = ({ kind, name, value }: Row): FleetChange =>
  ({
    kind: kind as Kind,
    name,
    value: value === null ? undefined : JSON.parse(String(value)),
  }) as FleetChange;

/** Locks the row of the fleet until the transaction ends: versions are in the order of commits. */
export const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT FROM deskwire.fleet FOR UPDATE;`;

/**
 * Parameters: kinds, names and values of the changes, the new version, and the transaction's mark. The last one of
 * several changes of an entry must be the only one.
 */
export const WRITE = `
  WITH put AS (
    INSERT INTO deskwire.entries (kind, name, version, value)
    SELECT kind, name, $4::bigint, value::json FROM unnest($1::text[], $2::text[], $3::text[]) AS c (kind, name, value)
    ON CONFLICT (kind, name) DO UPDATE SET version = excluded.version, value = excluded.value
  ), head AS (
    UPDATE deskwire.fleet SET version = $4::bigint
  ), mark AS (
    INSERT INTO deskwire.writes (version, mark) VALUES ($4::bigint, $5::uuid)
    ON CONFLICT (version) DO UPDATE SET mark = excluded.mark
  ), old AS (
    DELETE FROM deskwire.writes WHERE version <= $4::bigint - ${MOST_MARKS}
  )
  SELECT pg_notify('${CHANNEL}', $4::bigint::text)`;

/** Forgets the oldest removals. */
export const FORGET = `
  WITH oldest AS (
    SELECT version FROM deskwire.entries WHERE value IS NULL ORDER BY version DESC LIMIT 1 OFFSET ${MOST_REMOVALS}
  ), gone AS (
    DELETE FROM deskwire.entries e USING oldest o WHERE e.value IS NULL AND e.version <= o.version
  )
  UPDATE deskwire.fleet SET forgotten = oldest.version FROM oldest`;

/**
 * Without a bound of the server: a commit that a statement's bound ends while it waits for a synchronous standby is
 * made all the same, and would be reported as safe.
 */
export const COMMIT = `SET LOCAL statement_timeout = 0; COMMIT`;

/** What has become of the transaction that wrote a version. Rewrites a row, so that this commit waits for a standby. */
export const markOf = (version: number): string => `
  SELECT mark::text FROM deskwire.writes WHERE version = ${version};
  UPDATE deskwire.fleet SET version = version;`;

/** Whether marks of a version are still kept at another one. */
export const keepsMark = (version: number, head: number): boolean => head < version + MOST_MARKS;

/** Begins anew with each promotion: the last reports may not have reached the standby. */
const TIMELINE = 'substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)';

/** Age in ms of a node's report `n`, with the pulse `p`. Time in which no node could report does not count. */
const AGE = `
  extract(epoch FROM greatest(interval '0 s', (
    CASE WHEN clock_timestamp() - p.at > ${GAP} OR p.timeline <> ${TIMELINE} THEN p.at ELSE clock_timestamp() END
  ) - CASE WHEN n.generation = p.generation THEN n.seen ELSE p.since END)) * 1000`;

const NODE = `n.id, n.kind, n.version, n.viewers, (${AGE})::float8 AS age_ms`;

export const READ_NODES = `SELECT ${NODE} FROM deskwire.nodes n, deskwire.pulse p WHERE p.only_one ORDER BY n.id`;

/** Whether no node could report for some time, another server was promoted, or the clock was set. */
const IS_GAP = `timeline <> ${TIMELINE} OR at < clock_timestamp() - ${GAP} OR at > clock_timestamp() + interval '1 s'`;

/** Parameters: id, kind, version and viewers of the report. Has no row of the node if there are too many. */
export const BEAT = `
  WITH p AS (
    UPDATE deskwire.pulse SET
      generation = CASE WHEN ${IS_GAP} THEN generation + 1 ELSE generation END,
      since = CASE WHEN ${IS_GAP} THEN clock_timestamp() ELSE since END,
      at = clock_timestamp(),
      timeline = ${TIMELINE}
    WHERE only_one
    RETURNING generation, since, at, timeline
  ), n AS (
    INSERT INTO deskwire.nodes AS n (id, kind, version, viewers, seen, generation)
    SELECT $1::text, $2::text, $3::bigint, $4::text, p.at, p.generation FROM p
    WHERE EXISTS (SELECT FROM deskwire.nodes WHERE id = $1::text)
      OR (SELECT count(*) FROM deskwire.nodes) < ${MAX_NODES}
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, version = excluded.version, viewers = excluded.viewers,
      seen = excluded.seen, generation = excluded.generation
    RETURNING n.*
  )
  SELECT ${NODE} FROM n, p
  UNION ALL SELECT ${NODE} FROM deskwire.nodes n, p WHERE n.id <> $1::text
  ORDER BY id`;

export const LEAVE = 'DELETE FROM deskwire.nodes WHERE id = $1';

export const nodeOf = ({ id, kind, version, viewers, age_ms: ageMs }: Row): FleetNode => ({
  id: String(id),
  kind: kind as FleetNode['kind'],
  version: Number(version),
  viewers: JSON.parse(String(viewers)),
  ageMs: Number(ageMs),
});
