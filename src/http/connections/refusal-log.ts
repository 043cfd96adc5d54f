import type { Logger } from 'pino';
import { HTTP_ERRORS, type HttpErrorCode } from '../problems/errors.ts';

/** Shortest time between two lines for one code, in milliseconds. With a smaller one, a flood fills the disk. */
const LOG_EACH_MS = 60_000;

/** Logs refused and ended connections: one line for each code a minute, which says how many there were. */
export class RefusalLog {
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #entries = new Map<HttpErrorCode, { loggedAtMs: number; unlogged: number }>();

  constructor(log: Logger, nowMs: () => number = () => performance.now()) {
    this.#log = log;
    this.#nowMs = nowMs;
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
}
