import { MAX_NAME_LENGTH } from '../../accounts/account-changes.ts';
import type { StoredUser } from '../../accounts/store-state.ts';
import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { apiProblem } from '../../api/contract/errors.ts';
import { Type } from '../../api/contract/schema.ts';
import { fleetProblem } from '../store/errors.ts';
import type { FleetChange, FleetState } from '../store/fleet-state.ts';
import { changedState } from '../store/fleet-state.ts';
import type { FleetGroup } from '../store/group.ts';
import { hasAdmin } from '../store/rights.ts';
import { MAX_CHANGES } from '../store/store.ts';
import { requireAdmin } from './callers.ts';
import { CONFIRMED, type ConfirmOptions, Confirms, confirmation } from './confirm.ts';
import { checkedGrants, checkName, Grants, MAX_GROUPS } from './fields.ts';

const group = Type.String({
  minLength: 1,
  maxLength: 40,
  description: 'Small letters, digits and hyphens between them',
});
const admin = Type.Boolean({ description: 'Its members may do everything' });
const NewGroup = Type.Object({ group, admin: Type.Optional(admin), grants: Type.Optional(Grants) });
const ChangedGroup = Type.Object({ admin: Type.Optional(admin), grants: Type.Optional(Grants) });
const ShownGroup = Type.Object({
  ...{ group, admin, grants: Grants },
  members: Type.Integer({ description: 'How many users are in it' }),
});
const Member = Type.Object({ user: Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH }) });
const Members = Type.Array(Member, { maxItems: MAX_CHANGES });

/** The calls for groups, whose members have their grants. Only admins may make them. */
export function groupCalls(options: ConfirmOptions): Call[] {
  const { store } = options;
  const place = { place: Type.Object({ group }) } as const;
  const change = { scope: 'users', parameters: Confirms, changes: true } as const;
  const read = { scope: 'users', parameters: Type.Object({}), changes: false } as const;
  const done = { 200: CONFIRMED, 204: { description: 'It is so now' } } as const;
  const members = (verb: 'members' | 'remove_members', summary: string, next: Membership): Call =>
    defineCall({
      ...change,
      ...place,
      method: 'POST',
      path: `/groups/{group}/${verb}`,
      summary,
      description: 'All or nothing. Does nothing for those for whom it is so already.',
      body: Members,
      answers: done,
      handle: async ({ place: { group: name }, body, parameters, user, signal }) => {
        await store.transact((state) => {
          requireAdmin(state, user);
          if (!state.group.has(name)) throw fleetProblem('FLEET_NO_SUCH_GROUP');
          return keepingAdmin(
            state,
            changedMembers(
              state,
              name,
              body.map((member) => member.user),
              next,
            ),
          );
        });
        return confirmation(options, parameters, signal, { status: 204 });
      },
    });
  return [
    defineCall({
      ...read,
      method: 'GET',
      path: '/groups',
      summary: 'The groups',
      answers: { 200: { description: 'A list', content: { 'application/json': Type.Array(ShownGroup) } } },
      handle: ({ user }) => {
        requireAdmin(store.state, user);
        return json(shownGroups(store.state, [...store.state.group.values()]));
      },
    }),
    defineCall({
      ...read,
      ...place,
      method: 'GET',
      path: '/groups/{group}/members',
      summary: 'The users in a group',
      answers: { 200: { description: 'A list', content: { 'application/json': Members } } },
      handle: ({ place: { group: name }, user }) => {
        requireAdmin(store.state, user);
        if (!store.state.group.has(name)) throw fleetProblem('FLEET_NO_SUCH_GROUP');
        return json(membersOf(store.state, name).map((member) => ({ user: member.name })));
      },
    }),
    defineCall({
      ...change,
      method: 'POST',
      path: '/groups',
      summary: 'Add or overwrite groups',
      description: 'All or nothing. Members stay in a group that is overwritten.',
      body: Type.Array(NewGroup, { minItems: 0, maxItems: MAX_CHANGES }),
      answers: done,
      handle: async ({ body, parameters, user, signal }) => {
        const changes = body.map(({ group: name, admin = false, grants = [] }): FleetChange => {
          checkName(name);
          return { kind: 'group', name, value: { name, admin, grants: checkedGrants(grants) } };
        });
        await store.transact((state) => {
          requireAdmin(state, user);
          return keepingAdmin(state, changes);
        });
        return confirmation(options, parameters, signal, { status: 204 });
      },
    }),
    defineCall({
      ...change,
      ...place,
      method: 'PATCH',
      path: '/groups/{group}',
      summary: 'Change a group',
      description: 'Fields that are not given stay as they are. Grants replace all that it has.',
      body: ChangedGroup,
      answers: { 200: { description: 'The group', content: { 'application/json': ShownGroup } } },
      handle: async ({ place: { group: name }, body, parameters, user, signal }) => {
        if (Object.keys(body).length === 0) throw apiProblem('API_NOTHING_TO_CHANGE');
        const given = { ...body, ...(body.grants && { grants: checkedGrants(body.grants) }) };
        const after = await store.transact((state) => {
          requireAdmin(state, user);
          const before = state.group.get(name);
          if (before === undefined) throw fleetProblem('FLEET_NO_SUCH_GROUP');
          return keepingAdmin(state, [{ kind: 'group', name, value: { ...before, ...given } }]);
        });
        const [shown] = shownGroups(after, [after.group.get(name)!]);
        return confirmation(options, parameters, signal, json(shown));
      },
    }),
    defineCall({
      ...change,
      ...place,
      method: 'DELETE',
      path: '/groups/{group}',
      summary: 'Remove a group',
      description: 'Its members are in it no more. Does nothing if there is no such group.',
      answers: done,
      handle: async ({ place: { group: name }, parameters, user, signal }) => {
        await store.transact((state) => {
          requireAdmin(state, user);
          if (!state.group.has(name)) return [];
          const names = membersOf(state, name).map((member) => member.name);
          if (names.length >= MAX_CHANGES) throw fleetProblem('FLEET_GROUP_IN_USE');
          const left = changedMembers(state, name, names, without);
          return keepingAdmin(state, [...left, { kind: 'group', name, value: undefined }]);
        });
        return confirmation(options, parameters, signal, { status: 204 });
      },
    }),
    members('members', 'Add users to a group', (groups, name) =>
      groups.includes(name) ? groups : [...groups, name],
    ),
    members('remove_members', 'Take users out of a group', (groups, name) => without(groups, name)),
  ];
}

