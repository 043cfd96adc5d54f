/** What a viewer measured of one update, and what was measured of it, in microseconds. */
export interface FrameReport {
  /** From the update's first byte to its last pixel on the canvas, and the part spent in the render queue. */
  readonly allUs: number;
  readonly renderUs: number;
  /** How long the frame was ready while the viewer had not asked for it. */
  readonly waitUs: number;
  /** Last measured round trip. */
  readonly pingUs: number;
}

/** One question to the viewer, and who waits for its answer. */
interface Question {
  readonly waitUs: number;
  readonly waiting: Set<Waiting>;
}

type Waiting = (report: FrameReport | undefined) => void;

/**
 * The reports one viewer is asked for. Each is of one update; answers come in the order of the questions, and
 * the next question may leave while the answer to the last is on its way.
 */
export class FrameReports {
  /** Who wants the next update reported. */
  #next = new Set<Waiting>();
  /** Oldest first. */
  #questions: Question[] = [];

  /** A report of the next update, undefined where there is none within `timeoutMs`. */
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

  /** An update begins that was ready for `waitUs` before. Whether the viewer is to be asked for its report. */
  updateBegins(waitUs: number): boolean {
    if (this.#next.size === 0) return false;
    this.#questions.push({ waitUs, waiting: this.#next });
    this.#next = new Set();
    return true;
  }

  /** The viewer answers. What nobody has asked it counts for nothing. */
  answered(measured: Omit<FrameReport, 'waitUs'>): void {
    const question = this.#questions.shift();
    if (!question) return;
    for (const waiting of question.waiting) waiting({ ...measured, waitUs: question.waitUs });
  }

  /** The viewer is gone: nobody waits any longer. */
  close(): void {
    const waiting = [this.#next, ...this.#questions.map((question) => question.waiting)];
    for (const set of waiting) for (const tell of set) tell(undefined);
    this.#next = new Set();
    this.#questions = [];
  }

  /** A question that nobody waits for any more will hardly be answered either. */
  #forget(waiting: Waiting): void {
    this.#next.delete(waiting);
    for (const question of this.#questions) question.waiting.delete(waiting);
    this.#questions = this.#questions.filter((question) => question.waiting.size > 0);
  }
}
