/** The part of `document` that a poll needs. */
interface PageVisibility {
  readonly visibilityState: string;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
}

/**
 * Repeats a task while it is started and the page is visible. The next run begins `intervalMs` after the last one began,
 * and not before that one has ended. A page behind another tab asks for nothing.
 */
export class Poll {
  readonly #task: (signal: AbortSignal) => Promise<void>;
  readonly #intervalMs: number;
  readonly #page: PageVisibility;
  #run: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    task: (signal: AbortSignal) => Promise<void>,
    intervalMs: number,
    page: PageVisibility = document,
  ) {
    this.#task = task;
    this.#intervalMs = intervalMs;
    this.#page = page;
  }

  start(): void {
    this.stop();
    this.#page.addEventListener('visibilitychange', this.#look);
    this.#look();
  }

  /** Breaks off the run that is under way. */
  stop(): void {
    this.#page.removeEventListener('visibilitychange', this.#look);
    this.#pause();
  }

  /** Runs now, if it is started: something has just changed. */
  hurry(): void {
    if (this.#run === undefined) return;
    this.#pause();
    this.#look();
  }

  readonly #look = (): void => {
    if (this.#page.visibilityState !== 'visible') this.#pause();
    else if (this.#run === undefined) this.#repeat();
  };

  #pause(): void {
    clearTimeout(this.#timer);
    this.#run?.abort();
    this.#run = undefined;
  }

  #repeat(): void {
    const run = new AbortController();
    this.#run = run;
    const startMs = performance.now();
    const next = (): void => {
      if (run.signal.aborted) return;
      const restMs = Math.max(0, this.#intervalMs - (performance.now() - startMs));
      this.#timer = setTimeout(() => this.#repeat(), restMs);
    };
    this.#task(run.signal).then(next, next);
  }
}
