import { addressFlag } from './address-flag.ts';
import type { Credentials } from './api/log-in.ts';
import { sessionKey } from './api/session-key.ts';
import { isSignedOut } from './signed-out.ts';

/** What a page does first. */
export type FirstStep =
  /** Log in with what the address brings. */
  | { readonly kind: 'log in'; readonly credentials: Credentials }
  /** Ask for a login. */
  | { readonly kind: 'ask' }
  /** Connect, with the login that the browser has. */
  | { readonly kind: 'connect' }
  /** Wait until the user wants to connect. */
  | { readonly kind: 'wait' };

/** What the page knows of its user besides its address. */
export interface KnownUser {
  /** Whether the user has logged out in this tab. */
  readonly isSignedOut: boolean;
  /** Whether the page has the key of a session. */
  readonly hasSession: boolean;
}

/**
 * Decides what a page of this address does first. The ticket of a link is behind the `#`. Some browsers show the page a
 * name and a password in its address: `https://name:password@host/`.
 */
export function firstStep(address: string, { isSignedOut, hasSession }: KnownUser): FirstStep {
  const { hash, username, password, searchParams } = new URL(address);
  const ticket = new URLSearchParams(hash.slice(1)).get('ticket');
  if (ticket !== null) return { kind: 'log in', credentials: { kind: 'ticket', ticket } };
  if (password !== '') {
    const login = { name: decodeURIComponent(username), password: decodeURIComponent(password) };
    return { kind: 'log in', credentials: { kind: 'password', ...login, stays: false } };
  }
  if (isSignedOut && !hasSession) return { kind: 'ask' };
  return { kind: (addressFlag(searchParams, 'autoconnect') ?? true) ? 'connect' : 'wait' };
}

/** What this page does first. `baseUrl` is its folder. */
export const firstStepOfPage = (baseUrl: URL): FirstStep =>
  firstStep(document.URL, {
    isSignedOut: isSignedOut(baseUrl),
    hasSession: sessionKey(baseUrl) !== undefined,
  });
