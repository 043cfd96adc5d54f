import { randomBytes } from 'node:crypto';
import type { Accounts } from '../../accounts/accounts.ts';
import { BoundedMap } from '../../common/bounded-map.ts';
import { type BrowserIdentity, mayBeOneCaller } from '../../http/login/browser-identity.ts';
import { TICKET_LIFETIME_S } from '../../http/login/login-tickets.ts';
import type { CookieHolder, ViewerTickets } from '../../http/login/sessions.ts';
import type { FleetStore } from '../store/store.ts';
import { type SignedBrowser, signedBrowser } from './browser.ts';
import { passOf, refOf } from './fleet-pass.ts';
import type { LoginKeys } from './login-keys.ts';
import type { PassRef } from './refs.ts';

/**
 * Used tickets that an edge remembers. With more in the life of one ticket, the oldest could be used again by the same
 * browser. A larger number takes 100 bytes each.
 */
const MAX_USED = 50_000;

const NONCE_BYTES = 12;

interface TicketText extends SignedBrowser {
  readonly nonce: string;
  readonly user: string;
  /** What the browser logged in with. */
  readonly login: PassRef | { readonly by: 'password'; readonly passwordId: string | undefined };
  readonly origin: string | undefined;
  readonly expiresMs: number;
}

interface SignedTicketsOptions {
  readonly store: FleetStore;
  readonly keys: LoginKeys;
  readonly accounts: Pick<Accounts, 'passwordIdOf'>;
}

/**
 * Tickets with which a page opens its WebSocket, at any edge of a fleet. Each edge takes a ticket once, within its 30
 * seconds and from the same browser only.
 */
export class SignedTickets implements ViewerTickets {
  readonly #options: SignedTicketsOptions;
  readonly #used = new BoundedMap<string, true>(MAX_USED);

  constructor(options: SignedTicketsOptions) {
    this.#options = options;
  }

  issue({ name: user, pass }: CookieHolder, identity: BrowserIdentity): string {
    const { accounts, keys } = this.#options;
    const text: TicketText = {
      ...signedBrowser(identity),
      nonce: randomBytes(NONCE_BYTES).toString('base64url'),
      user,
      login: refOf(pass) ?? { by: 'password', passwordId: accounts.passwordIdOf(user) },
      origin: identity.origin,
      expiresMs: Date.now() + TICKET_LIFETIME_S * 1000,
    };
    return keys.sign('viewer', text);
  }

  take(value: string, identity: BrowserIdentity): CookieHolder | undefined {
    const { store, accounts, keys } = this.#options;
    const text = keys.read('viewer', value) as TicketText | undefined;
    if (text === undefined || text.expiresMs <= Date.now() || this.#used.has(text.nonce)) return undefined;
    this.#used.set(text.nonce, true);
    const { agent, address } = signedBrowser(identity);
    const isSame =
      text.agent === agent && text.origin === identity.origin && mayBeOneCaller(text.address, address);
    if (!isSame) return undefined;
    const { user: name, login } = text;
    if (login.by !== 'password') return { name, pass: passOf(store, login) };
    return accounts.passwordIdOf(name) === login.passwordId ? { name } : undefined;
  }

  /** A ticket names its password. */
  forget(): void {}
}
