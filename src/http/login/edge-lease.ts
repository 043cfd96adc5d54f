import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';

/**
 * Time in ms between two looks at the lease of a desktop. With a larger value a desktop may run on for longer after the
 * end of its lease, which src/fleet/host/leases.ts takes into account; a smaller one takes more of an idle processor.
 */
const LOOK_EACH_MS = 250;

/** The file of a desktop's lease, beside that of its key. */
export const leaseFileOf = (keyFile: string): string => `${keyFile}-lease`;

/** Writes until when a desktop may run, as an uptime of the machine in ms. Undefined: for ever. */
export function writeLease(file: string, untilMs: number | undefined): void {
  if (untilMs === undefined) {
    rmSync(file, { force: true });
    return;
  }
  const temporary = `${file}.new`;
  writeFileSync(temporary, `${Math.floor(untilMs)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

/** Whether the lease in a file is over. A file that is missing, or was never written whole, is no lease. */
export function isLeaseOver(file: string): boolean {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return false;
  }
  return /^\d+\n$/.test(text) && uptime() * 1000 >= Number(text);
}

/** Calls `end` each time a look finds that the lease in a file is over. Returns a function that stops it. */
export function watchLease(file: string, end: () => void): () => void {
  const timer = setInterval(() => {
    if (isLeaseOver(file)) end();
  }, LOOK_EACH_MS).unref();
  return () => clearInterval(timer);
}
