import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fleetProblem } from './errors.ts';

/**
 * Keeps other processes of the same kind off a data folder: two hosts would start each desktop twice. The lock is one of the kernel, which SQLite
 * takes for a transaction that writes nothing, so that it ends with this process. Returns a function that ends it.
 * Throws FLEET_RUNS_ALREADY.
 */
export function holdLock(data: string, what: 'fleet' | 'edge' = 'fleet'): () => void {
  const lock = new DatabaseSync(join(data, `${what}.lock`), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw fleetProblem('FLEET_RUNS_ALREADY', `Another fleet runs with ${data}.`, { cause });
  }
  return () => lock.close();
}
