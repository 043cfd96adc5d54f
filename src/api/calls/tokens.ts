import { MAX_NAME_LENGTH } from '../../accounts/account-changes.ts';
import { MAX_TOKEN_LIFE_S } from '../../accounts/file-tokens.ts';
import { ALL_SCOPES, describeScope } from '../../accounts/scopes.ts';
import { MAX_TOKEN_NAME_LENGTH, type Token } from '../../accounts/token-file.ts';
import type { Tokens } from '../../accounts/tokens.ts';
import { type Call, DONE, defineCall, done, json } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';
import { timestamp } from './timestamp.ts';

/** Life of a token in s if none is given: 90 days. A longer one forgets more tokens that are still valid. */
export const DEFAULT_TOKEN_LIFE_S = 90 * 24 * 60 * 60;

const ID = '^[0-9a-f]{16}$';

const time = (description: string) =>
  Type.String({ description, pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$' });

const scopes = Type.Array(Type.Enum(ALL_SCOPES), {
  minItems: 1,
  maxItems: ALL_SCOPES.length,
  description: ALL_SCOPES.map((scope) => `\`${scope}\`: ${describeScope(scope)}`).join(' '),
});

export const NewToken = Type.Object({
  name: Type.String({
    minLength: 1,
    maxLength: MAX_TOKEN_NAME_LENGTH,
    description: 'For people, to tell tokens apart',
  }),
  scopes,
  expires_s: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_TOKEN_LIFE_S,
      description: `Seconds for which the token is valid. Default: ${DEFAULT_TOKEN_LIFE_S}, 90 days`,
    }),
  ),
  user: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_NAME_LENGTH,
      description: 'Whose rights bound those of the token. Default: the caller',
    }),
  ),
});

export const listed = {
  id: Type.String({ pattern: ID }),
  name: Type.String(),
  user: Type.String(),
  scopes,
  created: time('`YYYY-MM-DD HH:MM:SS`, UTC'),
  expires: time('`YYYY-MM-DD HH:MM:SS`, UTC'),
  last_used: Type.Union([time('`YYYY-MM-DD HH:MM:SS`, UTC'), Type.Null()], {
    description:
      '`null`: never. Servers that share a data folder know of each other’s uses ten minutes later',
  }),
};
const ListedToken = Type.Object(listed);
const MadeToken = Type.Object({
  token: Type.String({ description: 'What the bearer sends. It is shown only here' }),
  ...listed,
});

/** The calls that make, list and revoke bearer tokens. */
export function tokenCalls(tokens: Tokens): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/tokens',
      scope: 'admin',
      summary: 'List the valid tokens of all users',
      changes: false,
      parameters: Type.Object({}),
      answers: {
        200: { description: 'Oldest first', content: { 'application/json': Type.Array(ListedToken) } },
      },
      handle: () => json(tokens.list().map(shown)),
    }),
    defineCall({
      method: 'POST',
      path: '/tokens',
      scope: 'admin',
      summary: 'Make a bearer token',
      description: 'The token never has more than the rights of its user at that moment.',
      changes: true,
      parameters: Type.Object({}),
      body: NewToken,
      answers: { 200: { description: 'The token', content: { 'application/json': MadeToken } } },
      handle: async ({ body, user, signal }) => {
        const { name, scopes, expires_s: expiresS = DEFAULT_TOKEN_LIFE_S, user: of = user.name } = body;
        const made = await tokens.create({ name, user: of, scopes, expiresS }, user, signal);
        return json({ token: made.text, ...shown(made.token) });
      },
    }),
    defineCall({
      method: 'DELETE',
      path: '/tokens/{id}',
      scope: 'admin',
      place: Type.Object({ id: Type.String({ description: 'As `GET /api/tokens` lists it' }) }),
      summary: 'Revoke a token',
      description: 'Ends its calls and its viewers, and the tickets that were made with it.',
      changes: true,
      parameters: Type.Object({}),
      answers: DONE,
      handle: async ({ place, user, signal }) => {
        await tokens.revoke(place.id, user, signal);
        return done();
      },
    }),
  ];
}

function shown({ id, name, user, scopes, usedMs, ...times }: Token) {
  const lastUsed = usedMs ? timestamp(new Date(usedMs)) : null;
  return { id, name, user, scopes, ...timestamps(times), last_used: lastUsed };
}

/** The times of a token as the API shows them. */
export const timestamps = ({ createdMs, expiresMs }: Pick<Token, 'createdMs' | 'expiresMs'>) => ({
  created: timestamp(new Date(createdMs)),
  expires: timestamp(new Date(expiresMs)),
});
