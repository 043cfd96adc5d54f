import { CliError } from '../errors.ts';
import { columns } from '../table.ts';
import { type FlagValues, given } from './connection.ts';
import { type FleetClient, forNames } from './fleet-client.ts';
import { FIELD_FLAGS, newDesktops } from './new-desktops.ts';
import type { CommandContext, CommandResult, OperatorCommand } from './operator-command.ts';

/** A desktop as the API shows it, as far as it is printed. */
export interface ShownDesktop {
  readonly name: string;
  readonly wanted: string;
  readonly state: string;
  readonly reason: string;
  readonly since: string;
  readonly viewers: number;
  readonly labels?: readonly string[];
}

/** Seconds for which a command waits if it is not told otherwise, and at most: the longest that the API does. */
const USUAL_WAIT = '60';

const MANY = Number.POSITIVE_INFINITY;

export const DESKTOP_COMMANDS: Readonly<Record<string, OperatorCommand>> = {
  list: {
    ...{ flags: ['label', 'state'], least: 0, most: 0 },
    run: async ({ client, values }) => {
      const query = new URLSearchParams();
      const labels = values.get('label');
      if (labels !== undefined) query.set('label', labels.join(','));
      const state = given(values, 'state');
      if (state !== undefined) query.set('state', state);
      return shownList(await client.call<ShownDesktop[]>('GET', `desktops?${query}`));
    },
  },
  show: {
    ...{ least: 1, most: 1 },
    run: async ({ client, names }) => {
      const desktop = await client.call<object>('GET', pathOf(names[0]!));
      const rows = Object.entries(desktop).map(([field, value]) => [field, textOf(value)]);
      return { text: columns(rows), json: desktop };
    },
  },
  create: {
    ...{ flags: [...FIELD_FLAGS, 'file', 'wait'], least: 0, most: MANY },
    check: (names, values) => {
      waitOf(values);
      if (names.length === 0 && !values.has('file'))
        throw new CliError('CLI_NAME_MISSING', '"desktop create" needs a name, or --file.');
    },
    run: async ({ client, names, values }) => {
      const path = `desktops?wait=${waitOf(values)}`;
      const made = await client.call<ShownDesktop | ShownDesktop[]>('POST', path, newDesktops(names, values));
      return waited([made].flat(), values, ({ name, state }) => {
        return [name, state, state === 'running' ? `${client.url}d/${name}/` : ''];
      });
    },
  },
  pause: wish(),
  resume: wish(),
  restart: wish(),
  end: {
    ...{ flags: ['label', 'wait'], least: 0, most: MANY },
    check: (names, values) => {
      waitOf(values);
      if (names.length > 0 === values.has('label'))
        throw new CliError('CLI_NAME_MISSING', '"desktop end" needs either names, or --label.');
    },
    run: ({ client, names, values }) => end(client, names, values),
  },
  logs: {
    ...{ flags: ['tail'], least: 1, most: 1 },
    run: async ({ client, names, values }) => {
      const tail = given(values, 'tail');
      const query = tail === undefined ? '' : `?${new URLSearchParams({ tail })}`;
      return { text: await client.call<string>('GET', `${pathOf(names[0]!)}/logs${query}`) };
    },
  },
};

/** A command that changes what desktops are wanted to be. */
function wish(): OperatorCommand {
  return {
    ...{ flags: ['wait'], least: 1, most: MANY },
    check: (_names, values) => void waitOf(values),
    run: async ({ client, names, values, verb }: CommandContext) => {
      const call = (name: string): Promise<ShownDesktop> =>
        client.call('POST', `${pathOf(name)}/${verb}?wait=${waitOf(values)}`);
      return waited(await forNames(names, call), values, ({ name, state, reason }) => [name, state, reason]);
    },
  };
}

async function end(
  client: FleetClient,
  names: readonly string[],
  values: FlagValues,
): Promise<CommandResult> {
  const labels = values.get('label');
  const query = new URLSearchParams({
    wait: waitOf(values),
    ...(labels !== undefined && { label: labels.join(',') }),
  });
  const body = labels === undefined ? names.map((name) => ({ name })) : undefined;
  const left = (await client.call<ShownDesktop[] | undefined>('DELETE', `desktops?${query}`, body)) ?? [];
  if (waitOf(values) === '0' || left.length === 0) return { text: '', json: left };
  const fault = `Not gone after ${waitOf(values)} s: ${left.map(({ name }) => name).join(', ')}.`;
  return { ...shownList(left), fault };
}

const pathOf = (name: string): string => `desktops/${encodeURIComponent(name)}`;

function waitOf(values: FlagValues): string {
  const wait = given(values, 'wait') ?? USUAL_WAIT;
  if (/^\d{1,2}$/.test(wait) && Number(wait) <= Number(USUAL_WAIT)) return wait;
  throw new CliError(
    'CLI_OPTION_INVALID',
    `--wait: "${wait}" is no number of seconds from 0 to ${USUAL_WAIT}.`,
  );
}

/** What was asked for and waited for, with those that are not so. */
function waited(
  desktops: readonly ShownDesktop[],
  values: FlagValues,
  row: (desktop: ShownDesktop) => readonly string[],
): CommandResult {
  const wrong = waitOf(values) === '0' ? [] : desktops.filter(({ wanted, state }) => wanted !== state);
  const faults = wrong.map(({ name, state, reason }) => `${name} is ${state}. ${reason}`.trim());
  return {
    text: columns(desktops.map(row)),
    json: desktops,
    fault: faults.length === 0 ? undefined : faults.join(' '),
  };
}

function shownList(desktops: readonly ShownDesktop[]): CommandResult {
  const rows = desktops.map(({ name, state, viewers, since, labels = [], reason }) => {
    return [name, state, String(viewers), time(since), labels.join(','), reason];
  });
  const head = ['NAME', 'STATE', 'VIEWERS', 'SINCE', 'LABELS', 'REASON'];
  return { text: columns([head, ...rows]), json: desktops };
}

const time = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** A field's value in one line. A text is quoted only if it needs that. */
const textOf = (value: unknown): string =>
  typeof value === 'string' && /^[\P{C}]*$/u.test(value) ? value : JSON.stringify(value);
