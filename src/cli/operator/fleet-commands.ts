import { hasCode } from '../../sdk/errors.ts';
import type { ShownDesktop } from './desktop-commands.ts';
import type { FleetClient } from './fleet-client.ts';
import { hostTable, type ShownHost } from './host-commands.ts';
import type { OperatorCommand } from './operator-command.ts';

export const FLEET_COMMANDS: Readonly<Record<string, OperatorCommand>> = {
  status: {
    ...{ least: 0, most: 0 },
    run: async ({ client }) => {
      const [desktops, hosts] = await Promise.all([
        client.call<ShownDesktop[]>('GET', 'desktops'),
        hostsOf(client),
      ]);
      const states: Record<string, number> = {};
      for (const { state } of desktops) states[state] = (states[state] ?? 0) + 1;
      const viewers = desktops.reduce((sum, desktop) => sum + desktop.viewers, 0);
      const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
      const lines = [
        `Fleet:    ${client.url} answers`,
        `Desktops: ${desktops.length}${counts.length === 0 ? '' : ` (${counts.join(', ')})`}`,
        `Viewers:  ${viewers}`,
      ];
      const text = `${lines.join('\n')}\n${hosts === undefined ? '' : `\n${hostTable(hosts)}`}`;
      return { text, json: { url: client.url, desktops: desktops.length, states, viewers, hosts } };
    },
  },
};

/** The machines. Undefined for a caller who is no admin, and for a fleet that is too old to have the call. */
async function hostsOf(client: FleetClient): Promise<ShownHost[] | undefined> {
  try {
    return await client.call<ShownHost[]>('GET', 'hosts');
  } catch (error) {
    if (hasCode(error, 'FLEET_NO_RIGHT', 'HTTP_NOT_FOUND')) return undefined;
    throw error;
  }
}
