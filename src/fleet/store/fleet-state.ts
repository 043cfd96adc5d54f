import type { StoredUser } from '../../accounts/store-state.ts';
import type { FleetGroup } from './group.ts';
import type { FleetTicket, FleetToken, Logouts, SigningKeys } from './logins.ts';

/** What a desktop may take at most, with its server. */
export interface DesktopLimits {
  /** MiB of memory. */
  readonly memory_mb?: number;
  /** Percent of one core. */
  readonly cpu_percent?: number;
  /** Processes and threads. */
  readonly processes?: number;
}

export type LimitName = keyof DesktopLimits;

/** What desktops are made of. A template has the same fields, as far as it sets them. */
export interface DesktopSettings {
  /** Shell command line to start in place of the usual desktop. */
  readonly command?: string;
  /** Size at the start, such as `1680x971`. */
  readonly size?: string;
  /** Whether its programs can use OpenGL. */
  readonly gl?: boolean;
  /** Further variables of its programs. May be secret. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly limits?: DesktopLimits;
  /** Whether its home folder is emptied at each start. */
  readonly home?: 'kept' | 'temporary';
  /** Such as `class=7b`. Grants name desktops by them. */
  readonly labels?: readonly string[];
  /** What follows when the desktop ends by itself; `elsewhere`, also when its host is lost. */
  readonly restart?: 'never' | 'here' | 'elsewhere';
  /** Seconds after its creation at which the desktop is removed. */
  readonly ttl_s?: number;
  /** Seconds without a viewer after which it is paused. */
  readonly idle_pause_s?: number;
  /** Seconds without a viewer after which it is ended. */
  readonly idle_end_s?: number;
}

/** A desktop's life, as its host last saw it. */
export interface DesktopStatus {
  readonly state: 'starting' | 'running' | 'paused' | 'ended' | 'lost';
  /** Why, as a sentence for people. */
  readonly reason: string;
  /** Time of `Date.now()` from which on it has been so. */
  readonly sinceMs: number;
  /** What it was when its host fell silent, if it is lost for that. Edges that still reach it go on with it. */
  readonly was?: 'starting' | 'running' | 'paused';
}

export interface Desktop extends DesktopSettings {
  readonly name: string;
  /** The template that it was made from. */
  readonly template?: string;
  readonly wanted: 'running' | 'paused' | 'gone';
  /** Whether it is paused because no viewer used it, so that the next one resumes it. */
  readonly isIdle?: boolean;
  readonly createdMs: number;
  /** Number of its starts. Each start has another one, so that the edge and the desktop agree which one they mean. */
  readonly epoch: number;
  /** The secret with which the edge signs for this desktop. */
  readonly key: string;
  /** Limits that its host can enforce, since its last start. */
  readonly limitsEnforced?: readonly LimitName[];
  /** Host that runs it. */
  readonly host?: string;
  /** TCP port of its server at its host's address. Undefined if it listens at a Unix socket only. */
  readonly port?: number;
  /** Whether its process freezes itself when the lease of its host ends, so that it may be started elsewhere. */
  readonly isLeased?: boolean;
  readonly status: DesktopStatus;
}

type Template = DesktopSettings & { readonly name: string };

/** A machine that runs desktops, as it has introduced itself. */
export interface FleetHost {
  readonly name: string;
  /** Desktops that it may run at a time. */
  readonly capacity: number;
  /** Whether it takes no more desktops. */
  readonly isDraining?: boolean;
  /** Where edges on other machines reach its desktops. Undefined if only the edge in the same process does. */
  readonly address?: string;
  /** SHA-256 of the certificate that its desktops show there, as 64 hexadecimal digits. */
  readonly certificate?: string;
  /** The only desktop that it runs, if that was started from outside. */
  readonly only?: string;
  /** Tells its data folder from that of another host of the same name. */
  readonly instance?: string;
}

/** The kinds of entries, and what one of each is. */
interface Kinds {
  readonly user: StoredUser;
  readonly desktop: Desktop;
  readonly template: Template;
  readonly host: FleetHost;
  readonly group: FleetGroup;
  /** By id. */
  readonly token: FleetToken;
  /** By id. */
  readonly ticket: FleetTicket;
  /** By whose they are: see `logoutKey`. */
  readonly logout: Logouts;
  /** One entry, `login`. */
  readonly keys: SigningKeys;
}

export type Kind = keyof Kinds;

/** All that a fleet knows, as of one version. Immutable. */
export type FleetState = { readonly version: number } & {
  readonly [K in Kind]: ReadonlyMap<string, Kinds[K]>;
};

/** A new value of one entry. `undefined` removes it. */
export type FleetChange = {
  readonly [K in Kind]: { readonly kind: K; readonly name: string; readonly value: Kinds[K] | undefined };
}[Kind];

export const EMPTY_FLEET: FleetState = {
  version: 0,
  user: new Map(),
  desktop: new Map(),
  template: new Map(),
  host: new Map(),
  group: new Map(),
  token: new Map(),
  ticket: new Map(),
  logout: new Map(),
  keys: new Map(),
};

/** The state after changes, at another version. */
export function changedState(
  before: FleetState,
  changes: readonly FleetChange[],
  version: number,
): FleetState {
  const after = { ...before, version };
  const copied = new Set<Kind>();
  for (const { kind, name, value } of changes) {
    if (!copied.has(kind)) Object.assign(after, { [kind]: new Map<string, unknown>(before[kind]) });
    copied.add(kind);
    const entries = after[kind] as Map<string, unknown>;
    if (value === undefined) entries.delete(name);
    else entries.set(name, value);
  }
  return after;
}
