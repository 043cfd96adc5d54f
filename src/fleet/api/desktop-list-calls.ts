import { type Call, defineCall, json } from '../../api/contract/call.ts';
import { oneOrList } from '../../api/contract/one-or-list.ts';
import { Type } from '../../api/contract/schema.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop, FleetChange } from '../store/fleet-state.ts';
import { placed } from '../store/placement.ts';
import { MAX_CHANGES } from '../store/store.ts';
import type { DesktopCallOptions } from './call-options.ts';
import { callerIn, requireAdmin, requireDesktop } from './callers.ts';
import { hasLabels, labelsOf, ownDesktops, requireUnique } from './choose-desktops.ts';
import { asList, forEntries } from './entries.ts';
import {
  ChangedDesktop,
  changed,
  checkedChanges,
  NamePlace,
  NewDesktop,
  WAIT_LIMIT_MS,
  Waits,
} from './fields.ts';
import { missingDesktops, wantedDesktop } from './make-desktops.ts';
import { type DesktopViews, SHOWN, State, withStatus } from './shown-desktop.ts';

const label = Type.Optional(
  Type.String({
    description: 'Desktops with this label, such as `class=7b`, or with all of several with commas',
  }),
);

const ChangedEntry = Type.Object({ ...NamePlace.properties, ...ChangedDesktop.properties });

/** The calls for several desktops at a time. What they change, they change as a whole or not at all. */
export function desktopListCalls({ store }: DesktopCallOptions, views: DesktopViews): Call[] {
  const common = { path: '/desktops', scope: 'any' } as const;
  return [
    defineCall({
      ...common,
      method: 'GET',
      summary: 'The desktops that the caller may see',
      changes: false,
      parameters: Type.Object({ label, state: Type.Optional(State) }),
      answers: SHOWN.list,
      handle: ({ parameters: { label: asked, state: wanted }, user }) => {
        const labels = asked === undefined ? [] : labelsOf(asked);
        const { state } = store;
        const list = [...state.desktop.values()].filter(
          (desktop) =>
            hasLabels(desktop, labels) && (wanted === undefined || desktop.status.state === wanted),
        );
        return json(list.flatMap((desktop) => views.show(state, user, desktop) ?? []));
      },
    }),
    defineCall({
      ...common,
      method: 'POST',
      summary: 'Make one desktop, or all of a list, and start them',
      description:
        'Does nothing about those that are there already. All or nothing: if one is refused, none is made.',
      changes: true,
      limitMs: WAIT_LIMIT_MS,
      parameters: Waits,
      body: oneOrList(NewDesktop, NewDesktop, MAX_CHANGES),
      answers: SHOWN.made,
      handle: async ({ body, parameters, user, signal, baseUrl }) => {
        const wanted = forEntries(body, wantedDesktop);
        const names = wanted.map(({ name }) => name);
        requireUnique(names);
        let made: readonly Desktop[] = [];
        await store.transact((state, nodes) => {
          requireAdmin(state, user);
          made = placed(state, nodes, missingDesktops(state, Array.isArray(body) ? wanted : wanted[0]!));
          return made.map((value) => ({ kind: 'desktop', name: value.name, value }));
        });
        const answer = Array.isArray(body)
          ? await views.answerList(names, user, parameters, signal)
          : await views.answer(names[0]!, user, parameters, signal);
        if (made.length === 0) return answer;
        const { status } = answer;
        return {
          ...withStatus(answer, status === 200 ? 201 : status),
          ...(!Array.isArray(body) && { headers: { Location: `${baseUrl()}/api/desktops/${names[0]}` } }),
        };
      },
    }),
    defineCall({
      ...common,
      method: 'PATCH',
      summary: 'Change several desktops',
      description:
        'A list has an entry with the name and the new fields of each. With `label`, the body is one object of ' +
        'fields for all of these desktops. Fields that are not given stay as they are, and `null` takes one away. Only an ' +
        'admin may change labels. All or nothing.',
      changes: true,
      parameters: Type.Object({ label }),
      body: oneOrList(ChangedDesktop, ChangedEntry, MAX_CHANGES),
      answers: SHOWN.list,
      handle: async ({ body, parameters: { label: asked }, user, signal }) => {
        const labels = asked === undefined ? undefined : labelsOf(asked);
        if ((labels === undefined) !== Array.isArray(body)) throw fleetProblem('FLEET_WHICH_DESKTOPS');
        const entries = forEntries(body, checkedEntry);
        if (labels === undefined) requireUnique(entries.map(({ name }) => name!));
        let names: readonly string[] = [];
        await store.transact((state) => {
          if (entries.some(({ given }) => given.labels !== undefined)) requireAdmin(state, user);
          const after =
            labels === undefined
              ? forEntries(entries, ({ name, given }) => {
                  return changed(requireDesktop(state, user, name!, 'owner').desktop, given);
                })
              : ownDesktops(state, user, labels).map((now) => changed(now, entries[0]!.given));
          names = after.map(({ name }) => name);
          return after.map((value) => ({ kind: 'desktop', name: value.name, value }));
        });
        return views.answerList(names, user, {}, signal);
      },
    }),
    defineCall({
      ...common,
      method: 'DELETE',
      summary: 'End several desktops, and remove them with their files',
      description:
        'The body is a list of objects with a `name`; with `label`, there is none. Does nothing about desktops that ' +
        'are not there. All or nothing.',
      changes: true,
      limitMs: WAIT_LIMIT_MS,
      parameters: Type.Object({ label, ...Waits.properties }),
      body: oneOrList(NamePlace, NamePlace, MAX_CHANGES),
      isBodyOptional: true,
      answers: SHOWN.gone,
      handle: async ({ body, parameters: { label: asked, ...parameters }, user, signal }) => {
        const labels = asked === undefined ? undefined : labelsOf(asked);
        const listed = asList(body).map(({ name }) => name);
        // A proxy may drop the body of a DELETE: nothing must not stand for all.
        if ((labels === undefined) !== listed.length > 0) throw fleetProblem('FLEET_WHICH_DESKTOPS');
        let names: readonly string[] = [];
        await store.transact((state) => {
          const isAdmin = callerIn(state, user).owner;
          const leaving =
            labels === undefined
              ? forEntries([...new Set(listed)], (name) =>
                  isAdmin && !state.desktop.has(name)
                    ? undefined
                    : requireDesktop(state, user, name, 'owner').desktop,
                ).filter((desktop) => desktop !== undefined)
              : ownDesktops(state, user, labels);
          names = leaving.map(({ name }) => name);
          return leaving.flatMap(gone);
        });
        return views.answerGone(names, user, parameters, signal);
      },
    }),
  ];
}

/** The change by which a desktop is to be removed. None if it is so already. */
export const gone = (desktop: Desktop): FleetChange[] =>
  desktop.wanted === 'gone'
    ? []
    : [{ kind: 'desktop', name: desktop.name, value: { ...desktop, wanted: 'gone' } }];

function checkedEntry({ name, ...given }: { readonly name?: string } & Parameters<typeof checkedChanges>[0]) {
  return { name, given: checkedChanges(given) };
}
