/** What ends the program: Ctrl-C, whoever manages it, its terminal closing. */
export const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Everything that was started is gone by then, or the program goes without it. */
const DEADLINE_MS = 2000;
/** npm and the terminal both signal on one Ctrl-C; later than this it is a second one, of somebody impatient. */
const SAME_INTERRUPT_MS = 1000;

export interface ShutdownOptions {
  /** Ends everything. Called once. */
  readonly close: () => Promise<void>;
  /** Ends the process at once. `graceful` is false where things may have been left behind. */
  readonly exit: (status: number, graceful: boolean) => void;
  readonly nowMs?: () => number;
}

/** Decides what a signal means: begin to end, the same signal again, or end at once. */
export class Shutdown {
  readonly #options: ShutdownOptions;
  readonly #nowMs: () => number;
  #beganAtMs: number | undefined;

  constructor(options: ShutdownOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  get hasBegun(): boolean {
    return this.#beganAtMs !== undefined;
  }

  signal(name: NodeJS.Signals): void {
    if (this.#beganAtMs === undefined) void this.begin(0);
    else if (name === 'SIGINT' && this.#nowMs() - this.#beganAtMs > SAME_INTERRUPT_MS)
      this.#options.exit(130, false);
  }

  /** Ends gracefully with `status`, or with another one than 0 where that fails or takes too long. */
  async begin(status: number): Promise<void> {
    if (this.#beganAtMs !== undefined) return;
    this.#beganAtMs = this.#nowMs();
    const deadline = setTimeout(() => this.#options.exit(status || 1, false), DEADLINE_MS);
    try {
      await this.#options.close();
      this.#options.exit(status, true);
    } catch {
      this.#options.exit(status || 1, false);
    } finally {
      clearTimeout(deadline);
    }
  }
}
