import type { Config, Settings } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { CONFIG_SWITCHES } from '../config/load-config.ts';
import { type FlagNames, type ParsedFlags, parseFlags } from '../config/parse-flags.ts';
import { SCHEMA } from '../config/schema.ts';
import type { EdgeRole, RunningFleet } from '../fleet/fleet.ts';
import type { HostRole } from '../fleet/host-role.ts';
import type { JoinRole } from '../fleet/join-role.ts';
import { beginServer } from './begin-server.ts';
import { type FleetFlag, FleetValues, STORE_HELP } from './fleet-flags.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { takeStorePlace } from './store-place.ts';

/** A command that runs a process of a fleet. */
export interface FleetCommand {
  readonly name: string;
  /** Settings that it takes. */
  readonly keys: readonly (keyof Settings)[];
  /** Its own flags, but for those of the store. */
  readonly flags: readonly FleetFlag[];
  readonly help: (flags: readonly FleetFlag[]) => string;
  /** What the process does. Throws ConfigError. */
  readonly roles: (values: FleetValues, config: Config) => FleetRoles;
  /** The line that says that it runs. */
  readonly ready: (running: RunningFleet, roles: FleetRoles) => string;
}

interface FleetRoles {
  readonly edge?: Omit<EdgeRole, 'adminPassword'>;
  readonly host?: HostRole;
  readonly join?: JoinRole;
}

/** A command line that has been read. */
interface ReadCommand<Begun> {
  readonly values: FleetValues;
  readonly begun: Begun;
}

/** Reads the flags of such a command. `begin` makes its settings of them. Throws ConfigError. */
export function readFleetCommand<Begun>(
  command: FleetCommand,
  args: readonly string[],
  begin: (values: ParsedFlags['values']) => Begun,
): ReadCommand<Begun> {
  const { values, positionals } = parseFlags(args, namesOf(command));
  if (positionals[0] !== undefined) {
    const detail = `"${command.name}" does not take ${JSON.stringify(positionals[0])}.`;
    throw new ConfigError('CFG_UNEXPECTED_ARGUMENT', detail);
  }
  return { values: new FleetValues(ownFlags(command), values), begun: begin(values) };
}

const ownFlags = ({ flags }: FleetCommand): readonly FleetFlag[] => [...STORE_HELP, ...flags];

function namesOf(command: FleetCommand): FlagNames {
  const settings = command.keys.map((key) => SCHEMA[key].flag);
  return {
    valued: [...settings, 'config', ...ownFlags(command).map(({ flag }) => flag)],
    switches: CONFIG_SWITCHES.filter((flag) => settings.includes(flag)),
    plain: ['help'],
  };
}

/** Runs such a command until a signal ends it, and then ends the process. */
export async function runFleetCommand(command: FleetCommand, args: readonly string[]): Promise<void> {
  if (parseFlags(args, namesOf(command)).plain.has('help')) {
    process.stdout.write(command.help(ownFlags(command)));
    return;
  }
  const { values, begun } = readFleetCommand(command, args, (given) => ({
    // First: the variables of the store are taken before any warning of unknown ones.
    store: takeStorePlace(given, process.env, process.cwd()),
    ...beginServer(given),
  }));
  const { config, log, ownerPassword, store } = begun;
  for (const warning of store.warnings) log.warn(warning);
  const roles = command.roles(values, config);
  const { edge, ...others } = roles;
  await runUntilSignal({
    log,
    bringUp: async (isEnding) => {
      const adminPassword = edge === undefined ? undefined : await ownerPassword();
      const { startFleet } = await import('../fleet/fleet.ts');
      if (isEnding()) return undefined;
      return startFleet({
        ...{ config, place: store.place, program: process.argv[1]!, log },
        ...(edge && { edge: { ...edge, adminPassword } }),
        ...others,
      });
    },
    announce: (running) => announce(running, command.ready(running, roles)),
    // Desktops outlive the fleet.
    endByForce: () => {},
  });
}

function announce({ urls, newAdmin }: RunningFleet, ready: string): void {
  if (newAdmin !== undefined) {
    const password = newAdmin.password === undefined ? 'as given' : `${newAdmin.password} (shown once)`;
    process.stdout.write(`Admin: ${newAdmin.name}  Password: ${password}\n`);
  }
  for (const other of urls.slice(1)) process.stdout.write(`Also listening: ${other}\n`);
  process.stdout.write(`${ready}\n`);
}
