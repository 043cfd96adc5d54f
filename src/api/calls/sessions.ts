import { Type } from 'typebox';
import type { Connection, Session } from '../../session/session.ts';
import { type Call, defineCall, json } from '../contract/call.ts';
import { timestamp } from './timestamp.ts';

const Sessions = Type.Object({
  users: Type.Array(
    Type.Object({
      username: Type.String(),
      connected_since: Type.String({
        description: '`YYYY-MM-DD HH:MM:SS`, UTC',
        pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$',
      }),
    }),
  ),
});

/** Who is connected. */
export function sessionCalls(session: Session): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/get_sessions',
      summary: 'Who is connected now',
      description: 'Each user once, with the start of the oldest connection that is still there.',
      changes: false,
      parameters: Type.Object({}),
      answers: {
        200: { description: 'Users, longest connected first', content: { 'application/json': Sessions } },
      },
      handle: () => json({ users: usersOf(session.connections()) }),
    }),
  ];
}

/** Connections come oldest first, so a user's first one counts. */
function usersOf(connections: readonly Connection[]): { username: string; connected_since: string }[] {
  const since = new Map<string, Date>();
  for (const { user, connectedSince } of connections) if (!since.has(user)) since.set(user, connectedSince);
  return [...since].map(([username, date]) => ({ username, connected_since: timestamp(date) }));
}
