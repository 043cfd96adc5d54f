import type { Readable } from 'node:stream';
import type { Caller } from '../../accounts/pass.ts';
import { EVENT_TYPES } from '../../events/event.ts';
import { type Call, defineCall } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';
import type { EventReaders } from '../events/event-readers.ts';

/** Characters of an id. Longer ones are of no event. */
const MAX_ID_LENGTH = 64;

const EVENT_STREAM = 'text/event-stream';

/** nginx would collect some kilobytes before it passes them on. */
const HEADERS = { 'X-Accel-Buffering': 'no' };

interface EventStream {
  /** What the answer is, by lines. The types of events follow. */
  readonly description: readonly string[];
  /** Types of events, with what each says. */
  readonly types: Readonly<Record<string, string>>;
  /** Opens a stream for a caller, behind the event of this id. */
  readonly open: (user: Caller, lastEventId: string | undefined) => Readable;
}

/** The call that sends events as they happen. */
export const eventCall = ({ description, types, open }: EventStream): Call =>
  defineCall({
    method: 'GET',
    path: '/events',
    scope: 'events',
    summary: 'Events as they happen, as Server-Sent Events',
    description: [
      ...description,
      '',
      ...Object.entries(types).map(([type, meaning]) => `- \`${type}\`: ${meaning}`),
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
      return { ...answer, stream: open(user, lastEventId ?? parameters.last_event_id) };
    },
  });

/** The call that sends the events of a desktop. */
export const eventCalls = (readers: EventReaders): Call[] => [
  eventCall({
    description: [
      'The answer does not end. The data of each event is a JSON object with `id`, `type`, `at` and more.',
      'After a `Last-Event-ID`, the events of the last minute that follow it come first.',
    ],
    types: EVENT_TYPES,
    open: (_user, lastEventId) => readers.open(lastEventId),
  }),
];
