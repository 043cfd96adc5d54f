import { type FleetCommand, runFleetCommand } from './fleet-command.ts';
import { addressFlag, COMMON_KEYS, HOST_FLAGS, nameFlag } from './fleet-flags.ts';
import { hostHelp } from './fleet-help.ts';

/** By default, edges on the same machine reach the desktops. */
const DEFAULT_ADDRESS = '127.0.0.1';

const COMMAND: FleetCommand = {
  name: 'host',
  keys: COMMON_KEYS,
  flags: [nameFlag('host', 'that of the machine'), ...HOST_FLAGS, addressFlag(DEFAULT_ADDRESS)],
  help: (flags) => hostHelp(COMMON_KEYS, flags),
  roles: (values) => ({ host: values.host(DEFAULT_ADDRESS) }),
  ready: ({ desktops }, { host }) => `Deskwire host ready: ${host!.name} (desktops: ${desktops})`,
};

/** Runs `deskwire host`, which runs desktops of a fleet on this machine. They run on when it ends. */
export const host = (args: readonly string[]): Promise<void> => runFleetCommand(COMMAND, args);
