import type { Logger } from 'pino';
import type { FleetStore } from '../store/store.ts';
import type { StartOptions } from './desktop-process.ts';

/** What a host and its desktops work with. */
export interface HostOptions extends StartOptions {
  readonly store: FleetStore;
  /** Name of this host. */
  readonly name: string;
  /**
   * Uptime of the machine in ms until which this host owns its desktops, as long as the store has heard of it. It ends
   * before others may start them.
   */
  readonly ownsUntilMs: () => number;
  /** Data folder of the host. */
  readonly data: string;
  /**
   * Since when a desktop has had no viewer, as a time of `performance.now()`; 0 if it never had one. Undefined while it
   * has one, and while it is not known.
   */
  readonly idleSinceMs: (name: string) => number | undefined;
  readonly log: Logger;
}
