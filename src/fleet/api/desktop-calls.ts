import type { User } from '../../accounts/user.ts';
import { type Call, defineCall } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import type { Desktop, FleetState } from '../store/fleet-state.ts';
import type { FleetNode } from '../store/nodes.ts';
import { requireHostAgain } from '../store/placement.ts';
import type { DesktopCallOptions } from './call-options.ts';
import { callerIn, requireAdmin, requireDesktop } from './callers.ts';
import { desktopListCalls, gone } from './desktop-list-calls.ts';
import { ChangedDesktop, changed, checkedChanges, NamePlace, WAIT_LIMIT_MS, Waits } from './fields.ts';
import { starting } from './make-desktops.ts';
import { DesktopViews, SHOWN } from './shown-desktop.ts';

/** The calls that make, show, change and end desktops. */
export function desktopCalls(options: DesktopCallOptions): Call[] {
  const { store } = options;
  const views = new DesktopViews(store, options.viewersOf);
  /** Changes a desktop for an owner of it. */
  const change = (name: string, caller: User, next: NextDesktop): Promise<FleetState> =>
    store.transact((state, nodes) => {
      const { desktop } = requireDesktop(state, caller, name, 'owner');
      const value = next(desktop, state, nodes);
      return value === desktop ? [] : [{ kind: 'desktop', name, value }];
    });
  const one = { path: '/desktops/{name}', scope: 'any', place: NamePlace } as const;

  /** A call that changes what a desktop is wanted to be. */
  const wish = (verb: string, summary: string, description: string, next: NextDesktop): Call =>
    defineCall({
      method: 'POST',
      path: `/desktops/{name}/${verb}`,
      scope: 'any',
      place: NamePlace,
      summary,
      description,
      changes: true,
      limitMs: WAIT_LIMIT_MS,
      parameters: Waits,
      answers: SHOWN.oneWaited,
      handle: async ({ place, parameters, user, signal }) => {
        await change(place.name, user, next);
        return views.answer(place.name, user, parameters, signal);
      },
    });

  return [
    ...desktopListCalls(options, views),
    defineCall({
      ...one,
      method: 'GET',
      summary: 'One desktop',
      changes: false,
      limitMs: WAIT_LIMIT_MS,
      parameters: Waits,
      answers: SHOWN.oneWaited,
      handle: ({ place, parameters, user, signal }) => {
        requireDesktop(store.state, user, place.name, 'read');
        return views.answer(place.name, user, parameters, signal);
      },
    }),
    defineCall({
      ...one,
      method: 'PATCH',
      summary: 'Change a desktop',
      description:
        'Fields that are not given stay as they are, and `null` takes one away. Only an admin may change labels.',
      changes: true,
      parameters: Type.Object({}),
      body: ChangedDesktop,
      answers: SHOWN.one,
      handle: async ({ place, body, user, signal }) => {
        const given = checkedChanges(body);
        await change(place.name, user, (now, state) => {
          // Grants are by labels.
          if (given.labels !== undefined) requireAdmin(state, user);
          return changed(now, given);
        });
        return views.answer(place.name, user, {}, signal);
      },
    }),
    defineCall({
      ...one,
      method: 'DELETE',
      summary: 'End a desktop, and remove it with its files',
      description: 'Does nothing if there is no such desktop.',
      changes: true,
      limitMs: WAIT_LIMIT_MS,
      parameters: Waits,
      answers: SHOWN.gone,
      handle: async ({ place: { name }, parameters, user, signal }) => {
        await store.transact((state) => {
          if (callerIn(state, user).owner && !state.desktop.has(name)) return [];
          return gone(requireDesktop(state, user, name, 'owner').desktop);
        });
        return views.answerGone([name], user, parameters, signal);
      },
    }),
    wish(
      'pause',
      'Freeze a desktop',
      'Its viewers are disconnected. It takes memory, but no processor.',
      (now) => ({
        ...now,
        wanted: wantedUnlessGone(now, 'paused'),
        isIdle: false,
      }),
    ),
    wish('resume', 'Have a paused desktop go on', 'Does nothing to one that runs.', (now) => ({
      ...now,
      wanted: wantedUnlessGone(now, 'running'),
      isIdle: false,
    })),
    wish('restart', 'Start a desktop anew', RESTARTED, (now, state, nodes) => {
      const host = requireHostAgain(state, nodes, now);
      const { port: _port, isLeased: _isLeased, ...rest } = now;
      return {
        ...(host === now.host ? now : { ...rest, host }),
        wanted: wantedUnlessGone(now, 'running'),
        isIdle: false,
        status: starting('It is started again.'),
      };
    }),
  ];
}

/** Decides what becomes of a desktop. */
type NextDesktop = (now: Desktop, state: FleetState, nodes: readonly FleetNode[]) => Desktop;

const RESTARTED =
  'All of its programs end. It keeps its files, unless its host takes it no more and its `restart` is `elsewhere`: then it ' +
  'is started empty on another one.';

const wantedUnlessGone = ({ wanted }: Desktop, wish: 'running' | 'paused'): Desktop['wanted'] =>
  wanted === 'gone' ? 'gone' : wish;
