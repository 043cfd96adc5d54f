import { MAX_NAME_LENGTH, MAX_PASSWORD_BYTES } from '../../accounts/account-changes.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { StoredUser } from '../../accounts/store-state.ts';
import type { Grant } from '../../accounts/user.ts';
import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { apiProblem } from '../../api/contract/errors.ts';
import { Type } from '../../api/contract/schema.ts';
import { fleetProblem } from '../store/errors.ts';
import { type FleetStore, MAX_CHANGES } from '../store/store.ts';
import { callerIn, requireAdmin } from './callers.ts';
import { checkLabels, Grants } from './fields.ts';

/** As for the calls of a desktop's users: 1,000 passwords are hashed in half a minute, or in some minutes. */
const CHANGE_LIMIT_MS = 15 * 60_000;

const NoParameters = Type.Object({});
const user = Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: 'User name' });
const password = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_BYTES });
const admin = Type.Boolean({ description: 'May do everything, with all desktops, users and templates' });

const UserPlace = Type.Object({ user });
const given = { admin: Type.Optional(admin), grants: Type.Optional(Grants) };
const NewUser = Type.Object({ user, password, ...given });
const ChangedUser = Type.Object({ password: Type.Optional(password), ...given });
const ShownUser = Type.Object({ user, admin, grants: Grants });

/** The calls for the users of a fleet. Only admins may make them. */
export function userCalls(store: FleetStore, accounts: Accounts): Call[] {
  const common = { scope: 'any', parameters: NoParameters } as const;
  const one = { ...common, path: '/users/{user}', place: UserPlace } as const;
  return [
    defineCall({
      ...common,
      method: 'GET',
      path: '/me',
      summary: 'The user who calls',
      changes: false,
      answers: { 200: { description: 'The user', content: { 'application/json': ShownUser } } },
      handle: ({ user: caller }) => json(shown(callerIn(store.state, caller))),
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
      ...common,
      method: 'POST',
      path: '/users',
      summary: 'Add or overwrite users',
      description: 'All or nothing: if one entry is refused, none is applied.',
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      body: Type.Array(NewUser, { minItems: 0, maxItems: MAX_CHANGES }),
      answers: { 204: { description: 'All of them are users now' } },
      handle: async ({ body, user: caller, signal }) => {
        requireAdmin(store.state, caller);
        const changes = body.map(({ user: name, password, admin: owner = false, grants = [] }) => {
          const rights = { read: true, write: false, owner };
          return {
            kind: 'create',
            name,
            password,
            rights,
            grants: checked(grants),
            overwrite: true,
          } as const;
        });
        await accounts.apply(changes, signal, caller);
        return { status: 204 };
      },
    }),
    defineCall({
      ...one,
      method: 'PATCH',
      summary: 'Change a user',
      description: 'Fields that are not given stay as they are. Grants replace all that the user has.',
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      body: ChangedUser,
      answers: { 200: { description: 'The user', content: { 'application/json': ShownUser } } },
      handle: async ({ place: { user: name }, body, user: caller, signal }) => {
        requireAdmin(store.state, caller);
        const { password, admin: owner, grants } = body;
        if (Object.keys(body).length === 0) throw apiProblem('API_NOTHING_TO_CHANGE');
        const rights = owner === undefined ? {} : { owner };
        const change = { kind: 'update', name, password, rights, grants: grants && checked(grants) } as const;
        await accounts.apply([change], signal, caller);
        return json(shown(store.state.user.get(name)!));
      },
    }),
    defineCall({
      ...one,
      method: 'DELETE',
      summary: 'Remove a user',
      description: 'Does nothing if there is no such user.',
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      answers: { 204: { description: 'There is no such user any more' } },
      handle: async ({ place: { user: name }, user: caller, signal }) => {
        requireAdmin(store.state, caller);
        if (store.state.user.has(name)) await accounts.apply([{ kind: 'remove', name }], signal, caller);
        return { status: 204 };
      },
    }),
  ];
}

const shown = ({ name, owner, grants = [] }: StoredUser) => ({ user: name, admin: owner, grants });

/** Throws a Problem unless each grant says clearly for what it is. */
function checked(grants: readonly Grant[]): readonly Grant[] {
  for (const { desktop, labels } of grants) {
    const isForLabels = labels !== undefined && labels.length > 0;
    if ((desktop === undefined) !== isForLabels) throw fleetProblem('FLEET_GRANT_INVALID');
    checkLabels(labels ?? []);
  }
  return grants;
}
