import { type Call, defineCall } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import { FLEET_EVENT_TYPES } from '../events/fleet-event.ts';
import type { FleetEvents } from '../events/fleet-events.ts';

/** Characters of an id. Longer ones are of no event. */
const MAX_ID_LENGTH = 64;

const EVENT_STREAM = 'text/event-stream';

/** nginx would collect some kilobytes before it passes them on. */
const HEADERS = { 'X-Accel-Buffering': 'no' };

const TYPES = Object.entries(FLEET_EVENT_TYPES).map(([type, meaning]) => `- \`${type}\`: ${meaning}`);

/** The call that sends what happens in a fleet, as far as the caller may know of it. */
export function eventCalls(events: FleetEvents): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/events',
      scope: 'events',
      summary: 'Events as they happen, as Server-Sent Events',
      description: [
        'The answer does not end before the login does. The data of each event is a JSON object with `id`, `type`,',
        '`at`, `version` and more. After a `Last-Event-ID`, of whichever edge, what follows it comes first.',
        '',
        ...TYPES,
        '- `hello`: The stream has begun.',
        '- `missed`: Events are not sent, because they are no longer kept.',
      ].join('\n'),
      changes: false,
      parameters: Type.Object({
        last_event_id: Type.Optional(
          Type.String({
            maxLength: MAX_ID_LENGTH,
            description: 'As the header `Last-Event-ID`, for callers that cannot set it',
          }),
        ),
      }),
      answers: { 200: { description: 'Events', content: { [EVENT_STREAM]: Type.String() } } },
      handle: ({ user, parameters, lastEventId, isHead }) => {
        const answer = { status: 200, type: EVENT_STREAM, headers: HEADERS };
        if (isHead) return answer;
        return { ...answer, stream: events.open(user, lastEventId ?? parameters.last_event_id) };
      },
    }),
  ];
}
