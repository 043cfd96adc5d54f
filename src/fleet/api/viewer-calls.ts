import { type Call, type CallContext, defineCall, json } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import { Problem } from '../../http/problems/errors.ts';
import type { Desktop } from '../store/fleet-state.ts';
import type { DesktopAnswer, DesktopCall, DesktopCallOptions } from './call-options.ts';
import { requireDesktop } from './callers.ts';
import { NamePlace } from './fields.ts';

/** Characters of a connection's id and of a reason, as the desktop takes them. */
const MAX_ID_LENGTH = 100;
const MAX_REASON_LENGTH = 200;

const level = Type.Number({ minimum: 0, maximum: 10 });
const id = Type.String({ minLength: 1, maxLength: MAX_ID_LENGTH, description: 'Id of the connection' });

const Viewer = Type.Object({
  id,
  user: Type.String({ description: 'A user of the fleet, or one of the desktop' }),
  address: Type.String(),
  since: Type.String({ format: 'date-time' }),
  read: Type.Boolean(),
  write: Type.Boolean(),
  fps: Type.Number({ description: 'Updates a second, over five seconds' }),
  bytes_per_second: Type.Integer(),
  ...{ cpu: level, cpu_average: level, network: level, network_average: level },
});

/** What is needed of a call's facts. */
type ViewerContext = Pick<CallContext, 'user' | 'address' | 'signal'> & {
  readonly place: { readonly name: string };
};

/** The form in which a desktop writes times: `YYYY-MM-DD HH:MM:SS`, UTC. */
const DESKTOP_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/;

/**
 * The calls for the viewers of one desktop. The desktop itself knows them: also its own users, and those who have come
 * by another edge.
 */
export function viewerCalls({ store, askDesktop }: DesktopCallOptions): Call[] {
  /** Asks the desktop, if it runs. */
  const ask = async (
    { place: { name }, user, address, signal }: ViewerContext,
    call: Pick<DesktopCall, 'method' | 'path'>,
  ): Promise<DesktopAnswer | undefined> => {
    const { desktop, rights } = requireDesktop(store.state, user, name, 'owner');
    if (!isRunning(desktop)) return undefined;
    return askDesktop(desktop, { ...call, user: { name: user.name, ...rights }, address }, signal);
  };
  return [
    defineCall({
      method: 'GET',
      path: '/desktops/{name}/viewers',
      scope: 'viewers',
      place: NamePlace,
      summary: 'Who is connected to a desktop',
      description:
        'Oldest connection first. None if it does not run. `GET /d/NAME/api/viewers` of the desktop itself says more.',
      changes: false,
      parameters: Type.Object({}),
      answers: { 200: { description: 'A list', content: { 'application/json': Type.Array(Viewer) } } },
      handle: async (context) => {
        const answer = await ask(context, { method: 'GET', path: '/api/viewers' });
        if (answer === undefined) return json([]);
        requireOk(answer);
        return json((answer.body as { readonly viewers: readonly OwnViewer[] }).viewers.map(shown));
      },
    }),
    defineCall({
      method: 'DELETE',
      path: '/desktops/{name}/viewers/{id}',
      scope: 'viewers',
      place: Type.Object({ ...NamePlace.properties, id }),
      summary: 'End a connection',
      description:
        'Its page shows the reason and does not connect again by itself. Does nothing if there is none.',
      changes: true,
      parameters: Type.Object({
        reason: Type.Optional(
          Type.String({ minLength: 1, maxLength: MAX_REASON_LENGTH, description: 'Shown to the user' }),
        ),
      }),
      answers: { 204: { description: 'It has ended' } },
      handle: async (context) => {
        const { place, parameters } = context;
        const query = parameters.reason === undefined ? '' : `?${new URLSearchParams({ ...parameters })}`;
        const path = `/api/viewers/${encodeURIComponent(place.id)}${query}`;
        const answer = await ask(context, { method: 'DELETE', path });
        if (answer !== undefined && codeOf(answer) !== 'SESSION_NO_SUCH_CLIENT') requireOk(answer);
        return { status: 204 };
      },
    }),
  ];
}

const isRunning = ({ status }: Desktop): boolean => status.state === 'running';

/** A viewer as the desktop shows it, as far as it is used here. */
interface OwnViewer {
  readonly id: string;
  readonly user: string;
  readonly address: string;
  readonly connected_since: string;
  readonly read: boolean;
  readonly write: boolean;
  readonly fps: number;
  readonly bytes_per_second: number;
  readonly cpu: number;
  readonly cpu_average: number;
  readonly network: number;
  readonly network_average: number;
}

const shown = ({ id, user, address, connected_since, read, write, ...rest }: OwnViewer) => ({
  ...{ id, user, address, since: connected_since.replace(DESKTOP_TIME, '$1T$2Z'), read, write },
  ...{ fps: rest.fps, bytes_per_second: rest.bytes_per_second },
  ...{ cpu: rest.cpu, cpu_average: rest.cpu_average },
  ...{ network: rest.network, network_average: rest.network_average },
});

/** Throws the desktop's refusal as its own. */
function requireOk({ status, body }: DesktopAnswer): void {
  if (status === 200) return;
  const { code, title, detail } = (body ?? {}) as Partial<Record<'code' | 'title' | 'detail', string>>;
  const problem = { status, title: title ?? `The desktop answers ${status}.` };
  throw new Problem(code ?? 'FLEET_DESKTOP_SILENT', problem, detail);
}

const codeOf = ({ body }: DesktopAnswer): unknown => (body as { readonly code?: unknown } | undefined)?.code;
