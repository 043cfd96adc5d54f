import type { Settings } from '../config/config.ts';
import type { Option } from '../config/option.ts';
import { SCHEMA } from '../config/schema.ts';
import type { FleetFlag } from './fleet-flags.ts';
import { entry, optionHelp } from './help-entry.ts';

type Keys = readonly (keyof Settings)[];
type Flags = readonly FleetFlag[];

/** Settings that have another default in a fleet. */
const FLEET_OWN: Partial<Record<keyof Settings, Option<unknown>>> = {
  auditLog: {
    ...(SCHEMA.auditLog as Option<unknown>),
    defaultHelp: 'fleet-audit.jsonl in the data folder',
  },
};

const flagsHelp = (keys: Keys, flags: Flags): string =>
  `Flags
${flags.map(({ flag, type, help, defaultHelp }) => entry(`--${flag} ${type.placeholder}`, help, defaultHelp)).join('')}${keys
  .map((key) => optionHelp((FLEET_OWN[key] ?? SCHEMA[key]) as Option<unknown>))
  .join('')}${entry('--config FILE', 'YAML file, of which these settings are used.', '$DESKWIRE_CONFIG')}`;

/** Text of `deskwire fleet --help`. `keys` are its settings. */
export const fleetHelp = (keys: Keys, flags: Flags): string =>
  `Runs many desktops on this machine behind one port. See docs/fleet.md.

Usage
  deskwire fleet [flags]
  deskwire fleet status [flags]   ask a fleet how it is

${flagsHelp(keys, flags)}
The first owner is the admin of the fleet. Desktops run on when the fleet ends; its next start finds
them.

Examples
  deskwire fleet --listen 0.0.0.0 --data /var/lib/deskwire
  curl -u owner --cacert cert.pem https://127.0.0.1:8443/api/desktops?wait=30 -d '{"name": "lab-1"}'
`;

/** Text of `deskwire edge --help`. */
export const edgeHelp = (keys: Keys, flags: Flags): string =>
  `Runs one more edge of a fleet: the page, logins, the API, and the way to all desktops. See docs/fleet.md.

Usage
  deskwire edge --store STORE [flags]

${flagsHelp(keys, flags)}
Any number of edges behind a load balancer show the same fleet. Each needs a data folder of its own.

Examples
  deskwire edge --store /var/lib/deskwire --data /var/lib/deskwire-edge-2 --port 8444
`;

/** Text of `deskwire host --help`. */
export const hostHelp = (keys: Keys, flags: Flags): string =>
  `Runs desktops of a fleet on this machine, for edges that run elsewhere. See docs/fleet.md.

Usage
  deskwire host --store STORE [flags]
  deskwire host list|drain|undrain [flags]   ask a fleet for its hosts (deskwire host list --help)

${flagsHelp(keys, flags)}
Edges reach each desktop at --address and one of --desktop-ports, with TLS; the desktop answers edges
of its fleet only. Desktops run on when the host ends; its next start with the same --data finds them.

Examples
  deskwire host --store /var/lib/deskwire --data /var/lib/deskwire-host --capacity 20
`;

/** Text of `deskwire desktop --join --help`. */
export const joinHelp = (keys: Keys, flags: Flags): string =>
  `Runs one desktop of a fleet in the foreground, for platforms that start processes. See docs/fleet.md.

Usage
  deskwire desktop --join --store STORE --name NAME [flags]

${flagsHelp(keys, flags)}
The desktop registers itself, and ends with this command. Started again, it takes its place back. If
the fleet removes the desktop, the command ends.

Examples
  deskwire desktop --join --store /var/lib/deskwire --data /var/lib/lab-7 --name lab-7
`;
