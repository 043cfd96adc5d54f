import type { Logger } from 'pino';
import type { PostgresPlace } from './postgres/store-url.ts';
import type { FleetStore } from './store.ts';

export interface StoreOptions {
  /** The database of a fleet on many machines. Undefined: the embedded store in the data folder. */
  readonly place: PostgresPlace | undefined;
  readonly data: string;
  readonly log: Logger;
}

/**
 * Opens the store of a fleet. Each of the two loads what it needs and no more. Throws FLEET_STORE_BROKEN and
 * FLEET_STORE_UNAVAILABLE.
 */
export async function openStore({ place, data, log }: StoreOptions): Promise<FleetStore> {
  if (place === undefined) {
    const { SqliteStore } = await import('./sqlite-store.ts');
    return new SqliteStore(data);
  }
  const { PostgresStore } = await import('./postgres-store.ts');
  return PostgresStore.open({ place, log });
}
