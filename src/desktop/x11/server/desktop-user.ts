import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DesktopError } from '../../errors.ts';

/** The Unix user that a desktop's programs run as. */
export interface DesktopUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** Whether it is Deskwire's own: it has no other groups, and its programs can gain no rights by setuid files. */
  readonly isOurs: boolean;
}

/** The user that a server started by root makes for its desktop. */
export const OUR_USER = 'deskwire-desktop';

/** Home folder of that user. Other users cannot read it. */
const OUR_HOME = `/var/lib/${OUR_USER}`;

/** Flags of useradd for that user. It has no password, so that no one can log in as it. */
const OUR_ACCOUNT = [
  ...['--system', '--user-group', '--comment', "Programs of Deskwire's desktop"],
  ...['--create-home', '--home-dir', OUR_HOME, '--key', 'HOME_MODE=0700'],
  ...['--shell', '/bin/bash'],
] as const;

/**
 * Attempts to make the user, and milliseconds between them. Another server may be making it, and has the lock of the
 * user list. More attempts delay the error on a system where that cannot work.
 */
const MAKE_ATTEMPTS = 5;
const MAKE_PAUSE_MS = 300;

/** Milliseconds for one command. A network's user list may be slow; a larger value delays the start if it hangs. */
const COMMAND_LIMIT_MS = 10_000;

const run = promisify(execFile);

/** Folders of the system's own commands: PATH may lack sbin. */
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/**
 * Finds the user that the desktop runs as. Resolves with undefined if that is the server's own user.
 *
 * A server started by root uses `deskwire-desktop` if `name` is undefined, and makes that user if it is missing. Other
 * servers can only use their own user. Rejects with DesktopError `DESKTOP_NO_USER` or `DESKTOP_USER_DENIED`.
 */
export async function findDesktopUser(name: string | undefined): Promise<DesktopUser | undefined> {
  if (process.geteuid?.() !== 0) {
    if (name === undefined || name === ownName()) return undefined;
    throw new DesktopError('DESKTOP_USER_DENIED', name);
  }
  const user = name === undefined ? await ourUser() : await lookUpUser(name);
  if (!user) throw new DesktopError('DESKTOP_NO_USER', name);
  return user.uid === 0 ? undefined : user;
}

function ownName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A container may run us by a number that has no name.
    return undefined;
  }
}

async function ourUser(): Promise<DesktopUser> {
  let cause: unknown;
  for (let attempt = 0; attempt < MAKE_ATTEMPTS; attempt++) {
    const user = await lookUpUser(OUR_USER);
    if (user) return user;
    try {
      await run('useradd', [...OUR_ACCOUNT, OUR_USER], { env, timeout: COMMAND_LIMIT_MS });
    } catch (error) {
      cause = error;
      await delay(MAKE_PAUSE_MS);
    }
  }
  const made = await lookUpUser(OUR_USER);
  if (made) return made;
  const said = String((cause as { stderr?: string })?.stderr || cause).trim();
  const detail = `${OUR_USER} cannot be made (${said}); name another with --desktop-user`;
  throw new DesktopError('DESKTOP_NO_USER', detail, { cause });
}

/**
 * Looks a user up as the system does, in files and in the network. Resolves with undefined if there is none of the name.
 * Rejects with DesktopError `DESKTOP_NO_USER` if the system cannot tell.
 */
export async function lookUpUser(name: string): Promise<DesktopUser | undefined> {
  try {
    const { stdout } = await run('getent', ['passwd', '--', name], { env, timeout: COMMAND_LIMIT_MS });
    // passwd(5): name, password, UID, GID, comment, home, shell.
    const [found = '', , uid, gid, , home, shell] = stdout.trim().split(':');
    return {
      name: found,
      uid: Number(uid),
      gid: Number(gid),
      home: home || '/',
      shell: shell || '/bin/sh',
      isOurs: found === OUR_USER,
    };
  } catch (error) {
    // Exit code 2: there is none.
    if ((error as { code?: unknown }).code === 2) return undefined;
    throw new DesktopError('DESKTOP_NO_USER', name, { cause: error });
  }
}
