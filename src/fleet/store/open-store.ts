import type { Logger } from 'pino';
import type { PostgresPlace } from './postgres/store-url.ts';
import type { FleetStore } from './store.ts';

/** A database, or the folder of an embedded store that several processes of this machine share. */
export type StorePlace = PostgresPlace | { readonly folder: string };

export interface StoreOptions {
  /** Undefined: the embedded store in the data folder. */
  readonly place: StorePlace | undefined;
  readonly data: string;
  readonly log: Logger;
}

/**
 * Opens the store of a fleet. Each of the two loads what it needs and no more. Throws FLEET_STORE_BROKEN and
 * FLEET_STORE_UNAVAILABLE.
 */
export async function openStore({ place, data, log }: StoreOptions): Promise<FleetStore> {
  if (place === undefined || 'folder' in place) {
    const { SqliteStore } = await import('./sqlite-store.ts');
    const store = new SqliteStore(place?.folder ?? data);
    store.followOthers();
    return store;
  }
  const { PostgresStore } = await import('./postgres-store.ts');
  return PostgresStore.open({ place, log });
}
