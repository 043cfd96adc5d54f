import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../common/write-file-atomically.ts';

/** Where a fleet is, for commands on the same machine. */
export interface FleetAddress {
  readonly url: string;
  /** File of its self-signed certificate, relative to the data folder. Undefined for another certificate. */
  readonly certificate?: string;
}

const fileOf = (data: string): string => join(data, 'fleet-address.json');

/** Writes the address into the data folder of a fleet. Returns a function that removes it. */
export async function keepFleetAddress(data: string, address: FleetAddress): Promise<() => void> {
  await writeFileAtomically(fileOf(data), JSON.stringify(address));
  return () => rmSync(fileOf(data), { force: true });
}

/** The address of the fleet that runs with this data folder, or ran until it was killed. Undefined if there is none. */
export function readFleetAddress(data: string): FleetAddress | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(data), 'utf8')) as FleetAddress;
  } catch {
    return undefined;
  }
}
