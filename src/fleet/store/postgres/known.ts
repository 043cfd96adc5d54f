import { isDeepStrictEqual } from 'node:util';
import { changedState, EMPTY_FLEET, type FleetChange, type FleetState, type Kind } from '../fleet-state.ts';
import type { History, Row, Session } from './session.ts';
import { changeOf, type Reading, readAll, readingOf, readSince } from './statements.ts';

const KINDS = Object.keys(EMPTY_FLEET).filter((key) => key !== 'version') as Kind[];

const isSame = (one: History | undefined, other: History): boolean =>
  one !== undefined && one.system === other.system && one.timeline === other.timeline;

/** The state of a fleet as this process last saw it. Readings may arrive late and in any order. */
export class Known {
  readonly #onChange: (before: FleetState, after: FleetState) => void;
  readonly #checkFormat: (needs: number) => void;
  #state = EMPTY_FLEET;
  #history: History | undefined;

  /** `checkFormat` throws if this program is too old for what the tables need. */
  constructor(
    checkFormat: (needs: number) => void,
    onChange: (before: FleetState, after: FleetState) => void,
  ) {
    this.#checkFormat = checkFormat;
    this.#onChange = onChange;
  }

  get state(): FleetState {
    return this.#state;
  }

  /** Brings the state up to date with what the server of a session has. */
  async catchUp(session: Session): Promise<void> {
    if (!isSame(this.#history, session.history)) return this.#takeAll(session);
    const since = this.#state.version;
    return this.take(session, since, await session.query(readSince(since)));
  }

  /** As `catchUp`, by the rows of `readSince`. */
  async take(session: Session, since: number, rows: readonly Row[]): Promise<void> {
    const reading = readingOf(since, rows);
    if (reading === undefined || !isSame(this.#history, session.history)) return this.#takeAll(session);
    this.#checkFormat(reading.needs);
    this.#adoptChanges(session.history, reading);
  }

  /** Takes over changes that this process has written, unless they have been read already. */
  wrote(changes: readonly FleetChange[], version: number): void {
    if (this.#state.version === version - 1) this.#become(changedState(this.#state, changes, version));
  }

  async #takeAll(session: Session): Promise<void> {
    const asked = this.#state;
    const reading = await readAll(session);
    this.#checkFormat(reading.needs);
    this.#adoptAll(session.history, asked, reading);
  }

  #adoptChanges(history: History, { version, rows }: Reading): void {
    const now = this.#state;
    if (!isSame(this.#history, history) || version <= now.version) return;
    // Those that were read meanwhile keep their values: listeners take others for changes.
    const newer = rows.filter((row) => Number(row.version) > now.version);
    this.#become(changedState(now, newer.map(changeOf), version));
  }

  #adoptAll(history: History, asked: FleetState, reading: Reading): void {
    const now = this.#state;
    const isOlder = this.#history?.system === history.system && history.timeline < this.#history.timeline;
    if (isOlder) return;
    // Another reading was quicker.
    if (isSame(this.#history, history) && now !== asked && reading.version <= now.version) return;
    this.#history = history;
    const after = wholeState(now, reading);
    if (after.version !== now.version || KINDS.some((kind) => after[kind] !== now[kind])) this.#become(after);
  }

  #become(after: FleetState): void {
    const before = this.#state;
    this.#state = after;
    this.#onChange(before, after);
  }
}

/** A state that was read as a whole. Entries that are as before stay the same objects. */
function wholeState(before: FleetState, { version, rows }: Reading): FleetState {
  const entries = rows.map(changeOf).map((change): FleetChange => {
    const known = before[change.kind].get(change.name);
    return isDeepStrictEqual(known, change.value) ? ({ ...change, value: known } as FleetChange) : change;
  });
  const after = changedState(EMPTY_FLEET, entries, version);
  const unchanged = KINDS.filter((kind) => {
    const values = after[kind] as ReadonlyMap<string, unknown>;
    return (
      values.size === before[kind].size &&
      [...values].every(([name, value]) => before[kind].get(name) === value)
    );
  });
  return { ...after, ...Object.fromEntries(unchanged.map((kind) => [kind, before[kind]])) };
}
