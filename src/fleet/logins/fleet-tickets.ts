import { isValidName } from '../../accounts/account-changes.ts';
import { hasDigest, newSecret, parseSecret } from '../../accounts/bearer-secret.ts';
import { AccountsError } from '../../accounts/errors.ts';
import type { Caller } from '../../accounts/pass.ts';
import { SESSION_MS } from '../../http/login/page-sessions.ts';
import { fleetProblem } from '../store/errors.ts';
import type { FleetChange, FleetState } from '../store/fleet-state.ts';
import type { FleetTicket } from '../store/logins.ts';
import { rightsOn } from '../store/rights.ts';
import { type FleetStore, MAX_ENTRIES } from '../store/store.ts';
import { grantedOf, passOf, refOf } from './fleet-pass.ts';

/** Tickets that are over which one new ticket removes. A larger number makes it slower. */
const DROPPED_A_TIME = 100;

/**
 * Time in ms for which a ticket is kept when it cannot be used any more: as long as the sessions that began with it.
 * They end with it.
 */
const KEPT_MS = SESSION_MS;

interface NewFleetTicket {
  readonly desktop: string;
  readonly user: string | undefined;
  readonly guest: string | undefined;
  readonly write: boolean;
  readonly expiresS: number;
  readonly uses: number;
}

/** Links that let a browser open one desktop. A portal makes them for its users. Each use is a transaction. */
export class FleetTickets {
  readonly #store: FleetStore;

  constructor(store: FleetStore) {
    this.#store = store;
  }

  /** Makes a ticket. `text` is what its bearer sends; it is not kept. Throws an AccountsError or a Problem. */
  async create(
    request: NewFleetTicket,
    caller: Caller,
  ): Promise<{ readonly ticket: FleetTicket; readonly text: string }> {
    const { desktop, expiresS, uses } = request;
    const { id, text, digest } = newSecret('ticket');
    const createdMs = Date.now();
    const { ticket: tickets } = await this.#store.transact((state) => {
      const issuer = issuerOf(state, desktop, caller);
      const value: FleetTicket = {
        ...{ id, digest, desktop, desktopMadeMs: issuer.desktopMadeMs },
        ...{ holder: holderFor(state, request, issuer), issuer: issuer.name },
        issuerPasswordId: state.user.get(issuer.name)?.passwordId ?? '',
        ...(issuer.token && { issuerToken: issuer.token }),
        ...{ createdMs, expiresMs: createdMs + expiresS * 1000, usesLeft: uses },
      };
      return [...dropped(state), { kind: 'ticket', name: id, value }];
    });
    return { ticket: tickets.get(id)!, text };
  }

  /** Whether a text is that of a ticket of this fleet. A desktop may have tickets of its own. */
  async knows(text: string): Promise<boolean> {
    const id = parseSecret('ticket', text)?.id;
    if (id === undefined) return false;
    // Another edge may have made it just now.
    if (!this.#store.state.ticket.has(id)) await this.#store.refresh();
    return this.#store.state.ticket.has(id);
  }

  /** Uses a ticket once, at whichever edge. Undefined if it does not open this desktop, or not any more. */
  async take(text: string, desktop: string): Promise<Caller | undefined> {
    const parsed = parseSecret('ticket', text);
    if (parsed === undefined) return undefined;
    const { id, secret } = parsed;
    const pass = passOf(this.#store, { by: 'ticket', id });
    let isTaken = false;
    await this.#store.transact((state): FleetChange[] => {
      const ticket = state.ticket.get(id);
      isTaken =
        ticket !== undefined &&
        hasDigest(secret, ticket.digest) &&
        isOpen(ticket) &&
        ticket.desktop === desktop &&
        pass.grantedIn(state) !== undefined;
      if (ticket === undefined || !isTaken) return [];
      return [{ kind: 'ticket', name: id, value: { ...ticket, usesLeft: ticket.usesLeft - 1 } }];
    });
    const user = isTaken ? pass.user() : undefined;
    return user && { ...user, pass };
  }

  /** The tickets that a caller may revoke, oldest first. Those that cannot be used any more have sessions, maybe. */
  listFor(caller: Caller): FleetTicket[] {
    const { state } = this.#store;
    const tickets = [...state.ticket.values()].filter((ticket) => mayRevoke(state, ticket, caller));
    const good = tickets.filter(({ id }) => passOf(this.#store, { by: 'ticket', id }).user() !== undefined);
    return good.sort((one, other) => one.createdMs - other.createdMs);
  }

  /** Ends a ticket, and the logins with it. Resolves with whether there was one that the caller may revoke. */
  async revoke(id: string, caller: Caller): Promise<boolean> {
    let isRevoked = false;
    await this.#store.transact((state): FleetChange[] => {
      const ticket = state.ticket.get(id);
      isRevoked = ticket !== undefined && mayRevoke(state, ticket, caller);
      return isRevoked ? [{ kind: 'ticket', name: id, value: undefined }] : [];
    });
    return isRevoked;
  }
}

