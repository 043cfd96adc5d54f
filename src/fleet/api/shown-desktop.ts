import type { User } from '../../accounts/user.ts';
import { type Answer, json } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import type { Desktop, FleetState } from '../store/fleet-state.ts';
import { rightsOn } from '../store/rights.ts';
import type { FleetStore } from '../store/store.ts';
import { callerIn, requireDesktop } from './callers.ts';
import { NewDesktop } from './fields.ts';
import { settled } from './wait.ts';

const STATES = [
  'starting',
  'running',
  'paused',
  'ended',
  'lost',
] as const satisfies readonly Desktop['status']['state'][];

export const State = Type.Enum(STATES);

const ShownDesktop = Type.Object({
  ...NewDesktop.properties,
  limits_enforced: Type.Optional(
    Type.Array(Type.Enum(['memory_mb', 'cpu_percent', 'processes']), {
      description: 'Those of `limits` that its host enforces since its last start',
    }),
  ),
  host: Type.Optional(Type.String({ description: 'Host that runs it' })),
  wanted: Type.Enum(['running', 'paused', 'gone']),
  state: State,
  reason: Type.String({ description: 'Why it is in this state, as a sentence' }),
  since: Type.String({ format: 'date-time' }),
  created: Type.String({ format: 'date-time' }),
  viewers: Type.Integer(),
  rights: Type.Object({ read: Type.Boolean(), write: Type.Boolean(), owner: Type.Boolean() }),
});

const ONE = { 'application/json': ShownDesktop };
const LIST = { 'application/json': Type.Array(ShownDesktop) };
/** For calls that take one desktop or a list. */
const EITHER = { 'application/json': Type.Union([ShownDesktop, Type.Array(ShownDesktop)]) };

const NOT_AS_ASKED =
  'The time of `wait` is over, or a desktop has ended: it is not as it was asked for. `state` and `reason` say why';

/** What calls say of their answers, by what they answer. */
export const SHOWN = {
  one: { 200: { description: 'The desktop', content: ONE } },
  list: { 200: { description: 'A list', content: LIST } },
  oneWaited: {
    200: { description: 'The desktop', content: ONE },
    202: { description: NOT_AS_ASKED, content: ONE },
  },
  gone: {
    204: { description: 'They are being removed. With `wait`, they are gone' },
    202: { description: 'The time of `wait` is over, and these are not gone', content: LIST },
  },
  made: {
    200: { description: 'There was nothing to make', content: EITHER },
    201: { description: 'Made. With `wait`, it runs', content: EITHER },
    202: { description: NOT_AS_ASKED, content: EITHER },
  },
} as const;

/** Shows desktops to callers. */
export class DesktopViews {
  readonly #store: FleetStore;
  readonly #viewersOf: (name: string) => number;

  constructor(store: FleetStore, viewersOf: (name: string) => number) {
    this.#store = store;
    this.#viewersOf = viewersOf;
  }

  /** One desktop as a caller may see it. Undefined if the caller may not. */
  show(state: FleetState, caller: User, desktop: Desktop): object | undefined {
    const rights = rightsOn(callerIn(state, caller), desktop);
    if (!rights.read) return undefined;
    const { epoch: _epoch, key: _key, port: _port, isLeased: _isLeased, ...rest } = desktop;
    const { status, createdMs, isIdle: _isIdle, environment, limitsEnforced, ...settings } = rest;
    return {
      ...settings,
      ...(rights.owner && environment && { environment }),
      ...(settings.limits && limitsEnforced && { limits_enforced: limitsEnforced }),
      ...{
        state: status.state,
        reason: status.reason,
        since: time(status.sinceMs),
        created: time(createdMs),
      },
      ...{ viewers: this.#viewersOf(desktop.name), rights },
    };
  }

  /** Waits if the caller asked for that, and answers with a desktop. */
  async answer(name: string, caller: User, { wait }: Wait, signal: AbortSignal): Promise<Answer> {
    const isAsAsked = await this.#wait([name], wait, signal);
    const { state } = this.#store;
    const { desktop } = requireDesktop(state, caller, name, 'read');
    return withStatus(json(this.show(state, caller, desktop)), isAsAsked ? 200 : 202);
  }

  /** The same for several. Those that are gone in the meantime are left out. */
  async answerList(
    names: readonly string[],
    caller: User,
    { wait }: Wait,
    signal: AbortSignal,
  ): Promise<Answer> {
    const isAsAsked = await this.#wait(names, wait, signal);
    const { state } = this.#store;
    const list = names.flatMap((name) => {
      const desktop = state.desktop.get(name);
      return (desktop && this.show(state, caller, desktop)) ?? [];
    });
    return withStatus(json(list), isAsAsked ? 200 : 202);
  }

  /** Waits if the caller asked for that until desktops are gone, and answers with those that are not. */
  async answerGone(
    names: readonly string[],
    caller: User,
    { wait }: Wait,
    signal: AbortSignal,
  ): Promise<Answer> {
    if (await this.#wait(names, wait, signal)) return { status: 204 };
    return withStatus(await this.answerList(names, caller, {}, signal), 202);
  }

  /** Resolves with true if the caller does not want to wait. */
  async #wait(names: readonly string[], wait: number | undefined, signal: AbortSignal): Promise<boolean> {
    return wait === undefined || (await settled(this.#store, names, wait, signal));
  }
}

interface Wait {
  /** Seconds. Undefined: the answer is about now, whatever was asked for. */
  readonly wait?: number;
}

export const withStatus = (answer: Answer, status: number): Answer => ({ ...answer, status });

const time = (ms: number): string => new Date(ms).toISOString();
