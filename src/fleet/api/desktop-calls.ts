import { isDeepStrictEqual } from 'node:util';
import type { Rights, User } from '../../accounts/user.ts';
import { type Answer, type Call, defineCall, json } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop, DesktopSettings, FleetState } from '../store/fleet-state.ts';
import { rightsOn } from '../store/rights.ts';
import type { FleetStore } from '../store/store.ts';
import { callerIn, requireAdmin, requireDesktop } from './callers.ts';
import { ChangedDesktop, checkedSettings, checkName, NamePlace, NewDesktop, Waits } from './fields.ts';
import { settled } from './wait.ts';

export interface DesktopCallOptions {
  readonly store: FleetStore;
  /** Desktops that may run at a time. */
  readonly capacity: number;
  readonly viewersOf: (name: string) => number;
}

/** Time limit of calls that wait, in ms: longer than the longest `wait`. */
const WAIT_LIMIT_MS = 70_000;

const NoParameters = Type.Object({});

const ShownDesktop = Type.Object({
  ...NewDesktop.properties,
  wanted: Type.Enum(['running', 'paused', 'gone']),
  state: Type.Enum(['starting', 'running', 'paused', 'ended', 'lost']),
  reason: Type.String({ description: 'Why it is in this state, as a sentence' }),
  since: Type.String({ format: 'date-time' }),
  created: Type.String({ format: 'date-time' }),
  viewers: Type.Integer(),
  rights: Type.Object({ read: Type.Boolean(), write: Type.Boolean(), owner: Type.Boolean() }),
});

const AS_JSON = (description: string) => ({ description, content: { 'application/json': ShownDesktop } });

/** What a new desktop has until its host starts it. */
const NOT_STARTED = { epoch: 0, key: '' } as const;