interface Issuer {
  readonly name: string;
  readonly isAdmin: boolean;
  /** Id of the token with which the issuer calls. */
  readonly token: string | undefined;
  readonly desktopMadeMs: number;
}

/** The caller, if it owns the desktop. Throws a Problem otherwise. */
function issuerOf(state: FleetState, name: string, caller: Caller): Issuer {
  const granted = grantedOf(state, caller);
  const desktop = state.desktop.get(name);
  const rights = granted && desktop && rightsOn(granted, desktop);
  if (granted === undefined || desktop === undefined || !rights?.read)
    throw fleetProblem('FLEET_NO_SUCH_DESKTOP');
  if (!rights.owner) throw fleetProblem('FLEET_NO_RIGHT', 'Only an owner of this desktop may do this.');
  const ref = refOf(caller.pass);
  // An owner who logs out of the page does not end the links.
  const token = ref?.by === 'token' ? ref.id : undefined;
  return { name: granted.name, isAdmin: granted.owner, token, desktopMadeMs: desktop.createdMs };
}

function holderFor(
  state: FleetState,
  { user, guest, write }: NewFleetTicket,
  issuer: Issuer,
): FleetTicket['holder'] {
  if (guest !== undefined) {
    if (!isValidName(guest)) throw new AccountsError('ACCOUNTS_NAME_INVALID');
    return { kind: 'guest', name: guest, write };
  }
  const name = user ?? issuer.name;
  if (name !== issuer.name && !issuer.isAdmin)
    throw fleetProblem('FLEET_NO_RIGHT', 'Only an admin makes tickets for other users.');
  const passwordId = state.user.get(name)?.passwordId;
  if (passwordId === undefined) throw new AccountsError('ACCOUNTS_NO_SUCH_USER');
  return { kind: 'user', name, passwordId };
}

function mayRevoke(state: FleetState, { issuer, desktop: name }: FleetTicket, caller: Caller): boolean {
  const granted = grantedOf(state, caller);
  const desktop = state.desktop.get(name);
  if (granted === undefined) return false;
  return granted.name === issuer || (desktop !== undefined && rightsOn(granted, desktop).owner);
}

const isOpen = ({ usesLeft, expiresMs }: FleetTicket): boolean => usesLeft > 0 && Date.now() < expiresMs;

/** Removes tickets that are over, and if there are too many, those that cannot be used any more. */
function dropped(state: FleetState): FleetChange[] {
  const isFull = state.ticket.size >= MAX_ENTRIES.ticket;
  const changes: FleetChange[] = [];
  for (const ticket of state.ticket.values()) {
    const isOver = Date.now() >= ticket.expiresMs + KEPT_MS || !state.desktop.has(ticket.desktop);
    if (isOver || (isFull && !isOpen(ticket)))
      changes.push({ kind: 'ticket', name: ticket.id, value: undefined });
    if (changes.length >= DROPPED_A_TIME) break;
  }
  return changes;
}
