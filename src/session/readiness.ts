import { answerWithin } from '../desktop/answer-within.ts';
import type { Desktop } from '../desktop/desktop.ts';

/**
 * How long the desktop may take to answer before it counts as down, in milliseconds. A longer limit keeps the caller
 * waiting for a desktop that hangs, a shorter one takes a busy machine for one.
 */
const ANSWER_LIMIT_MS = 2_000;

/**
 * For how long an answer counts, in milliseconds. A longer time reports a change later; a shorter one lets callers
 * without a login ask the X server more often.
 */
const FRESH_MS = 1_000;

/**
 * Tells whether the desktop answers. The check asks the X server itself, because one that hangs is noticed otherwise
 * only after a minute. It counts as a client that asks for the desktop, so that a desktop that gets no clients until it
 * is ready is started again.
 */
export class Readiness {
  readonly #desktop: Pick<Desktop, 'revive' | 'pointerPosition'>;
  readonly #now: () => number;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  #answer: Promise<boolean> = Promise.resolve(false);

  constructor(desktop: Pick<Desktop, 'revive' | 'pointerPosition'>, now = () => performance.now()) {
    this.#desktop = desktop;
    this.#now = now;
  }

  /** Resolves within ANSWER_LIMIT_MS. Any number of callers cost one question per FRESH_MS. */
  check(): Promise<boolean> {
    if (!this.#isAsking && this.#now() - this.#askedAtMs >= FRESH_MS) {
      this.#askedAtMs = this.#now();
      this.#answer = this.#ask();
    }
    return this.#answer;
  }

  async #ask(): Promise<boolean> {
    if (!this.#desktop.revive()) return false;
    this.#isAsking = true;
    try {
      await answerWithin('a check', ANSWER_LIMIT_MS, this.#desktop.pointerPosition());
      return true;
    } catch {
      return false;
    } finally {
      this.#isAsking = false;
    }
  }
}
