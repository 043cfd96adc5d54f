import type { Logger } from 'pino';
import { BoundedMap } from '../../common/bounded-map.ts';
import { TokenBucket } from '../../common/token-bucket.ts';
import { HTTP_ERRORS, type HttpErrorCode } from '../problems/errors.ts';

/** Shortest time between two lines for one code, in milliseconds. With a smaller one, a flood fills the disk. */
const LOG_EACH_MS = 60_000;

/** Lines about single callers that come in a minute, after as many at once. More fill the disk, fewer hide callers. */
const CALLER_LINES = { perSecond: 0.5, burst: 30 };

/** Callers whose last line is remembered. A larger number takes memory; a smaller one repeats lines in a flood. */
const MAX_CALLERS = 512;

interface Entry {
  readonly loggedAtMs: number;
  unlogged: number;
}

/** Facts about a refusal, for its line. They have no secrets. */
export type RefusalFacts = Readonly<Record<string, string | undefined>>;

/**
 * Logs what is refused. Limits on connections have one line for each code a minute, and refused callers one for each
 * code and caller, with the number of refusals since the last line.
 */
export class RefusalLog {
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #entries = new Map<HttpErrorCode, Entry>();
  readonly #callers = new BoundedMap<string, Entry>(MAX_CALLERS);
  readonly #budget: TokenBucket;
  /** Refusals of callers that got no line because there were too many callers. */
  #omitted = 0;

  constructor(log: Logger, nowMs: () => number = () => performance.now()) {
    this.#log = log;
    this.#nowMs = nowMs;
    this.#budget = new TokenBucket(CALLER_LINES, nowMs());
  }

  /** Notes one connection. `block` is the address that it counted for. */
  note(code: HttpErrorCode, block: string | undefined): void {
    const nowMs = this.#nowMs();
    const entry = this.#entries.get(code);
    if (entry !== undefined && nowMs - entry.loggedAtMs < LOG_EACH_MS) {
      entry.unlogged++;
      return;
    }
    this.#entries.set(code, { loggedAtMs: nowMs, unlogged: 0 });
    const count = 1 + (entry?.unlogged ?? 0);
    this.#log.warn({ code, count, address: block }, HTTP_ERRORS[code].title);
  }

  /** Notes one request or connection that is refused for itself. `title` is for codes of other rooms. */
  noteCaller(code: string, address: string | undefined, facts: RefusalFacts, title?: string): void {
    const nowMs = this.#nowMs();
    const key = `${code} ${address}`;
    const entry = this.#callers.get(key);
    if (entry !== undefined && nowMs - entry.loggedAtMs < LOG_EACH_MS) {
      entry.unlogged++;
      return;
    }
    if (!this.#budget.take(1, nowMs)) {
      this.#omitted++;
      return;
    }
    this.#callers.set(key, { loggedAtMs: nowMs, unlogged: 0 });
    const count = 1 + (entry?.unlogged ?? 0);
    const omitted = this.#omitted > 0 ? { omitted: this.#omitted } : {};
    this.#omitted = 0;
    const text = title ?? HTTP_ERRORS[code as HttpErrorCode].title;
    this.#log.warn({ code, count, address, ...facts, ...omitted }, `Refused: ${text}`);
  }
}
