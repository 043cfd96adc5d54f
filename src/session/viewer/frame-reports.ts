/** Times of one update, measured by the viewer and by the server, in microseconds. */
export interface FrameReport {
  /** Time from the update's first byte to its last pixel on the canvas, and the part spent in the render queue. */
  readonly allUs: number;
  readonly renderUs: number;
  /** Time for which the frame was ready and the viewer had not requested it. */
  readonly waitUs: number;
  /** Last measured round trip. */
  readonly pingUs: number;
}

/** One question to the viewer, and the callers that wait for its answer. */
interface Question {
  readonly waitUs: number;
  readonly waiting: Set<Waiting>;
}

type Waiting = (report: FrameReport | undefined) => void;

/**
 * Asks one viewer to measure updates. Answers arrive in the order of the questions. The next question may be sent
 * before the last one is answered.
 */
export class FrameReports {
  /** Callers that wait for a report of the next update. */
  #next = new Set<Waiting>();
  /** Oldest first. */
  #questions: Question[] = [];

  /** Resolves with a report of the next update, or with undefined if there is none within `timeoutMs`. */
  ofNextUpdate(timeoutMs: number): Promise<FrameReport | undefined> {
    return new Promise((resolve) => {
      const waiting: Waiting = (report) => {
        clearTimeout(timer);
        resolve(report);
      };
      const timer = setTimeout(() => {
        this.#forget(waiting);
        resolve(undefined);
      }, timeoutMs);
      this.#next.add(waiting);
    });
  }

  /** An update begins that was ready for `waitUs` before. Returns whether the viewer must be asked for a report. */
  updateBegins(waitUs: number): boolean {
    if (this.#next.size === 0) return false;
    this.#questions.push({ waitUs, waiting: this.#next });
    this.#next = new Set();
    return true;
  }

  /** Takes the viewer's answer to the oldest question. An answer without a question is dropped. */
  answered(measured: Omit<FrameReport, 'waitUs'>): void {
    const question = this.#questions.shift();
    if (!question) return;
    for (const waiting of question.waiting) waiting({ ...measured, waitUs: question.waitUs });
  }

  /** Resolves all waits with undefined. */
  close(): void {
    const waiting = [this.#next, ...this.#questions.map((question) => question.waiting)];
    for (const set of waiting) for (const tell of set) tell(undefined);
    this.#next = new Set();
    this.#questions = [];
  }

  /** Drops a caller, and the questions that no caller waits for. */
  #forget(waiting: Waiting): void {
    this.#next.delete(waiting);
    for (const question of this.#questions) question.waiting.delete(waiting);
    this.#questions = this.#questions.filter((question) => question.waiting.size > 0);
  }
}
