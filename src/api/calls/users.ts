import { Type } from 'typebox';
import type { Accounts } from '../../accounts/accounts.ts';
import { MAX_NAME_LENGTH, MAX_PASSWORD_BYTES } from '../../accounts/rules.ts';
import type { Rights, User } from '../../accounts/user.ts';
import { type Call, defineCall, done, json } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';

const MAX_USERS_PER_CALL = 1000;

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
  write: Type.Optional(Type.Boolean({ description: 'May control mouse and keyboard; brings `read`' })),
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

const DONE = { 200: { description: '`200 OK`', content: { 'text/plain': Type.String() } } };
const WHOLE = 'All or nothing: where one entry is refused, none is applied.';
const bulk = { minItems: 0, maxItems: MAX_USERS_PER_CALL };

/** Users of the desktop: one by GET, many by POST. What a name or password may be, accounts decide. */
export function userCalls(accounts: Accounts): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/create_user',
      summary: 'Add a user',
      description: 'Refused where the name exists.',
      changes: true,
      parameters: NewUser,
      answers: DONE,
      handle: async ({ parameters, brokenOff }) => {
        const { name, password } = parameters;
        const change = {
          kind: 'create',
          name,
          password,
          rights: rightsOf(parameters),
          overwrite: false,
        } as const;
        await accounts.apply([change], brokenOff);
        return done();
      },
    }),
    defineCall({
      method: 'POST',
      path: '/create_user',
      summary: 'Add or overwrite many users',
      description: WHOLE,
      changes: true,
      parameters: NoParameters,
      body: Type.Array(NewUserEntry, bulk),
      answers: DONE,
      handle: async ({ body, brokenOff }) => {
        const changes = body.map(({ user, password, ...entry }) => {
          return { kind: 'create', name: user, password, rights: rightsOf(entry), overwrite: true } as const;
        });
        await accounts.apply(changes, brokenOff);
        return done();
      },
    }),
    defineCall({
      method: 'GET',
      path: '/update_user',
      summary: 'Change a user',
      description: 'What is not given stays as it is. Nothing given is refused.',
      changes: true,
      parameters: ChangedUser,
      answers: DONE,
      handle: async ({ parameters, brokenOff }) => {
        const { name, password } = parameters;
        const given = rightsOf(parameters);
        if (password === undefined && Object.keys(given).length === 0) {
          throw apiProblem('API_NOTHING_TO_CHANGE', 'Give at least one of password, read, write and owner.');
        }
        await accounts.apply([{ kind: 'update', name, password, rights: given }], brokenOff);
        return done();
      },
    }),
    defineCall({
      method: 'POST',
      path: '/update_user',
      summary: 'Change many users',
      description: `What is absent stays as it is. ${WHOLE}`,
      changes: true,
      parameters: NoParameters,
      body: Type.Array(ChangedUserEntry, bulk),
      answers: DONE,
      handle: async ({ body, brokenOff }) => {
        const changes = body.map(({ user, password, ...entry }) => {
          return { kind: 'update', name: user, password, rights: rightsOf(entry) } as const;
        });
        await accounts.apply(changes, brokenOff);
        return done();
      },
    }),
    defineCall({
      method: 'GET',
      path: '/remove_user',
      summary: 'Remove a user',
      changes: true,
      parameters: RemovedUser,
      answers: DONE,
      handle: async ({ parameters, brokenOff }) => {
        await accounts.apply([{ kind: 'remove', name: parameters.name }], brokenOff);
        return done();
      },
    }),
    defineCall({
      method: 'POST',
      path: '/remove_user',
      summary: 'Remove many users',
      description: WHOLE,
      changes: true,
      parameters: NoParameters,
      body: Type.Array(RemovedUserEntry, bulk),
      answers: DONE,
      handle: async ({ body, brokenOff }) => {
        await accounts.apply(
          body.map(({ user }) => ({ kind: 'remove', name: user }) as const),
          brokenOff,
        );
        return done();
      },
    }),
    defineCall({
      method: 'GET',
      path: '/get_users',
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

/** Only the rights that were given. */
function rightsOf(given: Partial<Rights>): Partial<Rights> {
  const { read, write, owner } = given;
  return {
    ...(read !== undefined && { read }),
    ...(write !== undefined && { write }),
    ...(owner !== undefined && { owner }),
  };
}

const listed = ({ name, read, write, owner }: User) => ({ user: name, read, write, owner });
