import { edgeName } from './edge.ts';
import { type FleetCommand, runFleetCommand } from './fleet-command.ts';
import { addressFlag, COMMON_KEYS, EDGE_FLAGS, EDGE_KEYS, HOST_FLAGS, nameFlag } from './fleet-flags.ts';
import { fleetHelp } from './fleet-help.ts';

const KEYS = [...EDGE_KEYS, ...COMMON_KEYS];

const COMMAND: FleetCommand = {
  name: 'fleet',
  keys: KEYS,
  flags: [
    ...[nameFlag('host', 'that of the machine'), ...HOST_FLAGS],
    ...[addressFlag('none: only this process reaches them'), ...EDGE_FLAGS],
  ],
  help: (flags) => fleetHelp(KEYS, flags),
  roles: (values, config) => ({
    edge: { name: edgeName(values, config), ...values.staleness },
    host: values.host(undefined),
  }),
  ready: ({ urls, desktops }) => `Deskwire fleet ready: ${urls[0]} (desktops: ${desktops})`,
};

/** Runs `deskwire fleet`, an edge and a host in one process. Its desktops run on. */
export const fleet = (args: readonly string[]): Promise<void> => runFleetCommand(COMMAND, args);
