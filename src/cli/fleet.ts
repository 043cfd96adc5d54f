import type { Settings } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { CONFIG_SWITCHES } from '../config/load-config.ts';
import { parseFlags } from '../config/parse-flags.ts';
import { SCHEMA } from '../config/schema.ts';
import { integer } from '../config/values.ts';
import type { RunningFleet } from '../fleet/fleet.ts';
import { beginServer } from './begin-server.ts';
import { fleetHelp } from './help.ts';
import { runUntilSignal } from './run-until-signal.ts';
import { STORE_FLAGS, takeStorePlace } from './store-place.ts';

/** The settings of a fleet. The others of `serve` are those of a desktop. */
const FLEET_KEYS = [
  ...['listen', 'port', 'insecureHttp', 'basePath', 'data', 'owner', 'ownerPasswordFile', 'ownerPasswordFd'],
  ...['cert', 'key', 'allowOrigin', 'trustProxy', 'trustUserHeader', 'maxConnections'],
  ...['maxConnectionsPerAddress', 'maxConnectRate', 'maxMemory', 'auditLog', 'logLevel'],
] as readonly (keyof Settings)[];

/** Desktops that may run at a time. Each takes 100 MB and more. */
const CAPACITY = integer('NUMBER', 1, 10_000);
const DEFAULT_CAPACITY = 32;

/** Runs `deskwire fleet` until a signal ends it, and then ends the process. Its desktops run on. */
export async function fleet(args: readonly string[]): Promise<void> {
  const flags = FLEET_KEYS.map((key) => SCHEMA[key].flag);
  const { values, plain, positionals } = parseFlags(args, {
    valued: [...flags, ...STORE_FLAGS, 'config', 'capacity'],
    switches: CONFIG_SWITCHES.filter((flag) => flags.includes(flag)),
    plain: ['help'],
  });
  if (plain.has('help')) {
    process.stdout.write(fleetHelp(FLEET_KEYS, DEFAULT_CAPACITY));
    return;
  }
  if (positionals[0] !== undefined) {
    const detail = `"fleet" does not take ${JSON.stringify(positionals[0])}.`;
    throw new ConfigError('CFG_UNEXPECTED_ARGUMENT', detail);
  }
  const capacity = capacityOf(values.get('capacity')?.at(-1));
  const { place, warnings } = takeStorePlace(values, process.env, process.cwd());
  const { config, log, ownerPassword } = beginServer(values);
  for (const warning of warnings) log.warn(warning);
  await runUntilSignal({
    log,
    bringUp: async (isEnding) => {
      const password = await ownerPassword();
      const { startFleet } = await import('../fleet/fleet.ts');
      if (isEnding()) return undefined;
      const program = process.argv[1]!;
      return startFleet({ config, place, capacity, program, adminPassword: password, log });
    },
    announce,
    // Desktops outlive the fleet.
    endByForce: () => {},
  });
}

function capacityOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_CAPACITY;
  const capacity = CAPACITY.parse(text);
  if (capacity === undefined)
    throw new ConfigError(
      'CFG_BAD_VALUE',
      `--capacity: "${text}" is not allowed; it must be ${CAPACITY.allowed}.`,
    );
  return capacity;
}

function announce({ urls, newAdmin, desktops }: RunningFleet): void {
  if (newAdmin !== undefined) {
    const password = newAdmin.password === undefined ? 'as given' : `${newAdmin.password} (shown once)`;
    process.stdout.write(`Admin: ${newAdmin.name}  Password: ${password}\n`);
  }
  for (const other of urls.slice(1)) process.stdout.write(`Also listening: ${other}\n`);
  process.stdout.write(`Deskwire fleet ready: ${urls[0]} (desktops: ${desktops})\n`);
}
