import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterReal } from '../../../common/after.ts';
import { fleetProblem } from '../errors.ts';
import type { FleetChange } from '../fleet-state.ts';
import { nextState } from '../next-state.ts';
import type { FleetStore } from '../store.ts';
import { unavailable } from './connector.ts';
import type { Known } from './known.ts';
import { plainError, type Session, sqlState } from './session.ts';
import {
  BEGIN,
  COMMIT,
  FORGET,
  keepsMark,
  markOf,
  nodeOf,
  READ_NODES,
  readSince,
  WRITE,
} from './statements.ts';

export type Decide = Parameters<FleetStore['transact']>[0];

/** Time in ms in which a transaction begins anew when its connection was lost. The caller waits for it. */
const AGAIN_MS = 10_000;

/**
 * Time in ms in which a process tries to find out whether a commit without an answer was made. A larger value keeps the
 * caller waiting; a smaller one leaves it unsure when a standby is promoted.
 */
const SETTLE_MS = 20_000;

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** Transactions that wait for their turn. A larger number takes memory; a smaller one refuses a rush. */
export const MAX_WAITING = 1000;

/**
 * Time in ms after which a connection that writes nothing is ended. A larger value takes a process of the server for
 * longer; a smaller one connects anew for each change.
 */
const IDLE_MS = 30_000;

/** Classes of PostgreSQL's errors that are not for another try: data, rights, disk, limits, and internal errors. */
const UNWRITABLE = /^(22|23|42|53[12]|54|58|XX)/;

interface Unfinished {
  readonly kind: 'unfinished';
  readonly version: number;
  readonly mark: string;
}

/** How a try to write has ended. After an `unfinished` one the changes may have been made, or may yet be. */
type Outcome = End | Unfinished;
type End = { readonly kind: 'made' } | { readonly kind: 'not-made'; readonly why: unknown };

export interface WriterOptions {
  readonly connect: () => Promise<Session>;
  /** Whether a connection is to the primary. */
  readonly isCurrent: (session: Session) => boolean;
  /** Whether the store does not answer at all, as far as is known. */
  readonly isAway: () => boolean;
  readonly known: Known;
}

