import { temporaryFolder } from './temporary-folder.ts';

let home: string | undefined;

/**
 * Returns an empty home folder for programs of test desktops, one for each process of tests: shells in terminals would
 * read the developer's own files, such as ~/.bashrc, which may do anything.
 */
export function testHome(): string {
  home ??= temporaryFolder('deskwire-home-');
  return home;
}
