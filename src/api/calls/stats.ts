import type { ClientChoice, Session } from '../../session/session.ts';
import { type Call, defineCall, json, jsonText } from '../contract/call.ts';
import { Type } from '../contract/schema.ts';

/**
 * Longest wait for a frame that the desktop draws by itself, in milliseconds. The frame loop refuses callers after 4 s.
 * With a smaller value, a program that watches a quiet screen asks more often.
 */
const MOST_WITHIN_MS = 3_000;

const level = Type.Number({ minimum: 0, maximum: 10 });
const Bottlenecks = Type.Record(
  Type.String(),
  Type.Record(Type.String(), Type.Array(level, { minItems: 4, maxItems: 4 })),
);

const whole = Type.Integer({ minimum: 0 });
/** Null while there is no value. */
const wholeOrNull = Type.Union([whole, Type.Null()]);
const ProcessTime = Type.Object({ process_name: Type.String(), time: whole, time_us: whole });
const ServerProcess = Type.Object({
  ...ProcessTime.properties,
  count: Type.Optional(whole),
  area: Type.Optional(whole),
  videoscaling: Type.Optional(whole),
  videoscaling_us: Type.Optional(whole),
});
const FrameStats = Type.Object({
  frame: Type.Object({
    resx: whole,
    resy: whole,
    changed: Type.Integer({ minimum: 0, maximum: 100 }),
    server_time: whole,
    server_time_us: whole,
  }),
  server_side: Type.Array(ServerProcess),
  client_side: Type.Array(
    Type.Object({
      client: Type.String(),
      client_time: whole,
      client_time_us: whole,
      client_wait_us: whole,
      ping: whole,
      ping_us: whole,
      processes: Type.Array(ProcessTime),
    }),
  ),
  start_up: Type.Array(
    Type.Object({
      client: Type.String(),
      frames: whole,
      server_time: whole,
      server_time_us: whole,
      slowest_time: whole,
      slowest_time_us: whole,
      picture_time: wholeOrNull,
      picture_time_us: wholeOrNull,
    }),
    { description: 'Frames of the start of the chosen clients, which get_bottleneck_stats does not count' },
  ),
});

const client = Type.String({
  default: 'auto',
  description:
    '`auto` (the first connection of the owner who asks), `all`, `none`, or the id of a connection',
});

/** The calls that measure connections and single frames. */
export function statsCalls(session: Session): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/get_bottleneck_stats',
      scope: 'stats',
      summary: 'CPU and network bottlenecks of every connection',
      description: 'By user and connection: CPU, CPU average, network, network average. 10 is no constraint.',
      changes: false,
      parameters: Type.Object({}),
      answers: {
        200: { description: 'By user and connection', content: { 'application/json': Bottlenecks } },
      },
      handle: () => jsonText(bottleneckText(session.bottleneckStats())),
    }),
    defineCall({
      method: 'GET',
      path: '/get_frame_stats',
      scope: 'stats',
      summary: 'Times of the steps of one frame',
      changes: false,
      parameters: Type.Object({ client }),
      answers: { 200: { description: 'One frame', content: { 'application/json': FrameStats } } },
      handle: async ({ parameters, user }) =>
        json(await session.frameStats(choice(parameters.client, user.name))),
    }),
    defineCall({
      method: 'GET',
      path: '/get_next_frame_stats',
      scope: 'stats',
      summary: 'Times of the steps of the next frame that is drawn',
      description: 'As `get_frame_stats`, but no frame is made for the call.',
      changes: false,
      parameters: Type.Object({
        client,
        within_ms: Type.Integer({
          minimum: 1,
          maximum: MOST_WITHIN_MS,
          default: 1000,
          description: 'Longest wait for the frame',
        }),
      }),
      answers: {
        200: { description: 'One frame', content: { 'application/json': FrameStats } },
        204: { description: 'No viewer was sent a frame in that time' },
      },
      handle: async ({ parameters, user }) => {
        const chosen = choice(parameters.client, user.name);
        const stats = await session.nextFrameStats(chosen, parameters.within_ms);
        return stats === undefined ? { status: 204 } : json(stats);
      },
    }),
  ];
}

function choice(client: string, owner: string): ClientChoice {
  if (client === 'auto') return { kind: 'auto', owner };
  if (client === 'all' || client === 'none') return { kind: client };
  return { kind: 'one', id: client };
}

/** Formats levels with one decimal. `JSON.stringify` would write 10.0 as 10. */
function bottleneckText(stats: ReturnType<Session['bottleneckStats']>): string {
  const object = (members: string[]): string => `{${members.join(',')}}`;
  return object(
    Object.entries(stats).map(([user, connections]) => {
      const members = Object.entries(connections).map(([id, levels]) => {
        return `${JSON.stringify(id)}:[${levels.map((value) => value.toFixed(1)).join(',')}]`;
      });
      return `${JSON.stringify(user)}:${object(members)}`;
    }),
  );
}