/** Writes the transactions of this process, one after the other, on a connection of their own. */
export class Writer {
  readonly #options: WriterOptions;
  #session: Session | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #stopIdling: (() => void) | undefined;
  #isClosed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** See FleetStore. */
  async write(decide: Decide): Promise<void> {
    const untilMs = performance.now() + AGAIN_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      const outcome = await this.#inTurn(async () => {
        if (performance.now() > untilMs) throw unavailable(new Error('others write for too long'));
        return this.#try(decide);
      });
      const end = outcome.kind === 'unfinished' ? await this.#settle(outcome) : outcome;
      if (end.kind === 'made') return;
      if (performance.now() + pauseMs > untilMs) throw unavailable(end.why);
      await sleep(pauseMs);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopIdling?.();
    await this.#session?.end();
  }

  async #inTurn<T>(turn: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) throw unavailable(new Error('too many changes wait'));
    this.#waiting++;
    const own = this.#last.then(turn);
    this.#last = own.catch(() => {});
    try {
      return await own;
    } finally {
      this.#waiting--;
    }
  }

  async #try(decide: Decide): Promise<Outcome> {
    let session: Session;
    try {
      session = await this.#connected();
    } catch (why) {
      // While the store answers on the other connection, this one is only slow to come.
      if (this.#isClosed || this.#options.isAway()) throw unavailable(why);
      return { kind: 'not-made', why };
    }
    const mark = randomUUID();
    let changes: readonly FleetChange[] = [];
    let version: number;
    try {
      const nodes = await this.#begin(session);
      const { state } = this.#options.known;
      try {
        changes = lastOfEach(decide(state, nodes));
        version = nextState(state, changes).version;
      } catch (error) {
        await rollBack(session);
        throw new Refusal(error);
      }
      if (changes.length === 0) {
        await rollBack(session);
        return { kind: 'made' };
      }
      await put(session, changes, version, mark);
    } catch (error) {
      if (error instanceof Refusal) throw error.reason;
      // Without a commit nothing was changed. The next try connects anew: the server may have become a standby.
      await rollBack(session);
      void session.end();
      if ((error as { code?: unknown }).code === 'FLEET_STORE_BROKEN') throw unavailable(error);
      if (UNWRITABLE.test(sqlState(error) ?? ''))
        throw fleetProblem('FLEET_STORE_UNWRITABLE', undefined, { cause: plainError(error) });
      return { kind: 'not-made', why: error };
    } finally {
      this.#idle(session);
    }
    const isMade = await commit(session);
    if (isMade === undefined) return { kind: 'unfinished', version, mark };
    if (!isMade) return { kind: 'not-made', why: new Error('the server has rolled it back') };
    this.#options.known.wrote(changes, version);
    return { kind: 'made' };
  }

  /** Locks the row of the fleet, and brings the state up to date. Returns the nodes. */
  async #begin(session: Session) {
    const { known } = this.#options;
    const since = known.state.version;
    const results = await session.script(`${BEGIN} ${readSince(since)}; ${READ_NODES}`);
    const [entries, nodes] = results.slice(-2);
    await known.take(session, since, entries!);
    return nodes!.map(nodeOf);
  }

  /**
   * Finds out, on a connection of its own, what has become of a commit without an answer. The lock of the fleet's row
   * is had only when that transaction has ended. Throws FLEET_STORE_UNSURE.
   */
  async #settle({ version, mark }: Unfinished): Promise<End> {
    const untilMs = performance.now() + SETTLE_MS;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      let session: Session | undefined;
      let why: unknown;
      try {
        session = await this.#options.connect();
        await session.script(BEGIN);
        await this.#options.known.catchUp(session);
        const [marks] = await session.script(markOf(version));
        const head = this.#options.known.state.version;
        if (await commit(session)) {
          if (marks![0]?.mark === mark) return { kind: 'made' };
          if (marks!.length > 0 || head < version)
            return { kind: 'not-made', why: new Error('the connection was lost') };
          if (!keepsMark(version, head)) why = new Error('the mark is no longer kept');
        }
      } catch (error) {
        why = error;
      } finally {
        void session?.end();
      }
      if (this.#isClosed || performance.now() + pauseMs > untilMs)
        throw fleetProblem('FLEET_STORE_UNSURE', undefined, {
          cause: plainError(why ?? new Error('no answer')),
        });
      await sleep(pauseMs);
    }
  }

  async #connected(): Promise<Session> {
    this.#stopIdling?.();
    if (this.#isClosed) throw unavailable(new Error('the store was closed'));
    const { connect, isCurrent } = this.#options;
    if (this.#session?.isOpen && isCurrent(this.#session)) return this.#session;
    void this.#session?.end();
    const session = await connect();
    this.#session = session;
    if (this.#isClosed) await session.end();
    return session;
  }

  #idle(session: Session): void {
    this.#stopIdling?.();
    if (session.isOpen && !this.#isClosed) this.#stopIdling = afterReal(IDLE_MS, () => void session.end());
  }
}

/** An error of the caller's decision. */
class Refusal extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('refused');
    this.reason = reason;
  }
}

async function put(
  session: Session,
  changes: readonly FleetChange[],
  version: number,
  mark: string,
): Promise<void> {
  await session.query(WRITE, [
    changes.map(({ kind }) => kind),
    changes.map(({ name }) => name),
    changes.map(({ value }) => (value === undefined ? null : JSON.stringify(value))),
    version,
    mark,
  ]);
  if (changes.some(({ value }) => value === undefined)) await session.query(FORGET);
}

/**
 * Whether the changes are made: on the disk, and on that of a synchronous standby if there is one. Undefined if that is
 * not known. Then the connection is ended.
 */
async function commit(session: Session): Promise<boolean | undefined> {
  const { warnings } = session;
  try {
    const { command } = (await session.results(COMMIT)).at(-1)!;
    // PostgreSQL warns of a commit whose wait for the standby was cancelled.
    if (command === 'COMMIT' && session.warnings === warnings) return true;
    if (command === 'ROLLBACK') return false;
  } catch {
    // The changes may have been made.
  }
  void session.end();
  return undefined;
}

/** Ends a transaction. A connection on which that fails is of no more use. */
async function rollBack(session: Session): Promise<void> {
  try {
    if (session.isOpen) await session.script('ROLLBACK');
  } catch {
    void session.end();
  }
}

/** The last change of each entry. */
function lastOfEach(changes: readonly FleetChange[]): readonly FleetChange[] {
  const last = new Map(changes.map((change) => [`${change.kind} ${change.name}`, change]));
  return last.size === changes.length ? changes : [...last.values()];
}
