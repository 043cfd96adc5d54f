import { hostname } from 'node:os';
import type { Settings } from '../config/config.ts';
import { ConfigError } from '../config/errors.ts';
import { anyText, integer, type ValueType } from '../config/values.ts';
import type { HostRole } from '../fleet/host-role.ts';

/** The settings that all processes of a fleet have. The others of `serve` are those of a desktop. */
export const COMMON_KEYS = ['data', 'basePath', 'logLevel'] as const satisfies readonly (keyof Settings)[];

/** Those of an edge. */
export const EDGE_KEYS = [
  ...['listen', 'port', 'insecureHttp', 'owner', 'ownerPasswordFile', 'ownerPasswordFd'],
  ...['cert', 'key', 'allowOrigin', 'trustProxy', 'trustUserHeader', 'maxConnections'],
  ...['maxConnectionsPerAddress', 'maxConnectRate', 'maxMemory', 'auditLog'],
] as readonly (keyof Settings)[];

/** A flag of the commands for fleets, which is no setting of a desktop's server. */
export interface FleetFlag {
  readonly flag: string;
  // biome-ignore lint/suspicious/noExplicitAny: a flag has a value of any type.
  readonly type: ValueType<any>;
  readonly help: string;
  /** The default in words. */
  readonly defaultHelp?: string;
}

/** Desktops that may run at a time. Each takes 100 MB and more. */
const DEFAULT_CAPACITY = 32;
/** Ports from which the kernel gives none to clients by default. */
const DEFAULT_PORTS = { first: 21_000, last: 21_999 };
/** Port ranges have room for as many desktops as a host may have. */
const MAX_CAPACITY = 10_000;
const DEFAULT_MAX_STALE_S = 10;
const MAX_SECONDS = 86_400;

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

const nodeName: ValueType<string> = {
  placeholder: 'NAME',
  allowed: 'a name of up to 63 small letters, digits, dots, hyphens and underscores',
  parse: (text) => (NAME.test(text) ? text : undefined),
  format: String,
};

const portRange: ValueType<HostRole['ports']> = {
  placeholder: 'FIRST-LAST',
  allowed: `two ports from 1 to 65535 with a hyphen between them, at most ${MAX_CAPACITY} ports`,
  parse: (text) => {
    const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
    const [first, last] = [Number(from), Number(to)];
    const isRange = first >= 1 && last <= 65_535 && first <= last && last - first < MAX_CAPACITY;
    return isRange ? { first, last } : undefined;
  },
  format: ({ first, last }) => `${first}-${last}`,
};

/** They are read by `takeStorePlace`. */
export const STORE_HELP: readonly FleetFlag[] = [
  {
    flag: 'store',
    type: anyText('STORE'),
    help:
      'Where users, desktops and hosts are kept: a PostgreSQL database postgres://USER@HOST[,HOST…]/DATABASE, or a ' +
      'folder that the processes of this machine share.',
    defaultHelp: '$DESKWIRE_STORE, else the folder of --data',
  },
  {
    flag: 'store-file',
    type: anyText('FILE'),
    help: 'File with that URL, so that its password is not in the list of processes.',
    defaultHelp: '$DESKWIRE_STORE_FILE',
  },
];

export const EDGE_FLAGS: readonly FleetFlag[] = [
  {
    flag: 'max-stale',
    type: integer('SECONDS', 1, MAX_SECONDS),
    help: 'Time without an answer of the store after which passwords are refused.',
    defaultHelp: String(DEFAULT_MAX_STALE_S),
  },
  {
    flag: 'blank-after',
    type: integer('SECONDS', 1, MAX_SECONDS),
    help: 'Time without an answer of the store after which viewers are disconnected.',
    defaultHelp: 'they stay',
  },
];

export const HOST_FLAGS: readonly FleetFlag[] = [
  {
    flag: 'capacity',
    type: integer('NUMBER', 1, MAX_CAPACITY),
    help: 'Desktops that may run at a time.',
    defaultHelp: String(DEFAULT_CAPACITY),
  },
  {
    flag: 'desktop-ports',
    type: portRange,
    help: 'TCP ports at which desktops listen for edges, at --address.',
    defaultHelp: portRange.format(DEFAULT_PORTS),
  },
];

export const addressFlag = (defaultHelp: string): FleetFlag => ({
  flag: 'address',
  type: anyText('ADDRESS'),
  help: 'Address of this machine at which its desktops listen for edges of other processes and machines, with TLS.',
  defaultHelp,
});

export const nameFlag = (what: string, defaultHelp: string): FleetFlag => ({
  flag: 'name',
  type: nodeName,
  help: `Name of the ${what}, which no other one of the fleet has.`,
  defaultHelp,
});

/** The values of a command's own flags. */
export class FleetValues {
  readonly #values = new Map<string, unknown>();
  readonly #written = new Map<string, string>();

  /** Throws ConfigError. */
  constructor(flags: readonly FleetFlag[], given: ReadonlyMap<string, readonly string[]>) {
    for (const { flag, type } of flags) {
      const text = given.get(flag)?.at(-1);
      if (text === undefined) continue;
      const value = type.parse(text);
      if (value === undefined)
        throw new ConfigError(
          'CFG_BAD_VALUE',
          `--${flag}: "${text}" is not allowed; it must be ${type.allowed}.`,
        );
      this.#values.set(flag, value);
      this.#written.set(flag, text);
    }
  }

  /** A value as it was written, which is a valid one. */
  written(flag: string): string | undefined {
    return this.#written.get(flag);
  }

  list(flag: string): readonly string[] | undefined {
    return this.#values.get(flag) as readonly string[] | undefined;
  }

  text(flag: string): string | undefined {
    return this.#values.get(flag) as string | undefined;
  }

  seconds(flag: string): number | undefined {
    const value = this.#values.get(flag) as number | undefined;
    return value === undefined ? undefined : value * 1000;
  }

  /** `address` is where desktops listen by default. */
  host(address: string | undefined): HostRole {
    return {
      name: this.text('name') ?? machineName(),
      capacity: (this.#values.get('capacity') as number | undefined) ?? DEFAULT_CAPACITY,
      address: this.text('address') ?? address,
      ports: (this.#values.get('desktop-ports') as HostRole['ports'] | undefined) ?? DEFAULT_PORTS,
    };
  }

  /** How long an edge goes on without the store. */
  get staleness(): { readonly maxStaleMs: number; readonly blankAfterMs: number | undefined } {
    return {
      maxStaleMs: this.seconds('max-stale') ?? DEFAULT_MAX_STALE_S * 1000,
      blankAfterMs: this.seconds('blank-after'),
    };
  }
}

/** The name of this machine, as one of a node. */
export function machineName(): string {
  const name = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, 63)
    .replace(/[._-]+$/, '');
  return name === '' ? 'machine' : name;
}
