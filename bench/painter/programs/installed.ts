import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ProgramName } from '../../scenes/program-scenes.ts';

/** Commands of the programs, and the Debian packages that have them. */
const PROGRAMS: Readonly<Record<ProgramName, { readonly command: string; readonly debian: string }>> = {
  xterm: { command: 'xterm', debian: 'xterm' },
  chromium: { command: 'chromium', debian: 'chromium' },
  calc: { command: 'soffice', debian: 'libreoffice-calc' },
};

/** Returns the Debian package to install for a program, or undefined if the program is there. */
export function missingPackage(program: ProgramName, path = process.env.PATH ?? ''): string | undefined {
  const { command, debian } = PROGRAMS[program];
  const isThere = path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return isThere ? undefined : debian;
}
