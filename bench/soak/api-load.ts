import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpsClient } from '../../test/support/https-client.ts';

/** Calls that are measured. */
const STATISTICS = [
  '/api/get_bottleneck_stats',
  '/api/get_frame_stats?client=none',
  '/api/get_sessions',
] as const;

/**
 * Calls by turns, with their weights. Most ask for statistics. The path of a user is replaced by one of a few names, so
 * that the file of users does not grow.
 */
const TURNS: readonly string[] = [
  ...Array<string>(8).fill(STATISTICS[0]),
  STATISTICS[1],
  ...Array<string>(4).fill(STATISTICS[2]),
  '/api/get_users',
  '/api/get_screenshot?width=160',
  '/api/create_user?name=NAME&password=soak&read=true',
  '/api/update_user?name=NAME&write=true',
  '/api/remove_user?name=NAME',
];

/** Names of the users that come and go. */
const NAMES = 5;

/** Calls that may be under way. With more of them a server that hangs takes the load's memory. */
const MOST_UNDER_WAY = 200;

/** Answers that are no failure: done, refused because a user is there or not, or busy with one screenshot at a time. */
const EXPECTED_CODES = ['ACCOUNTS_USER_EXISTS', 'ACCOUNTS_NO_SUCH_USER', 'SESSION_SCREENSHOTS_BUSY'];

interface ApiReport {
  readonly calls: number;
  /** Times of the calls for statistics, in ms. */
  readonly statisticsMs: readonly number[];
  /** Calls that were left out because too many were under way. */
  readonly leftOut: number;
  readonly errors: readonly string[];
}

/** Calls the API at an even rate. */
export class ApiLoad {
  readonly #client: HttpsClient;
  readonly #ended = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #loop: Promise<void>;
  #statisticsMs: number[] = [];
  #calls = 0;
  #leftOut = 0;
  readonly #errors: string[] = [];

  constructor(client: HttpsClient, callsPerSecond: number) {
    this.#client = client;
    this.#loop = this.#run(1000 / callsPerSecond);
  }

  /** Returns what happened since the last report. */
  report(): ApiReport {
    const statisticsMs = this.#statisticsMs;
    this.#statisticsMs = [];
    return { calls: this.#calls, statisticsMs, leftOut: this.#leftOut, errors: [...this.#errors] };
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#loop;
    await Promise.all(this.#underWay);
  }

  async #run(everyMs: number): Promise<void> {
    const { signal } = this.#ended;
    const startMs = performance.now();
    for (let turn = 0; !signal.aborted; turn++) {
      const waitMs = startMs + turn * everyMs - performance.now();
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (this.#underWay.size >= MOST_UNDER_WAY) this.#leftOut++;
      else this.#begin(turn);
    }
  }

  #begin(turn: number): void {
    const round = Math.floor(turn / TURNS.length);
    const path = TURNS[turn % TURNS.length]!.replace('NAME', `soak${round % NAMES}`);
    const call = this.#call(path).finally(() => this.#underWay.delete(call));
    this.#underWay.add(call);
  }

  async #call(path: string): Promise<void> {
    const startMs = performance.now();
    try {
      const answer = await this.#client.get(path);
      this.#calls++;
      const isStatistics = (STATISTICS as readonly string[]).includes(path);
      if (isStatistics) this.#statisticsMs.push(performance.now() - startMs);
      if (answer.status < 300) return;
      const { code } = answer.json();
      if (!EXPECTED_CODES.includes(code))
        this.#errors.push(`${path.split('?')[0]}: ${answer.status} ${code}`);
    } catch (error) {
      this.#errors.push(`${path.split('?')[0]}: ${(error as Error).message}`);
    }
  }
}
