import { existsSync } from 'node:fs';
import { withSlack } from './limits.ts';
import { desktopProcesses } from './process-tree.ts';
import { waitFor } from './wait-for.ts';

/** Promised time in which nothing outlives the server, in milliseconds. */
const GONE_MS = 2000;

/**
 * Resolves when neither the runtime folder `dir` nor a process of its desktop is left. Rejects when something outlives
 * the promised time. The kernel may end a killed process a moment after the folder is gone.
 */
export async function desktopGone(dir: string): Promise<void> {
  await waitFor('the end of the folder', () => !existsSync(dir), withSlack(GONE_MS));
  await waitFor('the end of all programs', () => desktopProcesses(dir).length === 0, withSlack(GONE_MS));
}