type Membership = (groups: readonly string[], group: string) => readonly string[];

const without: Membership = (groups, name) =>
  groups.includes(name) ? groups.filter((one) => one !== name) : groups;

const isIn = ({ groups }: StoredUser, group: string): boolean => groups?.includes(group) === true;

const membersOf = ({ user }: FleetState, group: string): StoredUser[] =>
  [...user.values()].filter((one) => isIn(one, group));

function changedMembers(
  state: FleetState,
  group: string,
  names: readonly string[],
  next: Membership,
): FleetChange[] {
  return [...new Set(names)].flatMap((name): FleetChange[] => {
    const user = state.user.get(name);
    if (user === undefined) throw fleetProblem('FLEET_NO_SUCH_USER', `There is no user ${name}.`);
    const { groups = [] } = user;
    const after = next(groups, group);
    if (after.length > MAX_GROUPS)
      throw fleetProblem('FLEET_TOO_MANY_GROUPS', `${name} is in ${MAX_GROUPS} groups already.`);
    return after === groups ? [] : [{ kind: 'user', name, value: { ...user, groups: after } }];
  });
}

/** Throws FLEET_LAST_ADMIN if nobody would be an admin after the changes. */
function keepingAdmin(state: FleetState, changes: readonly FleetChange[]): readonly FleetChange[] {
  if (hasAdmin(state) && !hasAdmin(changedState(state, changes, state.version)))
    throw fleetProblem('FLEET_LAST_ADMIN');
  return changes;
}

function shownGroups(state: FleetState, groups: readonly FleetGroup[]) {
  const counts = new Map<string, number>();
  for (const { groups: names = [] } of state.user.values())
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return groups.map(({ name, admin, grants }) => ({
    ...{ group: name, admin, grants, members: counts.get(name) ?? 0 },
  }));
}
