import type { Static } from 'typebox';
import { DEFAULT_TOKEN_LIFE_S, listed, NewToken, timestamps } from '../../api/calls/tokens.ts';
import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import type { FleetTokens } from '../logins/fleet-tokens.ts';
import type { FleetToken, Limit } from '../store/logins.ts';
import { CONFIRMED, type ConfirmOptions, Confirms, confirmation } from './confirm.ts';
import { checkPlace, labels } from './fields.ts';

const limits = {
  desktop: Type.Optional(
    Type.String({ minLength: 1, maxLength: 40, description: 'The only desktop that it is for' }),
  ),
  labels: Type.Optional(labels),
};
const NewFleetToken = Type.Object({ ...NewToken.properties, ...limits });
const { last_used: _lastUsed, ...kept } = listed;
const ListedToken = Type.Object({ ...kept, ...limits });
const MadeToken = Type.Object({
  token: Type.String({ description: 'What the bearer sends. It is shown only here' }),
  ...ListedToken.properties,
});

/** The calls that make, list and revoke bearer tokens of a fleet. Each user makes own ones. */
export function tokenCalls(tokens: FleetTokens, options: ConfirmOptions): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/tokens',
      scope: 'admin',
      summary: "List the caller's valid tokens; for an admin, those of all users",
      changes: false,
      parameters: Type.Object({}),
      answers: {
        200: { description: 'Oldest first', content: { 'application/json': Type.Array(ListedToken) } },
      },
      handle: ({ user }) => json(tokens.listFor(user).map(shown)),
    }),
    defineCall({
      method: 'POST',
      path: '/tokens',
      scope: 'admin',
      summary: 'Make a bearer token',
      description:
        'It is for the API of the fleet and below `/d/NAME/`, for all desktops of its user, for one, or for those with all of some labels.',
      changes: true,
      parameters: Type.Object({}),
      body: NewFleetToken,
      answers: { 200: { description: 'The token', content: { 'application/json': MadeToken } } },
      handle: async ({ body, user: caller }) => {
        const { name, scopes, expires_s: expiresS = DEFAULT_TOKEN_LIFE_S, user } = body;
        const made = await tokens.create({ name, user, scopes, limit: limitOf(body), expiresS }, caller);
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
      parameters: Confirms,
      answers: { 200: CONFIRMED, 204: { description: 'The token is not valid any more' } },
      handle: async ({ place, parameters, user, signal }) => {
        await tokens.revoke(place.id, user);
        return confirmation(options, parameters, signal, { status: 204 });
      },
    }),
  ];
}

function limitOf({ desktop, labels: given }: Static<typeof NewFleetToken>): Limit | undefined {
  if (desktop === undefined && given === undefined) return undefined;
  const limit = { ...(desktop !== undefined && { desktop }), ...(given && { labels: given }) };
  checkPlace(limit);
  return limit;
}

const shown = ({ id, name, user, scopes, limit = {}, createdMs, expiresMs }: FleetToken) => ({
  ...{ id, name, user, scopes, ...limit },
  ...timestamps({ createdMs, expiresMs }),
});
