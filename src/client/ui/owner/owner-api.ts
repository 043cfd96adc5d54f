import type { callApi } from '../../api/call-api.ts';
import type { NewUser } from './user-lines.ts';

/** A user, as the API lists it. */
export interface ListedUser {
  readonly user: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly owner: boolean;
}

/** A viewer, as the API lists it. Times are UTC. */
export interface ListedViewer {
  readonly id: string;
  readonly user: string;
  readonly address: string;
  readonly connected_since: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly fps: number;
  readonly bytes_per_second: number;
  readonly latency_ms: number | null;
  readonly cpu: number;
  readonly cpu_average: number;
  readonly network: number;
  readonly network_average: number;
}

/** A change of a user: what is left out stays as it is. */
interface UserChange {
  readonly user: string;
  readonly password?: string;
  readonly read?: boolean;
  readonly write?: boolean;
  readonly owner?: boolean;
}

/** What the panel for people asks of the server. */
export class PeopleApi {
  readonly #call: typeof callApi;

  constructor(call: typeof callApi) {
    this.#call = call;
  }

  async viewers(signal?: AbortSignal): Promise<readonly ListedViewer[]> {
    return (await this.#call<{ viewers: ListedViewer[] }>('GET', '/viewers', undefined, signal)).viewers;
  }

  users(signal?: AbortSignal): Promise<readonly ListedUser[]> {
    return this.#call('GET', '/get_users', undefined, signal);
  }

  /** Adds all of them, or none. Overwrites nobody. In the body, because addresses end in the logs of proxies. */
  async add(users: readonly NewUser[]): Promise<void> {
    await this.#call('POST', '/create_user?overwrite=false', users);
  }

  async change(change: UserChange): Promise<void> {
    await this.#call('POST', '/update_user', [change]);
  }

  async remove(user: string): Promise<void> {
    await this.#call('POST', '/remove_user', [{ user }]);
  }

  async disconnect(id: string, reason: string): Promise<void> {
    const query = reason === '' ? '' : `?reason=${encodeURIComponent(reason)}`;
    await this.#call('DELETE', `/viewers/${encodeURIComponent(id)}${query}`);
  }

  /** Resolves with the number of viewers that show the line. Without a user it is for all. */
  async say(text: string, user: string | undefined): Promise<number> {
    const body = user === undefined ? { text } : { text, user };
    return (await this.#call<{ shown_to: number }>('POST', '/message', body)).shown_to;
  }
}
