import type { FleetChange, FleetState } from '../store/fleet-state.ts';
import type { Logouts } from '../store/logins.ts';
import type { SessionRef } from './refs.ts';

/**
 * Sessions of one user that are kept as logged out. With more, all sessions of that user end. A larger number takes 30
 * bytes of the store each; a smaller one logs out people who share a login.
 */
export const MOST_LOGOUTS = 256;

/** Entries of users and tickets that are gone which one log-out removes. A larger number makes it slower. */
const ORPHANS_A_TIME = 100;

const TICKET = 'ticket:';
const NONE: Logouts = { upTo: -1, sessions: [] };

/** Names the entry in which the log-outs of a session are kept. No user's name has a colon. */
const logoutKey = ({ user, login }: SessionRef): string =>
  login.by === 'ticket' ? `${TICKET}${login.id}` : user;

/** Whether a session was logged out at some edge. */
export function hasLoggedOut(state: FleetState, session: SessionRef): boolean {
  const logouts = state.logout.get(logoutKey(session));
  if (logouts === undefined) return false;
  return session.began <= logouts.upTo || logouts.sessions.some(([id]) => id === session.id);
}

/** Whether the session of this id was logged out, as far as single ones are kept. */
export function hasEnded({ logout }: FleetState, session: string): boolean {
  for (const { sessions } of logout.values()) if (sessions.some(([id]) => id === session)) return true;
  return false;
}

/** The changes that log a session out, which would have ended at `expiresMs` anyway. */
export function logOut(state: FleetState, session: SessionRef, expiresMs: number): FleetChange[] {
  if (hasLoggedOut(state, session)) return [];
  const name = logoutKey(session);
  const { upTo, sessions } = state.logout.get(name) ?? NONE;
  const kept = sessions.filter(([, untilMs]) => untilMs > Date.now());
  const value =
    kept.length < MOST_LOGOUTS
      ? { upTo, sessions: [...kept, [session.id, expiresMs] as const] }
      : { upTo: state.version, sessions: [] };
  return [...orphans(state), { kind: 'logout', name, value }];
}

/** Removes entries whose user or ticket is gone. Only then can there be more entries than of those. */
function orphans({ user, ticket, logout }: FleetState): FleetChange[] {
  if (logout.size <= user.size) return [];
  const changes: FleetChange[] = [];
  for (const name of logout.keys()) {
    const isNeeded = name.startsWith(TICKET) ? ticket.has(name.slice(TICKET.length)) : user.has(name);
    if (!isNeeded) changes.push({ kind: 'logout', name, value: undefined });
    if (changes.length >= ORPHANS_A_TIME) break;
  }
  return changes;
}

/** Sessions that were logged out between two states, and the users all of whose sessions were. */
export function newLogouts(
  { logout: before }: FleetState,
  { logout: after, ticket: tickets }: FleetState,
): { readonly sessions: readonly string[]; readonly everyoneOf: readonly string[] } {
  const sessions: string[] = [];
  const everyoneOf: string[] = [];
  if (before === after) return { sessions, everyoneOf };
  for (const [name, is] of after) {
    const was = before.get(name) ?? NONE;
    if (is === was) continue;
    const known = new Set(was.sessions.map(([id]) => id));
    for (const [id] of is.sessions) if (!known.has(id)) sessions.push(id);
    if (is.upTo > was.upTo) everyoneOf.push(userOf(name, tickets));
  }
  return { sessions, everyoneOf };
}

/** The user of an entry, as desktops know the user. */
function userOf(name: string, tickets: FleetState['ticket']): string {
  if (!name.startsWith(TICKET)) return name;
  const holder = tickets.get(name.slice(TICKET.length))?.holder;
  return holder === undefined ? '' : holder.kind === 'guest' ? `guest:${holder.name}` : holder.name;
}
