import { sdkError } from './errors.ts';

/** What `fetch` is called with. Every `fetch` of browsers and Node.js fits. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ConnectOptions {
  /** Address of the server with its base path, such as `https://desk.example:8443/`. */
  readonly url: string | URL;
  /** Name of an owner, together with `password`. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** A token of an owner, in place of `user` and `password`. */
  readonly token?: string | undefined;
  /** Sends the requests. Default: the global `fetch`. In Node.js, `nodeFetch` trusts the server's own certificate. */
  readonly fetch?: Fetch | undefined;
  /** The default for `retries` of each call. Default: 0. */
  readonly retries?: number | undefined;
}

export interface CallOptions {
  /** Ends the call: it rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Time for the whole answer, in milliseconds. Default: a little more than the server itself allows. */
  readonly timeoutMs?: number | undefined;
  /**
   * How often a call that changes nothing is tried again if the server is not reached or is busy. Calls that change
   * something never are. Default: 0.
   */
  readonly retries?: number | undefined;
}

export interface EventOptions {
  /** Ends the stream: the iterator rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Failed attempts in a row to connect again, after which the iterator rejects. 0 ends it with the first connection.
   * Default: 20, about eight minutes.
   */
  readonly reconnects?: number | undefined;
}

/** The server, as calls see it. */
export interface Server {
  /** Ends with a slash. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  readonly retries: number;
}

/** Checks the options of a client. */
export function serverOf({ url, user, password, token, fetch, retries = 0 }: ConnectOptions): Server {
  const base = baseOf(url);
  if (token !== undefined && (user !== undefined || password !== undefined))
    throw invalid('Give either `token`, or `user` and `password`.');
  if ((user === undefined) !== (password === undefined))
    throw invalid('`user` and `password` belong together.');
  if (!isCount(retries)) throw invalid('`retries` must be a whole number from 0 up.');
  return {
    base,
    headers: authorization(user, password, token),
    // A detached `fetch` of a browser refuses to run. It is looked up at each call, because tools replace it.
    fetch: fetch ?? ((target, init) => globalThis.fetch(target, init)),
    retries,
  };
}

export const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;

function baseOf(url: string | URL): string {
  let base: URL;
  try {
    base = new URL(url);
  } catch (cause) {
    throw invalid('`url` must be an address such as https://desk.example:8443/.', cause);
  }
  if (base.protocol !== 'https:' && base.protocol !== 'http:')
    throw invalid('`url` must begin with https:// or http://.');
  if (base.username !== '' || base.password !== '')
    throw invalid('`url` has a name or a password; give them as `user` and `password`.');
  return `${base.origin}${base.pathname.replace(/\/*$/, '/')}`;
}

function authorization(user?: string, password?: string, token?: string): Readonly<Record<string, string>> {
  // A header cannot carry other characters, and the error of `fetch` would have the token in it.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw invalid('`token` is empty, or has characters that no token has.');
  if (token !== undefined) return { Authorization: `Bearer ${token}` };
  if (user === undefined) return {};
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return { Authorization: `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}` };
}

const invalid = (message: string, cause?: unknown): Error =>
  sdkError('SDK_OPTIONS_INVALID', message, { cause });
