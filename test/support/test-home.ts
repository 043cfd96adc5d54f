import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let home: string | undefined;

/**
 * Returns an empty home folder for programs of test desktops, one for each process of tests: shells in terminals would
 * read the developer's own files, such as ~/.bashrc, which may do anything. It is removed at the end of the process.
 */
export function testHome(): string {
  if (home === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-home-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    home = folder;
  }
  return home;
}
