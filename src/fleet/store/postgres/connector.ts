import { setTimeout as sleep } from 'node:timers/promises';
import { fleetProblem } from '../errors.ts';
import { type History, plainError, Session, sqlState } from './session.ts';
import type { PostgresHost, PostgresPlace } from './store-url.ts';

/**
 * Time in ms after a try at which nobody was found. Until then, callers get its error at once, and a store that is down
 * is not asked by each of them. A larger value delays the return of a store.
 */
const QUIET_MS = 200;

/** Seconds after which a caller may ask again, when the store does not answer. */
const RETRY_AFTER_S = '2';

/**
 * FLEET_STORE_UNAVAILABLE: the store cannot be reached, or has refused what was asked. `cause` says why, for logs. An
 * error that is one already stays as it is.
 */
export function unavailable(cause: unknown): Error {
  if ((cause as { code?: unknown }).code === 'FLEET_STORE_UNAVAILABLE') return cause as Error;
  const headers = { 'Retry-After': RETRY_AFTER_S };
  return fleetProblem('FLEET_STORE_UNAVAILABLE', undefined, { cause: plainError(cause), headers });
}

/** Classes and codes of PostgreSQL's errors that time does not mend: logins, databases and rights. */
const LASTING_STATES = ['28', '3D000', '42501', '3F000'];

/** Errors of TLS and of a login in pg, and of files, by their texts: they have no codes, or one of many. */
const LASTING_TEXTS = /certificate|altnames|does not support SSL|SASL|, open '/i;

/**
 * Longest wait in ms for the other hosts when one was found. Of two that can be written, the one that was promoted last
 * is the primary. A larger value delays each connection while a host is silent.
 */
const OTHERS_MS = 200;

/** Finds the server that can be written among the hosts of a place. */
export class Connector {
  readonly #place: PostgresPlace;
  readonly #onAnswer: () => void;
  /** Of the server that was found last. */
  #history: History | undefined;
  #failure: { readonly error: Error; readonly atMs: number } | undefined;

  /** `onAnswer` is called after each answer of a server. */
  constructor(place: PostgresPlace, onAnswer: () => void) {
    this.#place = place;
    this.#onAnswer = onAnswer;
  }

  /**
   * Connects to the host that can be written. All are asked at the same time, so that one that is silent delays
   * nothing. Throws FLEET_STORE_UNAVAILABLE, and FLEET_STORE_BROKEN for what time does not mend.
   */
  async connect(): Promise<Session> {
    if (this.#failure !== undefined && performance.now() - this.#failure.atMs < QUIET_MS)
      throw this.#failure.error;
    const found: Session[] = [];
    let isOver = false;
    const tries = this.#place.hosts.map(async (host) => {
      const session = await this.#try(host);
      if (isOver) void session.end();
      else found.push(session);
    });
    try {
      await Promise.any(tries);
      if (tries.length > 1) await Promise.race([Promise.allSettled(tries), sleep(OTHERS_MS)]);
    } catch (failed) {
      const error = problemOf((failed as AggregateError).errors);
      this.#failure = { error, atMs: performance.now() };
      throw error;
    }
    isOver = true;
    const [newest, ...others] = found.sort((a, b) => b.history.timeline - a.history.timeline);
    for (const session of others) void session.end();
    this.#failure = undefined;
    this.#history = newest!.history;
    return newest!;
  }

  /** Whether a connection is still to the newest primary that was found. */
  isCurrent({ history }: Session): boolean {
    return history.system === this.#history?.system && history.timeline === this.#history.timeline;
  }

  async #try(host: PostgresHost): Promise<Session> {
    let session: Session;
    try {
      session = await Session.open(this.#place, host, this.#onAnswer);
    } catch (error) {
      throw Object.assign(plainError(error, host), { isLasting: isLasting(error) });
    }
    const { system, timeline } = session.history;
    if (system === this.#history?.system && timeline < this.#history.timeline) {
      void session.end();
      throw plainError(new Error('it was the primary before another one was promoted'), host);
    }
    return session;
  }
}

function problemOf(errors: readonly (Error & { isLasting?: boolean })[]): Error {
  const reasons = errors.map(({ message }) => message).join('; ');
  if (errors.some(({ isLasting }) => isLasting)) return fleetProblem('FLEET_STORE_BROKEN', `${reasons}.`);
  return unavailable(new Error(reasons));
}

function isLasting(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return LASTING_STATES.some((lasting) => state.startsWith(lasting));
  return LASTING_TEXTS.test((error as Error).message);
}
