import type { callApi } from '../../api/call-api.ts';

/** A ticket, as the API lists it. Times are UTC. */
export interface ListedTicket {
  readonly id: string;
  readonly user: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly expires: string;
  readonly uses_left: number;
}

/** A token, as the API lists it. Times are UTC. */
export interface ListedToken {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly scopes: readonly string[];
  readonly expires: string;
  readonly last_used: string | null;
}

interface NewTicket {
  readonly user?: string;
  readonly guest?: string;
  readonly write?: boolean;
  readonly expires_s: number;
  readonly uses: number;
}

interface NewToken {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly expires_s: number;
  readonly user?: string;
}

/** What the panel for links and tokens asks of the server. */
export class AccessApi {
  readonly #call: typeof callApi;

  constructor(call: typeof callApi) {
    this.#call = call;
  }

  async userNames(signal?: AbortSignal): Promise<readonly string[]> {
    const users = await this.#call<{ user: string }[]>('GET', '/get_users', undefined, signal);
    return users.map(({ user }) => user);
  }

  /** The newest first: the last one made is what is looked for. */
  async tickets(signal?: AbortSignal): Promise<readonly ListedTicket[]> {
    return (await this.#call<ListedTicket[]>('GET', '/tickets', undefined, signal)).toReversed();
  }

  makeTicket(ticket: NewTicket): Promise<{ readonly url: string; readonly expires: string }> {
    return this.#call('POST', '/tickets', ticket);
  }

  async revokeTicket(id: string): Promise<void> {
    await this.#call('DELETE', `/tickets/${id}`);
  }

  /** The newest first. */
  async tokens(signal?: AbortSignal): Promise<readonly ListedToken[]> {
    return (await this.#call<ListedToken[]>('GET', '/tokens', undefined, signal)).toReversed();
  }

  /** Resolves with the token's text, which is never shown again. */
  async makeToken(token: NewToken): Promise<string> {
    return (await this.#call<{ token: string }>('POST', '/tokens', token)).token;
  }

  async revokeToken(id: string): Promise<void> {
    await this.#call('DELETE', `/tokens/${id}`);
  }
}
