import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import { fleetProblem } from '../store/errors.ts';
import type { FleetStore } from '../store/store.ts';
import { requireAdmin } from './callers.ts';
import { checkedSettings, checkName, NamePlace, NewTemplate } from './fields.ts';

const NoParameters = Type.Object({});
const ShownTemplate = Type.Object({ ...NamePlace.properties, ...NewTemplate.properties });
const CONTENT = { 'application/json': ShownTemplate };

/** The calls for templates, from which desktops are made. Only admins make them. */
export function templateCalls(store: FleetStore): Call[] {
  const common = { scope: 'desktops', parameters: NoParameters } as const;
  const one = { ...common, path: '/templates/{name}', place: NamePlace } as const;
  return [
    defineCall({
      ...common,
      method: 'GET',
      path: '/templates',
      summary: 'The templates',
      changes: false,
      answers: { 200: { description: 'A list', content: { 'application/json': Type.Array(ShownTemplate) } } },
      handle: ({ user }) => {
        requireAdmin(store.state, user);
        return json([...store.state.template.values()]);
      },
    }),
    defineCall({
      ...one,
      method: 'GET',
      summary: 'One template',
      changes: false,
      answers: { 200: { description: 'The template', content: CONTENT } },
      handle: ({ place, user }) => {
        requireAdmin(store.state, user);
        const template = store.state.template.get(place.name);
        if (template === undefined) throw fleetProblem('FLEET_NO_SUCH_TEMPLATE');
        return json(template);
      },
    }),
    defineCall({
      ...one,
      method: 'PUT',
      summary: 'Make or replace a template',
      description: 'Desktops that were made from it stay as they are.',
      changes: true,
      body: NewTemplate,
      answers: { 200: { description: 'The template', content: CONTENT } },
      handle: async ({ place: { name }, body, user }) => {
        checkName(name);
        const value = { name, ...checkedSettings(body) };
        await store.transact((state) => {
          requireAdmin(state, user);
          return [{ kind: 'template', name, value }];
        });
        return json(value);
      },
    }),
    defineCall({
      ...one,
      method: 'DELETE',
      summary: 'Remove a template',
      description: 'Does nothing if there is no such template.',
      changes: true,
      answers: { 204: { description: 'There is no such template any more' } },
      handle: async ({ place: { name }, user }) => {
        await store.transact((state) => {
          requireAdmin(state, user);
          return state.template.has(name) ? [{ kind: 'template', name, value: undefined }] : [];
        });
        return { status: 204 };
      },
    }),
  ];
}
