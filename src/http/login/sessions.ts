import type { EventEmitter } from 'node:events';
import type { Caller, Pass } from '../../accounts/pass.ts';
import type { BrowserIdentity } from './browser-identity.ts';

/** Whom a cookie or a ticket logs in. */
export type CookieHolder = { readonly name: string; readonly pass?: Pass | undefined };

export interface NewSession {
  readonly stays: boolean;
  /** The browser shows the page in a frame of another site. */
  readonly isFramed: boolean;
}

/** Who has a session's cookie. */
export interface SessionHolder {
  readonly caller: Caller;
  /** Whether the request has the page's key, too. */
  readonly isProven: boolean;
}

/** Sessions of pages. Emits `ended` when a session has ended before its time. */
export interface Sessions extends EventEmitter<{ ended: [] }> {
  /** Begins a session of a user who has just logged in. Returns its cookie, as a `Set-Cookie` value, and its key. */
  begin(
    caller: Caller,
    identity: BrowserIdentity,
    options: NewSession,
  ): { readonly cookie: string; readonly key: string };
  /** Whose session a `Cookie` header names, if that still opens anything. Notes that it was used. */
  holderOf(
    header: string | undefined,
    key: string | undefined,
    identity: BrowserIdentity,
  ): SessionHolder | undefined;
  /** A `Set-Cookie` value with which the session goes on for longer. Undefined if it need not. */
  renewed(header: string | undefined, identity: BrowserIdentity, key: string | undefined): string | undefined;
  /** Names the browser, if its `Cookie` header has a session of this user, which may have expired. */
  browserOf(header: string | undefined, identity: BrowserIdentity, user: string): string | undefined;
  /** Ends the session of a `Cookie` header, with its viewers and calls. Resolves when that is for good. */
  end(header: string | undefined, identity: BrowserIdentity): Promise<void>;
  /** Forgets the sessions of users who were removed or have another password. */
  forget(users: ReadonlySet<string>): void;
  /** Saves what has changed. */
  close(): Promise<void>;
}

/** Login cookies of browsers that send passwords or tokens themselves. */
export interface Cookies {
  /** The user whose valid cookie is in a `Cookie` header, and the pass that came before the cookie. */
  holderOf(header: string | undefined, identity: BrowserIdentity): CookieHolder | undefined;
  /** Names the browser, if its `Cookie` header has a cookie of this user, valid or not. */
  browserOf(header: string | undefined, identity: BrowserIdentity, user: string): string | undefined;
  /** A `Set-Cookie` value that logs the user in with this browser. Undefined if the browser needs none. */
  issue(
    holder: CookieHolder,
    header: string | undefined,
    identity: BrowserIdentity,
    isFramed?: boolean,
  ): string | undefined;
  /** Makes the cookies of a `Cookie` header invalid. */
  end(header: string | undefined, identity: BrowserIdentity): Promise<void> | void;
  /** Makes all cookies of these users invalid. */
  forget(users: ReadonlySet<string>): void;
}

/** Tickets with which a page opens its WebSocket. */
export interface ViewerTickets {
  issue(holder: CookieHolder, identity: BrowserIdentity): string;
  /** Takes a ticket, so that it is not valid again. Returns its user if it was valid for this browser. */
  take(value: string, identity: BrowserIdentity): CookieHolder | undefined;
  /** Makes all tickets of these users invalid. */
  forget(users: ReadonlySet<string>): void;
}

/** What is known of logins between requests. */
export interface KeptLogins {
  /** Names the cookies. Servers that share these logins have the same. */
  readonly id: string;
  readonly sessions: Sessions;
  readonly cookies: Cookies;
  readonly tickets: ViewerTickets;
}
