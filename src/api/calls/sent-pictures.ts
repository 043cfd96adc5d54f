import type { Accounts } from '../../accounts/accounts.ts';
import { BoundedMap } from '../../common/bounded-map.ts';

/**
 * Sets of parameters that are remembered per user. A script uses one or two. With a smaller value a script that uses
 * more of them in turn gets pictures that it has; a larger one takes 200 bytes each.
 */
const MAX_PER_USER = 64;

/** The tag of the picture that a user was sent last, by parameters. */
export type SentTags = BoundedMap<string, string>;

/** The pictures that each user was sent last. */
export class SentPictures {
  /** By user. Entries are removed with the accounts. */
  readonly #tags = new Map<string, SentTags>();

  constructor(accounts: Accounts) {
    // Another user of the same name has been sent nothing yet.
    accounts.on('changed', (changes) => {
      for (const { name, user } of changes) if (user === undefined) this.#tags.delete(name);
    });
  }

  /** The tags of a user. A request that ends after the user was removed writes to a map that nothing reads. */
  of(user: string): SentTags {
    const tags = this.#tags.get(user) ?? new BoundedMap(MAX_PER_USER);
    this.#tags.set(user, tags);
    return tags;
  }
}
