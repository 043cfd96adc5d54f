import { afterReal } from '../../common/after.ts';
import { SpacedCall, type SpacedCallOptions } from './spaced-call.ts';

/**
 * Shortest time between two answers to the same question of one viewer, in milliseconds: four answers a second, which
 * is as often as a page shows new numbers. A smaller value lets each viewer take more of the main thread.
 */
export const ANSWER_INTERVAL_MS = 250;

export type LimitedAnswersOptions = Omit<SpacedCallOptions, 'intervalMs'>;

/**
 * Answers each kind of question of a viewer at most once per ANSWER_INTERVAL_MS. Questions that come sooner share one
 * later answer, so that each question is followed by an answer.
 */
export class LimitedAnswers {
  readonly #options: SpacedCallOptions;
  /** By kind of question, of which there are few. */
  readonly #answers = new Map<string, SpacedCall>();

  constructor({ now, after }: LimitedAnswersOptions) {
    this.#options = { intervalMs: ANSWER_INTERVAL_MS, now, after };
  }

  /** Calls `answer` at once, or when the interval is over. */
  ask(kind: string, answer: () => void): void {
    const call = this.#answers.get(kind) ?? new SpacedCall(this.#options);
    this.#answers.set(kind, call);
    call.request(answer);
  }

  /** Cancels all answers that are due. */
  close(): void {
    for (const call of this.#answers.values()) call.close();
    this.#answers.clear();
  }
}

/** Limits by the real clock. */
export const createLimitedAnswers = (): LimitedAnswers =>
  new LimitedAnswers({ now: () => performance.now(), after: afterReal });