/** The calls that make, show, change and end desktops. */
export function desktopCalls({ store, capacity, viewersOf }: DesktopCallOptions): Call[] {
  const shown = (desktop: Desktop, rights: Rights) => {
    const { epoch: _epoch, key: _key, status, createdMs, isIdle: _isIdle, ...settings } = desktop;
    const { state, reason, sinceMs } = status;
    return {
      ...settings,
      ...{
        state,
        reason,
        since: new Date(sinceMs).toISOString(),
        created: new Date(createdMs).toISOString(),
      },
      ...{ viewers: viewersOf(desktop.name), rights },
    };
  };
  /** The desktop as the caller may see it, when it is as it was asked for or the time is over. */
  const answer = async (
    name: string,
    caller: User,
    { wait = 0 }: { readonly wait?: number },
    signal: AbortSignal,
  ): Promise<Answer> => {
    if (wait > 0) await settled(store, name, wait, signal);
    const { desktop, rights } = requireDesktop(store.state, caller, name, 'read');
    return json(shown(desktop, rights));
  };
  const requireRoom = ({ desktop: desktops }: FleetState, but: string): void => {
    let running = 0;
    for (const { name, status } of desktops.values())
      if (name !== but && status.state !== 'ended' && status.state !== 'lost') running++;
    if (running >= capacity)
      throw fleetProblem('FLEET_CAPACITY', `There may be ${capacity} desktops at a time.`, {
        headers: { 'Retry-After': '5' },
      });
  };
  /** Changes a desktop for an owner of it. */
  const change = (
    name: string,
    caller: User,
    next: (now: Desktop, state: FleetState) => Desktop,
  ): Promise<FleetState> =>
    store.transact((state) => {
      const { desktop } = requireDesktop(state, caller, name, 'owner');
      const value = next(desktop, state);
      return value === desktop ? [] : [{ kind: 'desktop', name, value }];
    });
  const starting = (reason: string): Desktop['status'] => ({
    state: 'starting',
    reason,
    sinceMs: Date.now(),
  });

  /** A call that changes what a desktop is wanted to be. */
  const wish = (
    verb: string,
    summary: string,
    description: string,
    next: (now: Desktop, state: FleetState) => Desktop,
  ): Call =>
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
      answers: { 200: AS_JSON('The desktop') },
      handle: async ({ place, parameters, user, signal }) => {
        await change(place.name, user, next);
        return answer(place.name, user, parameters, signal);
      },
    });

  return [
    defineCall({
      method: 'GET',
      path: '/desktops',
      scope: 'any',
      summary: 'The desktops that the caller may see',
      changes: false,
      parameters: NoParameters,
      answers: { 200: { description: 'A list', content: { 'application/json': Type.Array(ShownDesktop) } } },
      handle: ({ user }) => {
        const caller = callerIn(store.state, user);
        const list = [...store.state.desktop.values()].flatMap((desktop) => {
          const rights = rightsOn(caller, desktop);
          return rights.read ? [shown(desktop, rights)] : [];
        });
        return json(list);
      },
    }),
    defineCall({
      method: 'POST',
      path: '/desktops',
      scope: 'any',
      summary: 'Make a desktop, and start it',
      description: 'Does nothing if there is the same desktop already.',
      changes: true,
      limitMs: WAIT_LIMIT_MS,
      parameters: Waits,
      body: NewDesktop,
      answers: { 200: AS_JSON('The desktop') },
      handle: async ({ body, parameters, user, signal }) => {
        const { name, template: from, ...given } = body;
        checkName(name);
        const own = checkedSettings(given);
        await store.transact((state) => {
          requireAdmin(state, user);
          const settings = { ...settingsOf(state, from), ...own };
          const before = state.desktop.get(name);
          if (before !== undefined && !isSame(before, settings, from))
            throw fleetProblem('FLEET_DESKTOP_EXISTS');
          if (before !== undefined) return [];
          requireRoom(state, name);
          const made = { createdMs: Date.now(), wanted: 'running', status: starting('') } as const;
          const value: Desktop = {
            name,
            ...(from && { template: from }),
            ...settings,
            ...made,
            ...NOT_STARTED,
          };
          return [{ kind: 'desktop', name, value }];
        });
        return answer(name, user, parameters, signal);
      },
    }),
    defineCall({
      method: 'GET',
      path: '/desktops/{name}',
      scope: 'any',
      place: NamePlace,
      summary: 'One desktop',
      changes: false,
      limitMs: WAIT_LIMIT_MS,
      parameters: Waits,
      answers: { 200: AS_JSON('The desktop') },
      handle: ({ place, parameters, user, signal }) => {
        requireDesktop(store.state, user, place.name, 'read');
        return answer(place.name, user, parameters, signal);
      },
    }),
    defineCall({
      method: 'PATCH',
      path: '/desktops/{name}',
      scope: 'any',
      place: NamePlace,
      summary: 'Change a desktop',
      description: 'Fields that are not given stay as they are. Only an admin may change labels.',
      changes: true,
      parameters: NoParameters,
      body: ChangedDesktop,
      answers: { 200: AS_JSON('The desktop') },
      handle: async ({ place, body, user, signal }) => {
        const given = checkedSettings(body);
        await change(place.name, user, (now, state) => {
          // Grants are by labels.
          if (given.labels !== undefined) requireAdmin(state, user);
          return { ...now, ...given };
        });
        return answer(place.name, user, {}, signal);
      },
    }),
    defineCall({
      method: 'DELETE',
      path: '/desktops/{name}',
      scope: 'any',
      place: NamePlace,
      summary: 'End a desktop, and remove it with its files',
      description: 'Does nothing if there is no such desktop.',
      changes: true,
      limitMs: WAIT_LIMIT_MS,
      parameters: Waits,
      answers: { 204: { description: 'The desktop is being removed' } },
      handle: async ({ place: { name }, parameters: { wait = 0 }, user, signal }) => {
        await store.transact((state) => {
          if (callerIn(state, user).owner && !state.desktop.has(name)) return [];
          const { desktop } = requireDesktop(state, user, name, 'owner');
          return [{ kind: 'desktop', name, value: { ...desktop, wanted: 'gone' } }];
        });
        if (wait > 0) await settled(store, name, wait, signal);
        return { status: 204 };
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
    wish('restart', 'Start a desktop anew', 'All of its programs end. It keeps its files.', (now, state) => {
      requireRoom(state, now.name);
      return {
        ...now,
        wanted: wantedUnlessGone(now, 'running'),
        isIdle: false,
        status: starting('It is started again.'),
      };
    }),
  ];
}

const wantedUnlessGone = ({ wanted }: Desktop, wish: 'running' | 'paused'): Desktop['wanted'] =>
  wanted === 'gone' ? 'gone' : wish;

function settingsOf({ template: templates }: FleetState, name: string | undefined): DesktopSettings {
  if (name === undefined) return {};
  const template = templates.get(name);
  if (template === undefined) throw fleetProblem('FLEET_NO_SUCH_TEMPLATE');
  const { name: _name, ...settings } = template;
  return settings;
}

/** Whether a desktop is what a repeated call asks for. */
function isSame(desktop: Desktop, settings: DesktopSettings, template: string | undefined): boolean {
  if (desktop.wanted === 'gone' || desktop.template !== template) return false;
  const { command, size, labels, restart, ttl_s, idle_pause_s, idle_end_s } = desktop;
  const now = { command, size, labels, restart, ttl_s, idle_pause_s, idle_end_s };
  return Object.entries(now).every(([key, value]) =>
    isDeepStrictEqual(value, settings[key as keyof DesktopSettings]),
  );
}
