import { BoundedMap } from '../../common/bounded-map.ts';

/**
 * Share of the encoder threads' time, 0 to 1, that one user alone may take in the long run, while others watch. With a
 * larger share the others' frames come late more often; with a smaller one, a full screen of video at a quality of its
 * own runs below 30 frames a second: at 1920×1080 it takes two threads 15 ms a frame.
 */
const TIME_SHARE = 2 / 3;

/** Time that one user may take at once after a pause, in milliseconds: some first frames of a large screen. */
const BURST_MS = 300;

/** Longest wait that follows from what was encoded, in milliseconds. A larger one makes one slow moment felt longer. */
const MOST_WAIT_MS = 1000;

/**
 * Profiles of one user whose costs are remembered, about 300 bytes each. With fewer, those of a user with many kinds of
 * viewers are forgotten, and estimated again as if nothing were known.
 */
const MOST_PROFILES = 16;

/**
 * Share, 0 to 1, by which one update corrects a cost that was too high. A cost that was too low is corrected at once. A
 * larger share lets one plain frame hide an expensive one; a smaller one keeps pieces small for longer.
 */
const LEARN_DOWN_SHARE = 0.25;

/**
 * Limits of the factor by which estimates are corrected. Machines differ by less than MOST_CORRECTION. A smaller
 * LEAST_CORRECTION would let a plain picture, which takes less than usual, hide what the next photograph takes.
 */
const MOST_CORRECTION = 10;
const LEAST_CORRECTION = 0.5;

/** Shortest estimate that is compared with what was taken, in milliseconds. Less is mostly a fixed cost of each rect. */
const LEAST_TO_LEARN_MS = 1;

/** What one profile of a user costs. */
interface ProfileCost {
  /** Real time as a multiple of the estimated one. */
  readonly correction: number;
  /** Number of the pass in which it was last served. */
  readonly servedIn: number;
  /** How often it was served. */
  readonly servings: number;
}

/** An update that was sent. */
export interface TakenTime {
  /** CPU time that such an update usually takes, in milliseconds. */
  readonly usualCpuMs: number;
  readonly cpuMs: number;
  /** The user's share of it, 0 to 1: several users may have been sent it. */
  readonly share: number;
}

export interface EncoderBudgetOptions {
  readonly threads: number;
  /** A clock in milliseconds that never goes back. */
  nowMs(): number;
  /** The user's viewers may be sent an update again. */
  wake(): void;
}

/**
 * Encoder threads' time that the viewers of one user may take for updates that not all users are sent, while other users
 * watch. Times are in milliseconds of all encoder threads, so that two threads take 1 ms for 2 ms of CPU time.
 */
export class EncoderBudget {
  readonly #options: EncoderBudgetOptions;
  readonly #costs = new BoundedMap<string, ProfileCost>(MOST_PROFILES);
  #leftMs = BURST_MS;
  #atMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EncoderBudgetOptions) {
    this.#options = options;
    this.#atMs = options.nowMs();
  }

  /** Time until the user's viewers may be sent an update, in milliseconds; 0 for now. */
  waitMs(nowMs: number): number {
    return leftAfter(this.#leftMs, nowMs - this.#atMs) > 0
      ? 0
      : Math.ceil(untilLeft(this.#leftMs) - (nowMs - this.#atMs));
  }

  /** Real time of an update that usually takes `usualCpuMs` of CPU time. */
  estimateMs(key: string, usualCpuMs: number): number {
    return (usualCpuMs / this.#options.threads) * (this.#costs.get(key)?.correction ?? 1);
  }

  /** Number of the pass in which an update of that profile was last sent. A profile that was not is served first. */
  servedIn(key: string): number {
    return this.#costs.get(key)?.servedIn ?? -1;
  }

  /** How often an update of that profile was sent. */
  servings(key: string): number {
    return this.#costs.get(key)?.servings ?? 0;
  }

  /** Charges the user's share of an update. */
  took(key: string, { usualCpuMs, cpuMs, share }: TakenTime, pass: number): void {
    const { threads, nowMs, wake } = this.#options;
    const now = nowMs();
    const tookMs = (cpuMs / threads) * share;
    const known = this.#costs.get(key);
    const isTelling = cpuMs > 0 && usualCpuMs / threads >= LEAST_TO_LEARN_MS;
    this.#costs.set(key, {
      correction: isTelling
        ? limited(learned(known?.correction, cpuMs / usualCpuMs))
        : (known?.correction ?? 1),
      servedIn: pass,
      servings: (known?.servings ?? 0) + 1,
    });
    this.#leftMs = Math.max(-MOST_WAIT_MS * TIME_SHARE, leftAfter(this.#leftMs, now - this.#atMs) - tookMs);
    this.#atMs = now;
    const waitMs = this.waitMs(now);
    if (waitMs === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(wake, waitMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

const leftAfter = (leftMs: number, ms: number): number => Math.min(BURST_MS, leftMs + ms * TIME_SHARE);

/** Time until something is left again. */
const untilLeft = (leftMs: number): number => Math.max(0, -leftMs / TIME_SHARE) + 1;

const learned = (known: number | undefined, right: number): number =>
  known === undefined || right > known ? right : known + (right - known) * LEARN_DOWN_SHARE;

const limited = (correction: number): number =>
  Math.min(MOST_CORRECTION, Math.max(LEAST_CORRECTION, correction));

/**
 * Users whose budgets are kept: those who connected last. More than all viewers that there may be, since a user who is
 * forgotten while connected could connect again with a fresh budget.
 */
const MOST_USERS = 4096;

/** The budget of each user, which outlives the user's connections. */
export interface EncoderBudgets {
  of(user: string): EncoderBudget;
  close(): void;
}

export function createEncoderBudgets(options: EncoderBudgetOptions): EncoderBudgets {
  const budgets = new BoundedMap<string, EncoderBudget>(MOST_USERS);
  return {
    of(user) {
      const known = budgets.touch(user);
      if (known) return known;
      const budget = new EncoderBudget(options);
      budgets.set(user, budget);
      return budget;
    },
    close() {
      for (const [, budget] of budgets) budget.close();
    },
  };
}
