import { MAX_NAME_LENGTH, MAX_PASSWORD_BYTES } from '../../accounts/account-changes.ts';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Rights, User } from '../../accounts/user.ts';
import { type Call, DONE, defineCall, done, json } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';
import { Type } from '../contract/schema.ts';

/** Entries of a bulk call. More of them keep the hashing thread busy longer; fewer need more calls. */
const MAX_USERS_PER_CALL = 1000;

/**
 * Time limit of a change. 1,000 new passwords take half a minute of hashing with argon2id, seven minutes with the
 * scrypt of older versions of Node, and a change may wait for one such call. With a larger limit a caller waits longer
 * for a disk that hangs; a smaller one stops bulk calls that would have succeeded.
 */
const CHANGE_LIMIT_MS = 15 * 60_000;

const name = Type.String({
  minLength: 1,
  maxLength: MAX_NAME_LENGTH,
  description: 'User name: no colon, no control characters',
});
const password = Type.String({
  minLength: 1,
  maxLength: MAX_PASSWORD_BYTES,
  description: `1 to ${MAX_PASSWORD_BYTES} bytes`,
});
const rights = {
  read: Type.Optional(Type.Boolean({ description: 'May see the desktop' })),
  write: Type.Optional(Type.Boolean({ description: 'May control mouse and keyboard; implies `read`' })),
  owner: Type.Optional(Type.Boolean({ description: 'May call this API' })),
};

const NewUser = Type.Object({ name, password, ...rights });
const NewUserEntry = Type.Object({ user: name, password, ...rights });
const ChangedUser = Type.Object({ name, password: Type.Optional(password), ...rights });
const ChangedUserEntry = Type.Object({ user: name, password: Type.Optional(password), ...rights });
const RemovedUser = Type.Object({ name });
const RemovedUserEntry = Type.Object({ user: name });
const NoParameters = Type.Object({});

const ListedUser = Type.Object({
  user: name,
  read: Type.Boolean(),
  write: Type.Boolean(),
  owner: Type.Boolean(),
});

const WHOLE = 'All or nothing: if one entry is refused, none is applied.';
const bulk = { minItems: 0, maxItems: MAX_USERS_PER_CALL };

/** The calls that list and change users: one by GET, many by POST. The accounts check names and passwords. */
export function userCalls(accounts: Accounts): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/create_user',
      scope: 'users',
      summary: 'Add a user',
      description: 'Refused if the name exists.',
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      parameters: NewUser,
      answers: DONE,
      handle: async ({ parameters, signal, user: caller }) => {
        const { name, password } = parameters;
        const change = {
          kind: 'create',
          name,
          password,
          rights: rightsOf(parameters),
          overwrite: false,
        } as const;
        await accounts.apply([change], signal, caller);
        return done();
      },
    }),
    defineCall({
      method: 'POST',
      path: '/create_user',
      scope: 'users',
      summary: 'Add or overwrite many users',
      description: WHOLE,
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      parameters: Type.Object({
        overwrite: Type.Boolean({
          default: true,
          description: 'Whether users that exist are overwritten. Otherwise they are refused',
        }),
      }),
      body: Type.Array(NewUserEntry, bulk),
      answers: DONE,
      handle: async ({ body, parameters: { overwrite }, signal, user: caller }) => {
        const changes = body.map(({ user, password, ...entry }) => {
          return { kind: 'create', name: user, password, rights: rightsOf(entry), overwrite } as const;
        });
        await accounts.apply(changes, signal, caller);
        return done();
      },
    }),
    defineCall({
      method: 'GET',
      path: '/update_user',
      scope: 'users',
      summary: 'Change a user',
      description: 'Fields that are not given stay as they are. A call that gives none is refused.',
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      parameters: ChangedUser,
      answers: DONE,
      handle: async ({ parameters, signal, user: caller }) => {
        const { name, password } = parameters;
        const given = rightsOf(parameters);
        if (password === undefined && Object.keys(given).length === 0) {
          throw apiProblem('API_NOTHING_TO_CHANGE', 'Give at least one of password, read, write and owner.');
        }
        await accounts.apply([{ kind: 'update', name, password, rights: given }], signal, caller);
        return done();
      },
    }),
    defineCall({
      method: 'POST',
      path: '/update_user',
      scope: 'users',
      summary: 'Change many users',
      description: `Fields that are absent stay as they are. ${WHOLE}`,
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      parameters: NoParameters,
      body: Type.Array(ChangedUserEntry, bulk),
      answers: DONE,
      handle: async ({ body, signal, user: caller }) => {
        const changes = body.map(({ user, password, ...entry }) => {
          return { kind: 'update', name: user, password, rights: rightsOf(entry) } as const;
        });
        await accounts.apply(changes, signal, caller);
        return done();
      },
    }),
    defineCall({
      method: 'GET',
      path: '/remove_user',
      scope: 'users',
      summary: 'Remove a user',
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      parameters: RemovedUser,
      answers: DONE,
      handle: async ({ parameters, signal, user: caller }) => {
        await accounts.apply([{ kind: 'remove', name: parameters.name }], signal, caller);
        return done();
      },
    }),
    defineCall({
      method: 'POST',
      path: '/remove_user',
      scope: 'users',
      summary: 'Remove many users',
      description: WHOLE,
      changes: true,
      limitMs: CHANGE_LIMIT_MS,
      parameters: NoParameters,
      body: Type.Array(RemovedUserEntry, bulk),
      answers: DONE,
      handle: async ({ body, signal, user: caller }) => {
        await accounts.apply(
          body.map(({ user }) => ({ kind: 'remove', name: user }) as const),
          signal,
          caller,
        );
        return done();
      },
    }),
    defineCall({
      method: 'GET',
      path: '/get_users',
      scope: 'users',
      summary: 'List the users',
      changes: false,
      parameters: NoParameters,
      answers: {
        200: { description: 'Every user', content: { 'application/json': Type.Array(ListedUser) } },
      },
      handle: () => json(accounts.list().map(listed)),
    }),
  ];
}

/** The rights that a call gives, without those that it leaves out. */
function rightsOf(given: Partial<Rights>): Partial<Rights> {
  const { read, write, owner } = given;
  return {
    ...(read !== undefined && { read }),
    ...(write !== undefined && { write }),
    ...(owner !== undefined && { owner }),
  };
}

const listed = ({ name, read, write, owner }: User) => ({ user: name, read, write, owner });
