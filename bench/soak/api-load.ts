import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpsClient, NoAnswer } from '../../test/support/https-client.ts';
import { beganTooLate, isLate } from './logged-problems.ts';

/** Calls that are measured. */
const STATISTICS = [
  '/api/get_bottleneck_stats',
  '/api/get_frame_stats?client=none',
  '/api/get_sessions',
] as const;

/** Shares of the calls. `NAME` becomes one of a few names, so that the file of users does not grow. */
const SHARES: readonly (readonly [path: string, calls: number])[] = [
  [STATISTICS[0], 25],
  [STATISTICS[1], 3],
  [STATISTICS[2], 15],
  ['/api/get_users', 2],
  ['/api/get_screenshot?width=160', 2],
  ['/api/create_user?name=NAME&password=soak&read=true', 1],
  ['/api/update_user?name=NAME&write=true', 1],
  ['/api/remove_user?name=NAME', 1],
];

/** The calls of a round, in turn: those of one kind lie apart. */
const TURNS = SHARES.flatMap(([path, calls]) =>
  Array.from({ length: calls }, (_, i) => ({ path, at: (i + 0.5) / calls })),
)
  .sort((a, b) => a.at - b.at)
  .map(({ path }) => path);

/** Names of the users that come and go. */
const NAMES = 5;

/** Refusals that are no failure, because calls for the same user run side by side. */
const EXPECTED_CODES = ['ACCOUNTS_USER_EXISTS', 'ACCOUNTS_NO_SUCH_USER'];

/** Refusals after a wait. A machine that is busy with other programs brings them about. */
const LATE_CODES = [
  'ACCOUNTS_BUSY',
  'API_TIMED_OUT',
  'DESKTOP_TIMEOUT',
  'HTTP_LOGIN_TIMED_OUT',
  'SESSION_SCREENSHOTS_BUSY',
];

/** Errors that are kept. A server that refuses every call makes more of them than anyone reads. */
const MOST_ERRORS = 100;

interface ApiReport {
  readonly calls: number;
  /** Times of the calls for statistics, in ms. */
  readonly statisticsMs: readonly number[];
  /** Calls that were left out because too many were under way. */
  readonly leftOut: number;
  readonly errors: readonly string[];
  /** Calls that had no answer, or no other one, in time. */
  readonly late: readonly string[];
}

export interface ApiRate {
  readonly callsPerSecond: number;
  /**
   * Calls that may be under way; those above are left out. With a large number, a server that hangs takes the load's
   * memory. With a small one, a busy machine has fewer calls instead of ever longer waits.
   */
  readonly mostUnderWay: number;
}

/** Calls the API at an even rate, from `start` to `stop`. */
export class ApiLoad {
  readonly #client: HttpsClient;
  readonly #everyMs: number;
  readonly #underWay = new Set<Promise<void>>();
  #ended = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #turn = 0;
  #statisticsMs: number[] = [];
  #calls = 0;
  #leftOut = 0;
  readonly #errors: string[] = [];
  readonly #late: string[] = [];
  readonly #mostUnderWay: number;

  constructor(client: HttpsClient, { callsPerSecond, mostUnderWay }: ApiRate) {
    this.#client = client;
    this.#mostUnderWay = mostUnderWay;
    this.#everyMs = 1000 / callsPerSecond;
    this.start();
  }

  /** Calls again after `stop`. */
  start(): void {
    this.#ended = new AbortController();
    this.#loop = this.#run(this.#ended.signal);
  }

  /** Makes no further call. Resolves when all are answered, and the connections are closed. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#loop;
    await Promise.all(this.#underWay);
    this.#client.close();
  }

  /** Returns what happened since the last report. */
  report(): ApiReport {
    const statisticsMs = this.#statisticsMs;
    this.#statisticsMs = [];
    return {
      calls: this.#calls,
      statisticsMs,
      leftOut: this.#leftOut,
      errors: [...this.#errors],
      late: [...this.#late],
    };
  }

  async #run(signal: AbortSignal): Promise<void> {
    const startMs = performance.now() - this.#turn * this.#everyMs;
    for (; !signal.aborted; this.#turn++) {
      const waitMs = startMs + this.#turn * this.#everyMs - performance.now();
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (this.#underWay.size >= this.#mostUnderWay) this.#leftOut++;
      else this.#begin(this.#turn);
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
      const { code, detail } = answer.json();
      if (EXPECTED_CODES.includes(code)) return;
      this.#note(
        LATE_CODES.includes(code) || isLate(code, detail ?? ''),
        path,
        `${answer.status} ${code} ${detail ?? ''}`,
      );
    } catch (error) {
      this.#note(error instanceof NoAnswer || beganTooLate(error as Error), path, (error as Error).message);
    }
  }

  #note(isLate: boolean, path: string, what: string): void {
    const list = isLate ? this.#late : this.#errors;
    if (list.length < MOST_ERRORS) list.push(`${path.split('?')[0]}: ${what}`);
  }
}
