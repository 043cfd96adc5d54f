import { columns } from '../table.ts';
import type { OperatorCommand } from './operator-command.ts';

/** A machine as the API shows it, as far as it is printed. */
export interface ShownHost {
  readonly name: string;
  readonly state: string;
  /** Desktops that it runs, or is to run. */
  readonly used: number;
  readonly capacity: number;
  /** Why it gets no new desktop. */
  readonly reason: string;
}

export const HOST_COMMANDS: Readonly<Record<string, OperatorCommand>> = {
  list: {
    ...{ least: 0, most: 0 },
    run: async ({ client }) => {
      const hosts = await client.call<ShownHost[]>('GET', 'hosts');
      return { text: hostTable(hosts), json: hosts };
    },
  },
  drain: change(),
  undrain: change(),
};

/** A command that changes whether a machine gets new desktops. */
function change(): OperatorCommand {
  return {
    ...{ least: 1, most: 1 },
    run: async ({ client, names, verb }) => {
      const host = await client.call<ShownHost>('POST', `hosts/${encodeURIComponent(names[0]!)}/${verb}`);
      return { text: hostTable([host]), json: host };
    },
  };
}

export function hostTable(hosts: readonly ShownHost[]): string {
  const rows = hosts.map(({ name, state, used, capacity, reason }) => {
    return [name, state, `${used} of ${capacity}`, reason];
  });
  return columns([['NAME', 'STATE', 'DESKTOPS', 'REASON'], ...rows]);
}
