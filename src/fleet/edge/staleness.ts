import { EventEmitter } from 'node:events';
import { fleetProblem } from '../store/errors.ts';

/** Time in ms between two looks. A larger value ends viewers later than they should. */
const LOOK_EACH_MS = 250;

export interface StalenessOptions {
  /** Time in ms since the store was last heard of. */
  readonly silentMs: () => number;
  /** That time from which on no passwords are taken: they, or the rights of their users, may have changed. */
  readonly maxStaleMs: number;
  /** That time from which on viewers are disconnected. Undefined: never. */
  readonly blankAfterMs: number | undefined;
}

/** What an edge still does while the store is silent. */
export class Staleness extends EventEmitter<{ blank: [] }> {
  readonly #options: StalenessOptions;
  readonly #looks: NodeJS.Timeout | undefined;
  #wasBlank = false;

  constructor(options: StalenessOptions) {
    super();
    this.#options = options;
    if (options.blankAfterMs !== undefined)
      this.#looks = setInterval(() => {
        if (this.isBlank && !this.#wasBlank) this.emit('blank');
        this.#wasBlank = this.isBlank;
      }, LOOK_EACH_MS).unref();
  }

  /** Whether viewers may see nothing, because their rights may have been taken away for too long. */
  get isBlank(): boolean {
    const { silentMs, blankAfterMs } = this.#options;
    return blankAfterMs !== undefined && silentMs() >= blankAfterMs;
  }

  /** Throws FLEET_STORE_UNAVAILABLE if passwords cannot be taken. */
  requireFresh(): void {
    const { silentMs, maxStaleMs } = this.#options;
    if (silentMs() < maxStaleMs) return;
    const seconds = Math.floor(silentMs() / 1000);
    throw fleetProblem(
      'FLEET_STORE_UNAVAILABLE',
      `The store has not answered for ${seconds} s. No login is taken.`,
    );
  }

  close(): void {
    clearInterval(this.#looks);
  }
}
