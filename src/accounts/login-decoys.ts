import { decoyOf, settingIn } from './password-hash.ts';

/**
 * Most costs for which every login works. Each makes every login longer, by 1.7 s at most. With fewer, the time of a
 * login tells more often which users have a hash of another cost; that ends when they log in.
 */
const MAX_COSTS = 4;

/**
 * Hashes that no password fits: one of each cost that the users' hashes have, and one of the cost of new hashes. Every
 * login is checked against one hash of each cost: that of the user, and decoys for the other costs. So its time does
 * not tell whether the user exists, or has the weaker hash of an imported user.
 */
export class LoginDecoys {
  /** Decoy of the cost of new hashes, for names that do not exist. */
  readonly forUnknown: string;
  /** Decoys by setting. A decoy is kept while its cost is in use, because checks of the same login share its hash. */
  #bySetting: ReadonlyMap<string, string>;
  /** Users for whom `#bySetting` was made. */
  #users: ReadonlyMap<string, { readonly hash: string }> | undefined;

  constructor(forUnknown: string) {
    this.forUnknown = forUnknown;
    this.#bySetting = new Map([[settingIn(forUnknown), forUnknown]]);
  }

  /** The decoys that a login is checked against besides `hash`, which is that of one of `users`, or `forUnknown`. */
  besides(hash: string, users: ReadonlyMap<string, { readonly hash: string }>): string[] {
    if (users !== this.#users) this.#learn(users);
    const own = settingIn(hash);
    return [...this.#bySetting].filter(([setting]) => setting !== own).map(([, decoy]) => decoy);
  }

  #learn(users: ReadonlyMap<string, { readonly hash: string }>): void {
    const usual = settingIn(this.forUnknown);
    const next = new Map([[usual, this.forUnknown]]);
    for (const { hash } of users.values()) {
      if (next.size === MAX_COSTS) break;
      if (hash.startsWith(`${usual}$`)) continue;
      const setting = settingIn(hash);
      if (!next.has(setting)) next.set(setting, this.#bySetting.get(setting) ?? decoyOf(setting));
    }
    this.#bySetting = next;
    this.#users = users;
  }
}
