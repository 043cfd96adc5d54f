import { EVENT_TYPES } from '../../events/event.ts';
import { type Call, defineCall } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';
import type { EventReaders } from '../events/event-readers.ts';

/** Characters of an id. Longer ones are of no event. */
const MAX_ID_LENGTH = 64;

const EVENT_STREAM = 'text/event-stream';

/** nginx would collect some kilobytes before it passes them on. */
const HEADERS = { 'X-Accel-Buffering': 'no' };

const TYPES = Object.entries(EVENT_TYPES).map(([type, meaning]) => `- \`${type}\`: ${meaning}`);

/** The call that sends events as they happen. */
export function eventCalls(readers: EventReaders): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/events',
      scope: 'events',
      summary: 'Events as they happen, as Server-Sent Events',
      description: [
        'The answer does not end. The data of each event is a JSON object with `id`, `type`, `at` and more.',
        'After a `Last-Event-ID`, the events of the last minute that follow it come first.',
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
      handle: ({ parameters, lastEventId, isHead }) => {
        const answer = { status: 200, type: EVENT_STREAM, headers: HEADERS };
        if (isHead) return answer;
        return { ...answer, stream: readers.open(lastEventId ?? parameters.last_event_id) };
      },
    }),
  ];
}
