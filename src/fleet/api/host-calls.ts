import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import { fleetProblem } from '../store/errors.ts';
import type { FleetState } from '../store/fleet-state.ts';
import type { DesktopCallOptions } from './call-options.ts';
import { requireAdmin } from './callers.ts';
import { OWN_HOST, runningIn, takesDesktops } from './make-desktops.ts';

const MAX_NAME = 253;
const HostPlace = Type.Object({
  host: Type.String({ minLength: 1, maxLength: MAX_NAME, description: 'Host' }),
});
const NoParameters = Type.Object({});

const ShownHost = Type.Object({
  name: Type.String(),
  capacity: Type.Integer({ description: 'Desktops that it may run at a time' }),
  used: Type.Integer({ description: 'Desktops that it runs, or is to run' }),
  state: Type.Enum(['up', 'draining']),
  reason: Type.String({
    description: 'Why it gets no new desktop, as a sentence. Empty if it would get one',
  }),
  draining: Type.Boolean(),
});

/** The calls for the machine that runs the desktops of a fleet. Only admins may make them. */
export function hostCalls({ store, capacity }: Pick<DesktopCallOptions, 'store' | 'capacity'>): Call[] {
  const shown = (state: FleetState) => {
    const used = runningIn(state);
    const draining = !takesDesktops(state);
    const reason = draining
      ? 'It is draining.'
      : used < capacity
        ? ''
        : `It has ${capacity} desktops, as many as it takes.`;
    return { name: OWN_HOST, capacity, used, state: draining ? 'draining' : 'up', reason, draining };
  };
  const change = (verb: string, summary: string, description: string, isDraining: boolean): Call =>
    defineCall({
      method: 'POST',
      path: `/hosts/{host}/${verb}`,
      scope: 'any',
      place: HostPlace,
      summary,
      description,
      changes: true,
      parameters: NoParameters,
      answers: { 200: { description: 'The host', content: { 'application/json': ShownHost } } },
      handle: async ({ place: { host: name }, user }) => {
        const after = await store.transact((state) => {
          requireAdmin(state, user);
          if (name !== OWN_HOST) throw fleetProblem('FLEET_NO_SUCH_HOST');
          if (takesDesktops(state) !== isDraining) return [];
          return [{ kind: 'host', name, value: { name, capacity, ...(isDraining && { isDraining }) } }];
        });
        return json(shown(after));
      },
    });
  return [
    defineCall({
      method: 'GET',
      path: '/hosts',
      scope: 'any',
      summary: 'The hosts, and why they get no new desktops',
      changes: false,
      parameters: NoParameters,
      answers: { 200: { description: 'A list', content: { 'application/json': Type.Array(ShownHost) } } },
      handle: ({ user }) => {
        requireAdmin(store.state, user);
        return json([shown(store.state)]);
      },
    }),
    change('drain', 'Give a host no new desktops', 'Those that it has run on.', true),
    change('undrain', 'Give a host new desktops again', 'Does nothing to one that is not draining.', false),
  ];
}
