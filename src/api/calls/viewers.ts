import { MAX_NAME_LENGTH } from '../../accounts/account-changes.ts';
import type { ListedViewer } from '../../session/controls.ts';
import type { Session } from '../../session/session.ts';
import { type Call, DONE, defineCall, done, json } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';
import { Type } from '../contract/schema.ts';
import { timestamp } from './timestamp.ts';

/** Characters of a reason. A viewer that lists no notice is told 123 bytes of it. A longer one fills the page. */
const MAX_REASON_LENGTH = 200;
/** Characters of a message. A longer one does not fit below the toolbar. */
const MAX_TEXT_LENGTH = 500;
/** Characters of a connection's id, with an IPv6 address. */
const MAX_ID_LENGTH = 100;
/** Viewers that one message can name. More take longer to look up; a message to all names none. */
const MAX_NAMED = 100;

const count = Type.Integer({ minimum: 0 });
const level = Type.Number({ minimum: 0, maximum: 10 });
const id = Type.String({ minLength: 1, maxLength: MAX_ID_LENGTH, description: 'Id of the connection' });

const Viewers = Type.Object({
  viewers: Type.Array(
    Type.Object({
      id,
      user: Type.String(),
      address: Type.String({ description: 'Empty for a Unix socket' }),
      connected_since: Type.String({
        description: '`YYYY-MM-DD HH:MM:SS`, UTC',
        pattern: '^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$',
      }),
      read: Type.Boolean(),
      write: Type.Boolean(),
      client: Type.Enum(['deskwire', 'kasmvnc', 'other'] as const),
      encodings: Type.Array(Type.String(), { description: 'Encodings that its picture may have' }),
      width: count,
      height: count,
      video_mode: Type.Boolean(),
      fps: Type.Number({ minimum: 0, description: 'Updates a second, over five seconds' }),
      bytes_per_second: count,
      latency_ms: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
        description: 'Last measured round trip; `null` if the viewer answers no fences',
      }),
      cpu: level,
      cpu_average: level,
      network: level,
      network_average: level,
    }),
  ),
});

const Message = Type.Object({
  text: Type.String({ minLength: 1, maxLength: MAX_TEXT_LENGTH, description: 'One line' }),
  viewers: Type.Optional(
    Type.Array(id, { minItems: 1, maxItems: MAX_NAMED, description: 'Only these connections' }),
  ),
  user: Type.Optional(
    Type.String({ minLength: 1, maxLength: MAX_NAME_LENGTH, description: 'Only viewers of this user' }),
  ),
});

const Shown = Type.Object({
  shown_to: Type.Integer({ minimum: 0, description: 'Viewers whose page shows the line' }),
});

/** The calls that list, end and address viewers. */
export function viewerCalls({ controls }: Session): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/viewers',
      scope: 'viewers',
      summary: 'List the viewers, with what they are sent and how fast',
      description: 'Oldest connection first.',
      changes: false,
      parameters: Type.Object({}),
      answers: { 200: { description: 'Viewers', content: { 'application/json': Viewers } } },
      handle: () => json({ viewers: controls.viewers().map(listed) }),
    }),
    defineCall({
      method: 'DELETE',
      path: '/viewers/{id}',
      scope: 'viewers',
      summary: "End a viewer's connection",
      description: 'Its page shows the reason and does not connect again by itself.',
      changes: true,
      place: Type.Object({ id }),
      parameters: Type.Object({
        reason: Type.Optional(
          Type.String({ minLength: 1, maxLength: MAX_REASON_LENGTH, description: 'Shown to the user' }),
        ),
      }),
      answers: DONE,
      handle: ({ place, parameters: { reason }, user, address }) => {
        if (reason !== undefined) checkLine('reason', reason, MAX_REASON_LENGTH);
        controls.end(place.id, reason, { user: user.name, address });
        return done();
      },
    }),
    defineCall({
      method: 'POST',
      path: '/message',
      scope: 'viewers',
      summary: 'Show a line of text to viewers',
      description: 'By default to all. Only Deskwire’s page can show it, and does for some seconds.',
      changes: true,
      parameters: Type.Object({}),
      body: Message,
      answers: { 200: { description: 'Sent', content: { 'application/json': Shown } } },
      handle: ({ body: { text, viewers, user } }) => {
        checkLine('text', text, MAX_TEXT_LENGTH);
        return json({ shown_to: controls.say(text, { viewers, user }) });
      },
    }),
  ];
}

function listed({ size, latencyMs, bottleneck, ...viewer }: ListedViewer): object {
  const [cpu, cpuAverage, network, networkAverage] = bottleneck;
  const { id, user, address, read, write, client, encodings } = viewer;
  return {
    ...{ id, user, address, connected_since: timestamp(viewer.connectedSince) },
    ...{ read, write, client, encodings, width: size.width, height: size.height },
    video_mode: viewer.hasVideo,
    fps: oneDecimal(viewer.fps),
    bytes_per_second: Math.round(viewer.bytesPerSecond),
    latency_ms: latencyMs === undefined ? null : oneDecimal(latencyMs),
    ...{ cpu, cpu_average: cpuAverage, network, network_average: networkAverage },
  };
}

const oneDecimal = (value: number): number => Math.round(value * 10) / 10;

/** Refuses what is no single line of text: control characters would be shown as boxes, or as another line. */
function checkLine(name: string, text: string, mostLength: number): void {
  if (
    text.length > 0 &&
    text.length <= mostLength &&
    text.isWellFormed() &&
    !/\p{Cc}|[\u2028\u2029]/u.test(text)
  )
    return;
  const detail = `${name} must be one line of 1 to ${mostLength} characters, without control characters.`;
  throw apiProblem('API_TEXT_INVALID', detail);
}
