import { MAX_NAME_LENGTH, MAX_PASSWORD_BYTES } from '../../accounts/account-changes.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Caller } from '../../accounts/pass.ts';
import type { StoredUser } from '../../accounts/store-state.ts';
import type { User, UserChange } from '../../accounts/user.ts';
import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { apiProblem } from '../../api/contract/errors.ts';
import { Type } from '../../api/contract/schema.ts';
import { fleetProblem } from '../store/errors.ts';
import { MAX_CHANGES } from '../store/store.ts';
import { callerIn, requireAdmin } from './callers.ts';
import { CONFIRMED, type ConfirmOptions, Confirms, confirmation } from './confirm.ts';
import { checkedGrants, Grants, GroupNames } from './fields.ts';

/** As for the calls of a desktop's users: 1,000 passwords are hashed in half a minute, or in some minutes. */
const CHANGE_LIMIT_MS = 15 * 60_000;

const NoParameters = Type.Object({});
const user = Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: 'User name' });
const password = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_BYTES });
const admin = Type.Boolean({ description: 'May do everything, with all desktops, users and templates' });

const UserPlace = Type.Object({ user });
const given = {
  admin: Type.Optional(admin),
  grants: Type.Optional(Grants),
  groups: Type.Optional(GroupNames),
};
const NewUser = Type.Object({ user, password, ...given });
const ChangedUser = Type.Object({ password: Type.Optional(password), ...given });
const ShownUser = Type.Object({ user, admin, grants: Grants, groups: GroupNames });

/** The calls for the users of a fleet. Only admins may make them. */
export function userCalls(options: ConfirmOptions, accounts: Accounts): Call[] {
  const { store } = options;
  const common = { scope: 'users', parameters: NoParameters } as const;
  const change = { scope: 'users', parameters: Confirms, changes: true, limitMs: CHANGE_LIMIT_MS } as const;
  const place = { path: '/users/{user}', place: UserPlace } as const;
  const apply = (changes: readonly UserChange[], caller: Caller, signal: AbortSignal): Promise<void> => {
    requireGroups(changes);
    return accounts.apply(changes, signal, askerOf(caller));
  };
  /** The caller as the accounts know the user, whatever the login. Throws a Problem. */
  const askerOf = (caller: Caller): User => {
    requireAdmin(store.state, caller);
    return accounts.get(caller.name) ?? caller;
  };
  const requireGroups = (changes: readonly UserChange[]): void => {
    for (const one of changes)
      for (const group of (one.kind !== 'remove' && one.groups) || [])
        if (!store.state.group.has(group)) throw fleetProblem('FLEET_NO_SUCH_GROUP', `There is no ${group}.`);
  };
  return [
    defineCall({
      ...common,
      scope: 'any',
      method: 'GET',
      path: '/me',
      summary: 'The user who calls',
      description: 'With the grants of groups, as far as the login leaves them.',
      changes: false,
      answers: { 200: { description: 'The user', content: { 'application/json': ShownUser } } },
      handle: ({ user: caller }) => {
        const { name, owner, grants } = callerIn(store.state, caller);
        const groups = store.state.user.get(name)?.groups ?? [];
        return json({ user: name, admin: owner, grants, groups });
      },
    }),
    defineCall({
      ...common,
      method: 'GET',
      path: '/users',
      summary: 'The users of the fleet',
      changes: false,
      answers: { 200: { description: 'A list', content: { 'application/json': Type.Array(ShownUser) } } },
      handle: ({ user: caller }) => {
        requireAdmin(store.state, caller);
        return json([...store.state.user.values()].map(shown));
      },
    }),
    defineCall({
      ...change,
      method: 'POST',
      path: '/users',
      summary: 'Add or overwrite users',
      description: 'All or nothing: if one entry is refused, none is applied.',
      body: Type.Array(NewUser, { minItems: 0, maxItems: MAX_CHANGES }),
      answers: { 200: CONFIRMED, 204: { description: 'All of them are users now' } },
      handle: async ({ body, parameters, user: caller, signal }) => {
        const changes = body.map(({ user: name, password, admin: owner = false, grants = [], groups }) => {
          const rights = { read: true, write: false, owner };
          const more = { grants: checkedGrants(grants), groups, overwrite: true };
          return { kind: 'create', name, password, rights, ...more } as const;
        });
        await apply(changes, caller, signal);
        return confirmation(options, parameters, signal, { status: 204 });
      },
    }),
    defineCall({
      ...change,
      ...place,
      method: 'PATCH',
      summary: 'Change a user',
      description:
        'Fields that are not given stay as they are. Grants and groups replace all that the user has.',
      body: ChangedUser,
      answers: { 200: { description: 'The user', content: { 'application/json': ShownUser } } },
      handle: async ({ place: { user: name }, body, parameters, user: caller, signal }) => {
        requireAdmin(store.state, caller);
        const { password, admin: owner, grants, groups } = body;
        if (Object.keys(body).length === 0) throw apiProblem('API_NOTHING_TO_CHANGE');
        const rights = owner === undefined ? {} : { owner };
        const more = { rights, grants: grants && checkedGrants(grants), groups };
        await apply([{ kind: 'update', name, password, ...more }], caller, signal);
        const changed = store.state.user.get(name);
        const answer = changed === undefined ? { status: 204 } : json(shown(changed));
        return confirmation(options, parameters, signal, answer);
      },
    }),
    defineCall({
      ...change,
      ...place,
      method: 'DELETE',
      summary: 'Remove a user',
      description: 'Does nothing if there is no such user.',
      answers: { 200: CONFIRMED, 204: { description: 'There is no such user any more' } },
      handle: async ({ place: { user: name }, parameters, user: caller, signal }) => {
        requireAdmin(store.state, caller);
        if (store.state.user.has(name)) await apply([{ kind: 'remove', name }], caller, signal);
        return confirmation(options, parameters, signal, { status: 204 });
      },
    }),
  ];
}

const shown = ({ name, owner, grants = [], groups = [] }: StoredUser) => ({
  ...{ user: name, admin: owner, grants, groups },
});
