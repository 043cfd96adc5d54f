import type { ConnectionLimits } from '../connections/connection-limits.ts';
import { Tally } from '../connections/tally.ts';
import type { HttpErrorCode } from '../problems/errors.ts';

type ViewerLimits = Pick<ConnectionLimits, 'viewers' | 'viewersOfUser' | 'viewersOfAddress'>;

/** Counts the viewers by user, by address and in total. */
export class ViewerSeats {
  readonly #limits: ViewerLimits;
  readonly #ofUser = new Tally();
  readonly #ofBlock = new Tally();

  constructor(limits: ViewerLimits) {
    this.#limits = limits;
  }

  /** Why there is no seat for another viewer of this user and address; undefined if there is one. */
  refusal(user: string, block: string | undefined): HttpErrorCode | undefined {
    const { viewers, viewersOfUser, viewersOfAddress } = this.#limits;
    if (this.#ofUser.of(user) >= viewersOfUser) return 'HTTP_USER_VIEWERS_FULL';
    if (this.#ofBlock.of(block) >= viewersOfAddress) return 'HTTP_ADDRESS_VIEWERS_FULL';
    return this.#ofUser.total >= viewers ? 'HTTP_VIEWERS_FULL' : undefined;
  }

  /** Takes a seat. The returned function gives it back. */
  take(user: string, block: string | undefined): () => void {
    const releases = [this.#ofUser.add(user), this.#ofBlock.add(block)];
    return () => {
      for (const release of releases) release();
    };
  }
}
