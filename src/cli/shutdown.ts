/**
 * Signals that end the program: from Ctrl-C, a service manager, a closing terminal, or Ctrl-\ and nginx's containers.
 */
export const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/**
 * Signals by which other servers reopen or reload their files, which Deskwire watches. SIGUSR1 would have Node.js open
 * its debugger, at a port that every account and every program of the desktop can reach; SIGUSR2 would end the program.
 */
export const MEANINGLESS_SIGNALS: readonly NodeJS.Signals[] = ['SIGUSR1', 'SIGUSR2'];

/** Longest graceful end, in ms. After that the program ends by force. */
const DEADLINE_MS = 2000;
/**
 * Time in which a second SIGINT counts as the same Ctrl-C, in ms, because npm and the terminal both send one. A
 * later one comes from an impatient user.
 */
const SAME_INTERRUPT_MS = 1000;

export interface ShutdownOptions {
  /** Ends everything. Called once. */
  readonly close: () => Promise<void>;
  /** Ends the process at once. `graceful` is false if something may have been left behind. */
  readonly exit: (status: number, graceful: boolean) => void;
  readonly nowMs?: () => number;
}

/** Decides what a signal means: start to end, ignore it as a repetition, or end at once. */
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

  /** Ends gracefully with `status`, or with a status other than 0 if that fails or takes too long. */
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
