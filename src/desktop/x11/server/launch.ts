import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { openFilesLimits } from '../../../common/open-files-limits.ts';
import { RUNTIME_DIR_ENV } from '../../../config/variables.ts';
import { DesktopError } from '../../errors.ts';
import type { DesktopUser } from './desktop-user.ts';

/** Where setpriv is: our PATH may lack it, and programs of another user must not be started by just any setpriv. */
const SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';

/**
 * Variables of the server that another user's programs get. All others stay with the server: root's environment may
 * hold secrets.
 */
const PASSED_ON = /^(PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ)$/;

export interface LaunchOptions {
  /** Undefined for the server's own user. */
  readonly user: DesktopUser | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: SpawnOptions['stdio'];
  readonly cwd?: string;
  /**
   * Descriptors that the program may have open unless it raises its limit, up to the server's. Undefined: as many as the
   * server, whose limit Node.js has raised as far as it goes.
   */
  readonly openFiles?: number;
}

/**
 * Starts a program of the desktop as its user, in a process group of its own. The kernel sends it SIGTERM when the
 * server ends in any way, SIGKILL included. Emits `error` as `spawn` does if there is no such program.
 */
export function launch(command: string, args: readonly string[], options: LaunchOptions): ChildProcess {
  const { user, openFiles, ...rest } = options;
  const spawning = { ...rest, detached: true };
  const program = findProgram(command, options.env.PATH);
  const setpriv = findProgram('setpriv', SYSTEM_PATH);
  if (user && !setpriv) throw new DesktopError('DESKTOP_NO_SETPRIV');
  if (!program || !setpriv) {
    // Reports that the program is missing. Without setpriv, the Keeper alone ends the program.
    return spawn(command, args, { ...spawning, ...(user && { uid: user.uid, gid: user.gid }) });
  }
  const limited = openFiles === undefined ? [] : limitOpenFiles(openFiles);
  return spawn(setpriv, ['--pdeathsig', 'TERM', ...identity(user), ...limited, program, ...args], spawning);
}

/** Returns the words before a command line that lower its limit of open files; none if it is no higher. */
function limitOpenFiles(openFiles: number): string[] {
  const prlimit = findProgram('prlimit', SYSTEM_PATH);
  return prlimit && openFilesLimits().hard > openFiles ? [prlimit, `--nofile=${openFiles}:`] : [];
}

/** Returns the words before a command line that have it run as the user. Throws DesktopError `DESKTOP_NO_SETPRIV`. */
export function commandAs(user: DesktopUser): string[] {
  const setpriv = findProgram('setpriv', SYSTEM_PATH);
  if (!setpriv) throw new DesktopError('DESKTOP_NO_SETPRIV');
  return [setpriv, ...identity(user)];
}

/** Flags of setpriv that make a process one of the user. */
function identity(user: DesktopUser | undefined): string[] {
  if (!user) return [];
  const groups = user.isOurs ? ['--clear-groups', '--nnp'] : ['--init-groups'];
  return ['--reuid', String(user.uid), '--regid', String(user.gid), ...groups];
}

/** Returns the environment of a desktop's processes, whose runtime folder is `dir`. */
export function desktopEnvironment(user: DesktopUser | undefined, dir: string): NodeJS.ProcessEnv {
  // NODE_COMPILE_CACHE is where the server's own modules are compiled to.
  if (!user) return { ...process.env, NODE_COMPILE_CACHE: undefined, [RUNTIME_DIR_ENV]: dir };
  const { name, home, shell } = user;
  return {
    PATH: SYSTEM_PATH,
    ...Object.fromEntries(Object.entries(process.env).filter(([key]) => PASSED_ON.test(key))),
    HOME: home,
    USER: name,
    LOGNAME: name,
    SHELL: shell,
    [RUNTIME_DIR_ENV]: dir,
  };
}

/** Returns the absolute path of a program, or undefined. */
export function findProgram(command: string, path: string | undefined): string | undefined {
  const candidates = command.includes('/')
    ? [command]
    : (path ?? SYSTEM_PATH).split(':').map((folder) => join(folder || '.', command));
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
