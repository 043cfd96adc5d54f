import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import { fleetProblem } from '../store/errors.ts';
import type { FleetHost, FleetState } from '../store/fleet-state.ts';
import type { FleetNode } from '../store/nodes.ts';
import { type HostView, hostViews } from '../store/placement.ts';
import type { DesktopCallOptions } from './call-options.ts';
import { requireAdmin } from './callers.ts';

const MAX_NAME = 63;
const HostPlace = Type.Object({
  host: Type.String({ minLength: 1, maxLength: MAX_NAME, description: 'Host' }),
});
const NoParameters = Type.Object({});

const ShownHost = Type.Object({
  name: Type.String(),
  capacity: Type.Integer({ description: 'Desktops that it may run at a time' }),
  used: Type.Integer({ description: 'Desktops that it runs, or is to run' }),
  state: Type.Enum(['up', 'draining', 'silent', 'lost']),
  reason: Type.String({
    description: 'Why it gets no new desktop, as a sentence. Empty if it would get one',
  }),
  draining: Type.Boolean(),
  address: Type.Optional(Type.String({ description: 'Where edges on other machines reach its desktops' })),
  reported_s: Type.Optional(Type.Number({ description: 'Seconds since its last report' })),
});

const ONE = { 200: { description: 'The host', content: { 'application/json': ShownHost } } };

/** The calls for the hosts of a fleet. Only admins may make them. */
export function hostCalls({ store, nodes }: Pick<DesktopCallOptions, 'store' | 'nodes'>): Call[] {
  const common = { scope: 'desktops', parameters: NoParameters } as const;
  const one = { ...common, path: '/hosts/{host}', place: HostPlace } as const;
  const view = (state: FleetState, now: readonly FleetNode[], name: string): HostView => {
    const found = hostViews(state, now).find(({ host }) => host.name === name);
    if (found === undefined) throw fleetProblem('FLEET_NO_SUCH_HOST');
    return found;
  };
  const draining = (verb: string, summary: string, description: string, isDraining: boolean): Call =>
    defineCall({
      ...one,
      path: `/hosts/{host}/${verb}`,
      method: 'POST',
      summary,
      description,
      changes: true,
      answers: ONE,
      handle: async ({ place: { host: name }, user }) => {
        let reports: readonly FleetNode[] = [];
        const after = await store.transact((state, fresh) => {
          requireAdmin(state, user);
          reports = fresh;
          const now = state.host.get(name);
          if (now === undefined) throw fleetProblem('FLEET_NO_SUCH_HOST');
          const { isDraining: _before, ...rest } = now;
          const value: FleetHost = { ...rest, ...(isDraining && { isDraining }) };
          return (now.isDraining ?? false) === isDraining ? [] : [{ kind: 'host', name, value }];
        });
        return json(shown(view(after, reports, name)));
      },
    });
  return [
    defineCall({
      ...common,
      method: 'GET',
      path: '/hosts',
      summary: 'The hosts, and why they get no new desktops',
      changes: false,
      answers: { 200: { description: 'A list', content: { 'application/json': Type.Array(ShownHost) } } },
      handle: ({ user }) => {
        requireAdmin(store.state, user);
        return json(hostViews(store.state, nodes()).map(shown));
      },
    }),
    defineCall({
      ...one,
      method: 'GET',
      summary: 'One host',
      changes: false,
      answers: ONE,
      handle: ({ place, user }) => {
        requireAdmin(store.state, user);
        return json(shown(view(store.state, nodes(), place.host)));
      },
    }),
    defineCall({
      ...one,
      method: 'DELETE',
      summary: 'Remove a host that does not come back',
      description: 'Its desktops are lost, or started elsewhere. Does nothing if there is no such host.',
      changes: true,
      answers: { 204: { description: 'There is no such host any more' } },
      handle: async ({ place: { host: name }, user }) => {
        await store.transact((state, now) => {
          requireAdmin(state, user);
          if (!state.host.has(name)) return [];
          const isLost = hostViews(state, now).some(
            ({ host, state: is }) => host.name === name && is === 'lost',
          );
          if (!isLost) throw fleetProblem('FLEET_HOST_LIVE');
          return [{ kind: 'host', name, value: undefined }];
        });
        await store.leave(name);
        return { status: 204 };
      },
    }),
    draining('drain', 'Give a host no new desktops', 'Those that it has run on.', true),
    draining('undrain', 'Give a host new desktops again', 'Does nothing to one that is not draining.', false),
  ];
}

const shown = ({ host, used, state, reason, ageMs }: HostView) => ({
  ...{ name: host.name, capacity: host.capacity, used, state, reason },
  draining: host.isDraining ?? false,
  ...(host.address !== undefined && { address: host.address }),
  ...(ageMs !== undefined && Number.isFinite(ageMs) && { reported_s: Math.round(ageMs / 100) / 10 }),
});
