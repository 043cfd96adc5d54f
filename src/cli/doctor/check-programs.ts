import type { Config } from '../../config/config.ts';
import { findProgram } from '../../desktop/x11/server/launch.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

/** A program, and the Debian package that has it. */
interface Program {
  readonly name: string;
  readonly debian: string;
}

/** Without these, no desktop of our own starts. */
const NEEDED: readonly Program[] = [
  { name: 'Xvfb', debian: 'xvfb' },
  { name: 'xkbcomp', debian: 'x11-xkb-utils' },
];

/** What a desktop without a program of its own shows. */
const SHOWN: readonly Program[] = [
  { name: 'openbox', debian: 'openbox' },
  { name: 'xterm', debian: 'xterm' },
  { name: 'tint2', debian: 'tint2' },
  { name: 'jgmenu', debian: 'jgmenu' },
  { name: 'pcmanfm', debian: 'pcmanfm' },
];

/** Has the desktop's programs end with the server, and runs them as another user if root starts it. */
const SETPRIV: Program = { name: 'setpriv', debian: 'util-linux' };

/** Checks that the programs of a desktop of our own are installed. `find` returns undefined for one that is not. */
export function checkPrograms(
  { display, run }: Pick<Config, 'display' | 'run'>,
  isRoot: boolean,
  find: (name: string) => string | undefined = (name) => findProgram(name, process.env.PATH),
): Finding[] {
  if (display !== undefined) return [ok('programs', `none is needed to attach to ${display}`)];
  const missing = (programs: readonly Program[]) => programs.filter(({ name }) => find(name) === undefined);
  const needed = missing(isRoot ? [...NEEDED, SETPRIV] : NEEDED);
  const shown = missing(run === undefined ? SHOWN : []);
  const others = missing(isRoot ? [] : [SETPRIV]);
  const findings: Finding[] = [];
  if (needed.length > 0)
    findings.push(failed('programs', `not installed: ${namesOf(needed)}`, install(needed)));
  if (shown.length > 0) {
    const detail = `not installed, so that the desktop has fewer programs: ${namesOf(shown)}`;
    findings.push(warning('programs', detail, `${install(shown)}; or name another program with --run`));
  }
  if (others.length > 0) {
    const detail = 'setpriv is not installed, so that programs may outlive a server that is killed';
    findings.push(warning('programs', detail, install(others)));
  }
  return findings.length > 0 ? findings : [ok('programs', 'all are installed')];
}

const namesOf = (programs: readonly Program[]): string => programs.map(({ name }) => name).join(', ');

const install = (programs: readonly Program[]): string =>
  `install them; on Debian or Ubuntu: sudo apt-get install --no-install-recommends ${programs.map(({ debian }) => debian).join(' ')}`;
