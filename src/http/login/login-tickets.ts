import { randomBytes } from 'node:crypto';
import type { Pass } from '../../accounts/pass.ts';
import { BoundedMap } from '../../common/bounded-map.ts';
import { type BrowserIdentity, mayBeOneCaller } from './browser-identity.ts';
import type { CookieHolder, ViewerTickets } from './sessions.ts';

/** Time in s for which a ticket is valid. A larger value gives a thief more time; a smaller one refuses slow links. */
export const TICKET_LIFETIME_S = 30;

/** Tickets of all users; more push out the oldest. A larger number takes memory. */
const MAX_TICKETS = 2_000;

/**
 * Tickets of one user, or of one link; more push out the oldest of them. With a smaller number, a user's pages disturb
 * each other.
 */
const MAX_TICKETS_PER_USER = 50;

interface Ticket extends Pick<BrowserIdentity, 'address' | 'agent' | 'origin'> {
  readonly user: string;
  readonly pass: Pass | undefined;
  readonly expiresMs: number;
}

/**
 * Tickets with which a page opens its WebSocket, each once. Unlike a cookie, the browser sends a ticket only to the
 * server that gave it.
 */
export class LoginTickets implements ViewerTickets {
  readonly #nowMs: () => number;
  readonly #tickets = new BoundedMap<string, Ticket>(MAX_TICKETS);

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  issue({ name: user, pass }: CookieHolder, { address, agent, origin }: BrowserIdentity): string {
    const own: string[] = [];
    for (const [value, ticket] of this.#tickets) {
      if (ticket.user === user && ticket.pass?.id === pass?.id) own.push(value);
    }
    if (own.length >= MAX_TICKETS_PER_USER) this.#tickets.delete(own[0]!);
    const value = randomBytes(24).toString('base64url');
    const expiresMs = this.#nowMs() + TICKET_LIFETIME_S * 1000;
    this.#tickets.set(value, { user, pass, address, agent, origin, expiresMs });
    return value;
  }

  /** Takes a ticket, so that it is not valid again. Returns its user if it was valid for this browser. */
  take(value: string, { address, agent, origin }: BrowserIdentity): CookieHolder | undefined {
    const ticket = this.#tickets.get(value);
    this.#tickets.delete(value);
    if (ticket === undefined || ticket.expiresMs <= this.#nowMs()) return undefined;
    const isSame =
      ticket.agent === agent && ticket.origin === origin && mayBeOneCaller(ticket.address, address);
    return isSame ? { name: ticket.user, pass: ticket.pass } : undefined;
  }

  /** Makes all tickets of these users invalid. */
  forget(users: ReadonlySet<string>): void {
    for (const [value, ticket] of this.#tickets) {
      if (users.has(ticket.user)) this.#tickets.delete(value);
    }
  }
}
