/**
 * Shortest time between two answers to the same question of one viewer, in milliseconds: four answers a second, which
 * is as often as a page shows new numbers. A smaller value lets each viewer take more of the main thread.
 */
export const ANSWER_INTERVAL_MS = 250;

export interface LimitedAnswersOptions {
  /** Milliseconds on any clock that only moves on. */
  now(): number;
  /** Calls back after `ms`. The returned function calls that off. */
  after(ms: number, callback: () => void): () => void;
}

interface Question {
  answeredAtMs: number;
  /** An answer is due. Calls it off. */
  callOff: (() => void) | undefined;
}

/**
 * Answers a viewer's questions at most so often. Questions that come sooner share one later answer, so that each
 * question is followed by an answer.
 */
export class LimitedAnswers {
  readonly #options: LimitedAnswersOptions;
  /** By kind of question, of which there are few. */
  readonly #questions = new Map<string, Question>();

  constructor(options: LimitedAnswersOptions) {
    this.#options = options;
  }

  /** Calls `answer` at once, or when the interval is over. */
  ask(kind: string, answer: () => void): void {
    const { now, after } = this.#options;
    const question = this.#questions.get(kind) ?? {
      answeredAtMs: Number.NEGATIVE_INFINITY,
      callOff: undefined,
    };
    this.#questions.set(kind, question);
    if (question.callOff) return;
    const answerNow = (): void => {
      question.callOff = undefined;
      question.answeredAtMs = now();
      answer();
    };
    const waitMs = question.answeredAtMs + ANSWER_INTERVAL_MS - now();
    if (waitMs <= 0) answerNow();
    else question.callOff = after(waitMs, answerNow);
  }

  /** Calls off all answers that are due. */
  close(): void {
    for (const { callOff } of this.#questions.values()) callOff?.();
    this.#questions.clear();
  }
}

/** Limits by the real clock. */
export function createLimitedAnswers(): LimitedAnswers {
  return new LimitedAnswers({
    now: () => performance.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  });
}
