import type { Revocation } from '../../http/login/edge-revocations.ts';
import { grantedByTicket } from '../logins/fleet-pass.ts';
import { newLogouts } from '../logins/logouts.ts';
import type { Desktop, FleetState } from '../store/fleet-state.ts';
import { concerns, concernsRights, grantedTo, isSameRights, NO_RIGHTS, rightsOn } from '../store/rights.ts';

/**
 * Users or logins that a desktop is told by name. With more, it refuses all that edges have found out before, and the
 * host looks at each of those who are there.
 */
export const MOST_TOLD = 1000;

/** What has changed between two states, for all desktops. */
export interface ChangedLogins {
  readonly version: number;
  /** Users whose grants have changed, or all of whose sessions have ended. */
  readonly users: ReadonlySet<string>;
  /** Those of them all of whose sessions have ended. */
  readonly loggedOut: ReadonlySet<string>;
  /** Logins that have ended, as assertions name them. */
  readonly logins: readonly string[];
}

export function changedLogins(before: FleetState, after: FleetState): ChangedLogins {
  const users = new Set<string>();
  const logins: string[] = [];
  const isOfRights = concernsRights(before, after);
  for (const [name, was] of before.user === after.user ? [] : before.user) {
    const is = after.user.get(name);
    if (is === was) continue;
    users.add(name);
    if (is?.passwordId !== was.passwordId) logins.push(`password ${was.passwordId}`);
  }
  for (const name of changedGroups(before, after))
    for (const state of [before, after])
      for (const user of state.user.values()) if (user.groups?.includes(name)) users.add(user.name);
  if (before.token !== after.token)
    for (const id of before.token.keys()) if (!after.token.has(id)) logins.push(`token ${id}`);
  for (const [id, { desktop }] of before.ticket)
    if (isOfRights || before.desktop.get(desktop)?.labels !== after.desktop.get(desktop)?.labels)
      if (grantedByTicket(before, id) !== undefined && grantedByTicket(after, id) === undefined)
        logins.push(`ticket ${id}`);
  const { sessions, everyoneOf } = newLogouts(before, after);
  for (const name of everyoneOf) users.add(name);
  const ended = [...logins, ...sessions.map((id) => `session ${id}`)];
  return { version: after.version, users, loggedOut: new Set(everyoneOf), logins: ended };
}

/** What one desktop is told of a change. Undefined if it need not be told. */
export function revocationFor(
  { name }: Pick<Desktop, 'name'>,
  { version, users, loggedOut, logins }: ChangedLogins,
  before: FleetState,
  after: FleetState,
): Revocation | undefined {
  const [was, is] = [before.desktop.get(name), after.desktop.get(name)];
  if (was === undefined || is === undefined) return undefined;
  const isRelabelled = was.labels !== is.labels && String(was.labels) !== String(is.labels);
  const changed: Revocation['users'][number][] = [];
  for (const user of isRelabelled ? before.user.keys() : users) {
    const had = rightsIn(before, user, was);
    const has = loggedOut.has(user) ? NO_RIGHTS : rightsIn(after, user, is);
    // Someone who could not see it is not there.
    if (had.read && !isSameRights(had, has)) changed.push({ name: user, ...has });
  }
  const ended = isRelabelled ? [...logins, ...tokensLeftOut(after, was, is)] : logins;
  if (changed.length > MOST_TOLD || ended.length > MOST_TOLD)
    return { version, users: [], logins: [], all: true };
  return changed.length + ended.length === 0 ? undefined : { version, users: changed, logins: ended };
}

/** One revocation that says what two say. */
export function merged(one: Revocation | undefined, other: Revocation): Revocation {
  if (one === undefined) return other;
  const users = new Map([...one.users, ...other.users].map((user) => [user.name, user]));
  const logins = new Set([...one.logins, ...other.logins]);
  const isTooMuch = users.size > MOST_TOLD || logins.size > MOST_TOLD;
  return {
    version: Math.max(one.version, other.version),
    users: isTooMuch ? [] : [...users.values()],
    logins: isTooMuch ? [] : [...logins],
    all: isTooMuch || one.all === true || other.all === true,
    everyone: one.everyone === true || other.everyone === true,
  };
}

const rightsIn = (state: FleetState, user: string, desktop: Desktop) => {
  const granted = grantedTo(state, user);
  return granted === undefined ? NO_RIGHTS : rightsOn(granted, desktop);
};

function changedGroups({ group: before }: FleetState, { group: after }: FleetState): string[] {
  if (before === after) return [];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name));
}

/** Tokens that were for a desktop until it got other labels. */
const tokensLeftOut = ({ token }: FleetState, was: Desktop, is: Desktop): string[] =>
  [...token.values()]
    .filter(({ limit }) => limit !== undefined && concerns(limit, was) && !concerns(limit, is))
    .map(({ id }) => `token ${id}`);
