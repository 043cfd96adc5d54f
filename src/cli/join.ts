import { ConfigError } from '../config/errors.ts';
import { anyText, list, size } from '../config/values.ts';
import { type FleetCommand, runFleetCommand } from './fleet-command.ts';
import { addressFlag, COMMON_KEYS, type FleetFlag, HOST_FLAGS } from './fleet-flags.ts';
import { joinHelp } from './fleet-help.ts';

const DEFAULT_ADDRESS = '127.0.0.1';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const LABEL = /^[\w.-]{1,63}=[\w.-]{1,63}$/;

const FLAGS: readonly FleetFlag[] = [
  {
    flag: 'name',
    type: {
      placeholder: 'NAME',
      allowed: '1 to 40 small letters, digits and hyphens between them',
      parse: (text) => (NAME.test(text) ? text : undefined),
      format: String,
    },
    help: 'Name of the desktop in the fleet.',
  },
  { flag: 'command', type: anyText('COMMAND'), help: 'Shell command line to start on the desktop.' },
  { flag: 'size', type: size, help: 'Size at the start.', defaultHelp: '1680x971' },
  {
    flag: 'labels',
    type: list('KEY=VALUE', 'labels such as class=7b, divided by commas', (text) =>
      LABEL.test(text) ? text : undefined,
    ),
    help: 'Labels by which grants name it.',
  },
  addressFlag(DEFAULT_ADDRESS),
  HOST_FLAGS.find(({ flag }) => flag === 'desktop-ports')!,
];

export const JOIN_COMMAND: FleetCommand = {
  name: 'desktop --join',
  keys: COMMON_KEYS,
  flags: FLAGS,
  help: (flags) => joinHelp(COMMON_KEYS, flags),
  roles: (values) => {
    const desktop = values.text('name');
    if (desktop === undefined) throw new ConfigError('CFG_BAD_VALUE', '"desktop --join" needs --name NAME.');
    const { address, ports } = values.host(DEFAULT_ADDRESS);
    const given = {
      command: values.text('command'),
      size: values.written('size'),
      labels: values.list('labels'),
    };
    const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    // Whatever has started it may start it again.
    const onRemoved = (): void => void process.kill(process.pid, 'SIGTERM');
    return { join: { desktop, settings, address, ports, onRemoved } };
  },
  ready: (_running, { join }) => `Deskwire desktop ready: ${join!.desktop} (joined)`,
};

/** Runs `deskwire desktop --join`: one desktop that something outside of the fleet has started. It ends with it. */
export const join = (args: readonly string[]): Promise<void> =>
  runFleetCommand(
    JOIN_COMMAND,
    args.filter((argument) => argument !== '--join'),
  );
