import type { IncomingMessage } from 'node:http';
import type { Accounts } from '../../accounts/accounts.ts';
import { hasDigest, newSecret, parseSecret } from '../../accounts/bearer-secret.ts';
import type { Caller, Pass } from '../../accounts/pass.ts';
import type { Rights, User } from '../../accounts/user.ts';
import { bearerText } from './bearer-credentials.ts';
import { ticketInvalid } from './bearer-problems.ts';

/** Longest time in s for which a ticket may be used. A larger value gives someone who finds a link more time. */
export const MAX_TICKET_LIFE_S = 300;

/**
 * Logins with one ticket. A larger number lets more people in with one link, and whoever it was passed on to; the login
 * cookies of one ticket are limited to as many.
 */
export const MAX_TICKET_USES = 100;

/** Tickets that can still be used. A larger number takes memory, 500 bytes each; a smaller one refuses tickets. */
export const MAX_OPEN_TICKETS = 1000;

/**
 * Tickets that are kept, used and expired ones too, so that those who logged in with them can be logged out. A larger
 * number makes the list of them longer. With a smaller one, an owner can no longer revoke older ones.
 */
export const MAX_KEPT_TICKETS = 2000;

/** Begins the name of a guest. No user has such a name, because a user's name has no colon. */
const GUEST = 'guest:';

/** Whom a ticket logs in: a user, or a guest with a name and rights of its own. */
export type TicketHolder =
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'guest'; readonly name: string; readonly rights: Omit<Rights, 'owner'> };

interface TicketRequest {
  readonly holder: TicketHolder;
  /** The owner who makes the ticket. The ticket ends when that user is no longer an owner, or changes the password. */
  readonly issuer: User;
  /** The token with which the issuer called. The ticket ends with it. */
  readonly issuerPass: Pass | undefined;
  readonly expiresS: number;
  readonly uses: number;
}

/** What an owner is shown of a ticket. */
export interface EntryTicket extends Omit<Rights, 'owner'> {
  readonly id: string;
  readonly user: string;
  readonly expires: Date;
  readonly usesLeft: number;
}

interface KeptTicket extends TicketRequest {
  readonly id: string;
  readonly digest: string;
  readonly expiresMs: number;
  readonly expires: Date;
  /** Undefined for a guest. */
  readonly passwordId: string | undefined;
  readonly pass: Pass;
  usesLeft: number;
  isRevoked: boolean;
}

/** What happened to a ticket, for the audit trail. */
type EntryTicketEvent = (what: 'ticket made' | 'ticket revoked', ticket: EntryTicket) => void;

/** Tickets in links that log a browser in, in memory only. A portal makes them for its users. */
export class EntryTickets {
  readonly #accounts: Pick<Accounts, 'get' | 'refresh' | 'passwordIdOf' | 'isStillOwner'>;
  readonly #nowMs: () => number;
  readonly #onEvent: EntryTicketEvent;
  readonly #tickets = new Map<string, KeptTicket>();

  /** `nowMs` returns the time of a clock that is never set. */
  constructor(
    accounts: Pick<Accounts, 'get' | 'refresh' | 'passwordIdOf' | 'isStillOwner'>,
    nowMs: () => number,
    onEvent: EntryTicketEvent,
  ) {
    this.#accounts = accounts;
    this.#nowMs = nowMs;
    this.#onEvent = onEvent;
  }

  /** Makes a ticket. `text` is what its bearer sends. Undefined if there are too many that can still be used. */
  issue(request: TicketRequest): { readonly ticket: EntryTicket; readonly text: string } | undefined {
    const open = [...this.#tickets.values()].filter((ticket) => this.#isOpen(ticket));
    if (open.length >= MAX_OPEN_TICKETS) return undefined;
    this.#makeRoom();
    const { id, text, digest } = newSecret('ticket');
    const { holder, uses, expiresS } = request;
    const kept: KeptTicket = {
      ...request,
      ...{ id, digest },
      expiresMs: this.#nowMs() + expiresS * 1000,
      expires: new Date(Date.now() + expiresS * 1000),
      passwordId: holder.kind === 'user' ? this.#accounts.passwordIdOf(holder.user.name) : undefined,
      pass: { kind: 'ticket', id, allows: (scope) => scope === 'view', user: () => this.#userOf(kept) },
      usesLeft: uses,
      isRevoked: false,
    };
    this.#tickets.set(id, kept);
    const ticket = shown(kept);
    this.#onEvent('ticket made', ticket);
    return { ticket, text };
  }

  /**
   * Uses the ticket that a request carries once, and returns whom it logs in. Undefined if the request carries none.
   * Throws a Problem if the ticket cannot be used.
   */
  callerOf(request: Pick<IncomingMessage, 'headers'>): Caller | undefined {
    const text = bearerText(request);
    if (text === undefined || parseSecret('ticket', text) === undefined) return undefined;
    const caller = this.take(text);
    if (caller === undefined) throw ticketInvalid();
    return caller;
  }

  /** Uses a ticket once. Undefined if it is no ticket that can still be used. */
  take(text: string): Caller | undefined {
    const parsed = parseSecret('ticket', text);
    const ticket = parsed && this.#tickets.get(parsed.id);
    if (parsed === undefined || ticket === undefined) return undefined;
    this.#accounts.refresh();
    if (!hasDigest(parsed.secret, ticket.digest) || !this.#isOpen(ticket)) return undefined;
    const user = this.#userOf(ticket);
    if (user === undefined) return undefined;
    ticket.usesLeft -= 1;
    return { ...user, pass: ticket.pass };
  }

  /** The tickets that can be revoked, oldest first. */
  list(): EntryTicket[] {
    this.#accounts.refresh();
    return [...this.#tickets.values()].filter((ticket) => this.#userOf(ticket) !== undefined).map(shown);
  }

  /** Ends a ticket, and the logins with it. Returns whether there was one. */
  revoke(id: string): boolean {
    const ticket = this.#tickets.get(id);
    if (ticket === undefined) return false;
    ticket.isRevoked = true;
    this.#tickets.delete(id);
    this.#onEvent('ticket revoked', shown(ticket));
    return true;
  }

  #isOpen(ticket: KeptTicket): boolean {
    return ticket.usesLeft > 0 && this.#nowMs() < ticket.expiresMs && this.#userOf(ticket) !== undefined;
  }

  /** Whom the ticket has logged in, with the rights of this moment. */
  #userOf({ isRevoked, issuer, issuerPass, holder, passwordId }: KeptTicket): User | undefined {
    if (isRevoked || !this.#accounts.isStillOwner(issuer)) return undefined;
    if (issuerPass !== undefined && issuerPass.user() === undefined) return undefined;
    if (holder.kind === 'guest') return { name: `${GUEST}${holder.name}`, ...holder.rights, owner: false };
    const { name } = holder.user;
    return this.#accounts.passwordIdOf(name) === passwordId ? this.#accounts.get(name) : undefined;
  }

  /** Drops the oldest ticket that cannot be used any more, if too many are kept. */
  #makeRoom(): void {
    if (this.#tickets.size < MAX_KEPT_TICKETS) return;
    for (const [id, ticket] of this.#tickets) {
      if (this.#isOpen(ticket)) continue;
      this.#tickets.delete(id);
      return;
    }
  }
}

function shown({ id, holder, expires, usesLeft }: KeptTicket): EntryTicket {
  const { read, write } = holder.kind === 'user' ? holder.user : holder.rights;
  const user = holder.kind === 'user' ? holder.user.name : `${GUEST}${holder.name}`;
  return { id, user, read, write, expires, usesLeft };
}
