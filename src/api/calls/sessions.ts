import type { Session } from '../../session/session.ts';
import { type Call, defineCall, json } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';
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

/** The call that lists the viewers' connections. */
export function sessionCalls(session: Session): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/get_sessions',
      scope: 'viewers',
      summary: 'List the connections of the viewers',
      description: 'One entry for each connection. A user with two tabs is listed twice.',
      changes: false,
      parameters: Type.Object({}),
      answers: {
        200: { description: 'Connections, newest first', content: { 'application/json': Sessions } },
      },
      handle: () => {
        // The session lists the oldest connection first.
        const newestFirst = session.connections().toReversed();
        const users = newestFirst.map(({ user, connectedSince }) => {
          return { username: user, connected_since: timestamp(connectedSince) };
        });
        return json({ users });
      },
    }),
  ];
}
