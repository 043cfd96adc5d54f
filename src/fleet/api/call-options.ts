import type { User } from '../../accounts/user.ts';
import type { Desktop } from '../store/fleet-state.ts';
import type { FleetNode } from '../store/nodes.ts';
import type { FleetStore } from '../store/store.ts';

/** A call of a desktop's own API. */
export interface DesktopCall {
  readonly method: 'GET' | 'DELETE';
  /** Path and query below the desktop's own root. */
  readonly path: string;
  /** Who calls, with the rights on this desktop. */
  readonly user: User;
  /** Where the caller is. */
  readonly address: string;
}

export interface DesktopAnswer {
  readonly status: number;
  /** Parsed JSON. Undefined for an answer of another type. */
  readonly body: unknown;
}

/** What the calls about desktops need. */
export interface DesktopCallOptions {
  readonly store: FleetStore;
  /** The reports of all nodes, as old as they are now. */
  readonly nodes: () => readonly FleetNode[];
  readonly viewersOf: (name: string) => number;
  /** The last lines of a desktop's log. */
  readonly logOf: (desktop: Desktop, lines: number) => Promise<string>;
  /** Makes a call of a running desktop. Throws FLEET_DESKTOP_SILENT. */
  readonly askDesktop: (desktop: Desktop, call: DesktopCall, signal: AbortSignal) => Promise<DesktopAnswer>;
}
