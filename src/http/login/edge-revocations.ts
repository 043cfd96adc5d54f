import type { Rights } from '../../accounts/user.ts';
import { BoundedMap } from '../../common/bounded-map.ts';
import type { AssertedLogin } from './edge-assertion.ts';

/**
 * Users and logins that are kept as changed. With more, the oldest is forgotten, and all assertions that are older than
 * that change are refused. A larger number takes 200 bytes each.
 */
export const MOST_KEPT = 4096;

/** What a host says that has changed up to a version of the fleet's state. */
export interface Revocation {
  readonly version: number;
  /** Users whose rights on this desktop have changed, with the new ones. */
  readonly users: readonly ({ readonly name: string } & Rights)[];
  /** Logins, as assertions name them, that have ended. */
  readonly logins: readonly string[];
  /** Refuses all assertions that are older. Those who are here already stay, apart from the above. */
  readonly all?: boolean;
  /** Ends all who are here. */
  readonly everyone?: boolean;
}

/** Someone who is here by the word of an edge. */
export interface EdgeLogin extends AssertedLogin {
  hasEnded: boolean;
}

/** Knows which logins at a desktop have ended, whatever an edge says that has not heard of it. */
export class EdgeRevocations {
  readonly #users = new BoundedMap<string, number>(MOST_KEPT);
  readonly #logins = new BoundedMap<string, number>(MOST_KEPT);
  readonly #live = new Set<EdgeLogin>();
  /** Assertions that are older than this version are refused. */
  #oldest = 0;

  /** Those who are here. */
  get live(): Iterable<EdgeLogin> {
    return this.#live;
  }

  /** Why an assertion is not believed: its edge is behind, or the login has ended. */
  refusal({ user, logins = [], version = 0 }: AssertedLogin): 'behind' | 'ended' | undefined {
    if (user === undefined) return undefined;
    if (logins.some((login) => this.#logins.has(login))) return 'ended';
    return version < Math.max(this.#oldest, this.#users.get(user.name) ?? 0) ? 'behind' : undefined;
  }

  /** Takes note of someone who comes in. Call `left` when they have gone. */
  entered(login: EdgeLogin): void {
    this.#live.add(login);
  }

  left(login: EdgeLogin): void {
    this.#live.delete(login);
  }

  /** Ends what is revoked. Returns whether someone is concerned who is here. */
  revoke({ version, users, logins, all, everyone }: Revocation): boolean {
    const rights = new Map(users.map((user) => [user.name, user]));
    const ended = new Set(logins);
    for (const { name } of users) this.#keep(this.#users, name, version);
    for (const login of logins) this.#keep(this.#logins, login, version);
    if (all === true || everyone === true) this.#oldest = Math.max(this.#oldest, version);
    let isConcerned = false;
    for (const login of this.#live) {
      const { user, logins: own = [], version: at = 0 } = login;
      if (user === undefined || login.hasEnded) continue;
      const now = at < version ? rights.get(user.name) : undefined;
      const isOver = everyone === true || own.some((one) => ended.has(one)) || (now && !covers(now, user));
      if (!isOver) continue;
      login.hasEnded = true;
      isConcerned = true;
    }
    return isConcerned;
  }

  #keep(map: BoundedMap<string, number>, key: string, version: number): void {
    if (map.size >= MOST_KEPT && !map.has(key)) {
      const [first] = map;
      if (first !== undefined) this.#oldest = Math.max(this.#oldest, first[1]);
    }
    map.set(key, Math.max(version, map.get(key) ?? 0));
  }
}

/** Whether no right is missing. With more rights than before, the page of the user connects again by the edge. */
const covers = (now: Rights, told: Rights): boolean =>
  (now.read || !told.read) && (now.write || !told.write) && (now.owner || !told.owner);
