import type { Caller, Pass } from '../../accounts/pass.ts';
import { allows, type Scope } from '../../accounts/scopes.ts';
import type { Rights } from '../../accounts/user.ts';
import type { Desktop, FleetState } from '../store/fleet-state.ts';
import type { FleetTicket, FleetToken } from '../store/logins.ts';
import { type Granted, grantedTo, rightsOn } from '../store/rights.ts';
import type { FleetStore } from '../store/store.ts';
import { hasEnded, hasLoggedOut } from './logouts.ts';
import type { PassRef } from './refs.ts';

/** What lets a caller into a fleet. */
export interface FleetPass extends Pass {
  readonly kind: PassRef['by'];
  readonly ref: PassRef;
  /** What it is good for. Undefined: everything. */
  readonly scopes: readonly Scope[] | undefined;
  /** What it leaves of the grants of its user. Undefined if it has ended. */
  grantedIn(state: FleetState): Granted | undefined;
}

/** A ticket opens viewers of its desktop, which the grants of its holder bound. */
const TICKET_SCOPES: readonly Scope[] = ['control'];

/** The name of a guest. No user has such a name, because a user's name has no colon. */
const guestName = (name: string): string => `guest:${name}`;

/** The pass that a reference names, whether it is still good or not. */
export function passOf(store: Pick<FleetStore, 'state'>, ref: PassRef): FleetPass {
  const scopes = scopesOf(store.state, ref);
  const grantedIn = (state: FleetState): Granted | undefined => grantedBy(state, ref);
  return {
    ...{ kind: ref.by, id: ref.id, ref, scopes, grantedIn },
    allows: (scope) => scopes === undefined || allows(scopes, scope),
    user: () => {
      const granted = grantedIn(store.state);
      return granted && { name: granted.name, read: true, write: false, owner: granted.owner };
    },
  };
}

const isFleetPass = (pass: Pass): pass is FleetPass => 'grantedIn' in pass;

/** The reference of a caller's pass. Undefined for a caller who has sent a password. */
export const refOf = (pass: Pass | undefined): PassRef | undefined =>
  pass !== undefined && isFleetPass(pass) ? pass.ref : undefined;

/** What a caller has been granted, as far as the login leaves it. Undefined if it is not good any more. */
export function grantedOf(
  state: FleetState,
  { name, pass }: Pick<Caller, 'name' | 'pass'>,
): Granted | undefined {
  return pass !== undefined && isFleetPass(pass) ? pass.grantedIn(state) : grantedTo(state, name);
}

/** The rights of a caller on a desktop, and those that a viewer of this login has. */
export interface DesktopRights {
  readonly rights: Rights;
  readonly viewer: Rights;
  /** What calls to the desktop may be for. Undefined: everything. */
  readonly scopes: readonly Scope[] | undefined;
}

export function desktopRights(
  state: FleetState,
  caller: Pick<Caller, 'name' | 'pass'>,
  desktop: Pick<Desktop, 'name' | 'labels'>,
): DesktopRights | undefined {
  const granted = grantedOf(state, caller);
  if (granted === undefined) return undefined;
  const rights = rightsOn(granted, desktop);
  const { pass } = caller;
  const scopes = pass !== undefined && isFleetPass(pass) ? pass.scopes : undefined;
  if (scopes === undefined) return { rights, viewer: rights, scopes };
  const { read, write, owner } = rights;
  const viewer = { read: read && allows(scopes, 'view'), write: write && allows(scopes, 'control'), owner };
  return { rights, viewer, scopes };
}

/** Whether a token is still good. */
export const isValidToken = (state: FleetState, { user, passwordId, expiresMs }: FleetToken): boolean =>
  Date.now() < expiresMs && state.user.get(user)?.passwordId === passwordId;

function scopesOf(state: FleetState, ref: PassRef): readonly Scope[] | undefined {
  if (ref.by === 'token') return state.token.get(ref.id)?.scopes ?? [];
  return ref.by === 'ticket' || ref.login.by === 'ticket' ? TICKET_SCOPES : undefined;
}

function grantedBy(state: FleetState, ref: PassRef): Granted | undefined {
  if (ref.by === 'token') return grantedByToken(state, ref.id);
  if (ref.by === 'ticket') return grantedByTicket(state, ref.id);
  if (hasLoggedOut(state, ref)) return undefined;
  if (ref.login.by === 'ticket') return grantedByTicket(state, ref.login.id);
  const { user, login } = ref;
  return state.user.get(user)?.passwordId === login.passwordId ? grantedTo(state, user) : undefined;
}

function grantedByToken(state: FleetState, id: string): Granted | undefined {
  const token = state.token.get(id);
  const granted = token && isValidToken(state, token) ? grantedTo(state, token.user) : undefined;
  if (granted === undefined || token?.limit === undefined) return granted;
  const { limit } = token;
  // An admin owns every desktop, and a token for some of them makes no admin.
  const grants = granted.owner ? [{ right: 'owner', ...limit } as const] : granted.grants;
  return { ...granted, owner: false, grants, limit };
}

/** What the holder of a ticket may do. Undefined if the ticket has ended. */
export function grantedByTicket(state: FleetState, id: string): Granted | undefined {
  const ticket = state.ticket.get(id);
  const desktop = ticket && state.desktop.get(ticket.desktop);
  if (ticket === undefined || desktop === undefined || !isIssued(state, ticket, desktop)) return undefined;
  const { holder } = ticket;
  const limit = { desktop: desktop.name };
  const grant = (right: 'read' | 'write') => [{ right, ...limit }];
  if (holder.kind === 'guest') {
    const name = guestName(holder.name);
    return { name, owner: false, grants: grant(holder.write ? 'write' : 'read'), limit };
  }
  const { name, passwordId } = holder;
  const granted = state.user.get(name)?.passwordId === passwordId ? grantedTo(state, name) : undefined;
  if (granted === undefined) return undefined;
  const { read, write } = rightsOn(granted, desktop);
  const grants = write ? grant('write') : read ? grant('read') : [];
  return { name, owner: false, grants, limit };
}

/** Whether the user who made a ticket may still let others in. */
function isIssued(state: FleetState, ticket: FleetTicket, desktop: Desktop): boolean {
  const { issuer, issuerPasswordId, issuerToken } = ticket;
  if (ticket.desktopMadeMs !== desktop.createdMs) return false;
  if (state.user.get(issuer)?.passwordId !== issuerPasswordId) return false;
  const granted = issuerToken === undefined ? grantedTo(state, issuer) : grantedByToken(state, issuerToken);
  return granted !== undefined && rightsOn(granted, desktop).owner;
}

/**
 * Names all that a caller's login depends on, as the desktop is told: sessions, passwords, tokens and tickets. The login
 * ends with the first of them.
 */
export function loginIds(state: FleetState, { name, pass }: Pick<Caller, 'name' | 'pass'>): string[] {
  const ref = refOf(pass);
  if (ref === undefined) return [`password ${state.user.get(name)?.passwordId ?? ''}`];
  const own = `${ref.by} ${ref.id}`;
  if (ref.by !== 'session') return [own];
  const { login } = ref;
  return [own, login.by === 'password' ? `password ${login.passwordId}` : `ticket ${login.id}`];
}

/** Whether one of the above is still good. */
export function isLoginGood(state: FleetState, user: string, login: string): boolean {
  const [by, id = ''] = login.split(' ');
  switch (by) {
    case 'password':
      return state.user.get(user)?.passwordId === id;
    case 'token':
      return state.token.has(id);
    case 'ticket':
      return grantedByTicket(state, id) !== undefined;
    default:
      return !hasEnded(state, id);
  }
}
