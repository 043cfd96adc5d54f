import type { Accounts } from '../../accounts/accounts.ts';

/** Ways of asking that are remembered for one user, the most recent ones. A script uses one or two. */
const MAX_PER_USER = 64;

/** Which picture each user was sent last, for each way of asking. */
export class SentPictures {
  /** User → request → the picture's tag, least recently sent first. */
  readonly #tags = new Map<string, Map<string, string>>();

  constructor(accounts: Accounts) {
    // Another user of the same name has been sent nothing yet.
    accounts.on('changed', (changes) => {
      for (const { name, user } of changes) if (user === undefined) this.#tags.delete(name);
    });
  }

  last(user: string, request: string): string | undefined {
    return this.#tags.get(user)?.get(request);
  }

  note(user: string, request: string, tag: string): void {
    const tags = this.#tags.get(user) ?? new Map<string, string>();
    this.#tags.set(user, tags);
    tags.delete(request);
    tags.set(request, tag);
    if (tags.size > MAX_PER_USER) {
      const [oldest] = tags.keys();
      if (oldest !== undefined) tags.delete(oldest);
    }
  }
}
