import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { processIds, statOf } from '../../../common/process-tree.ts';
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

/** Names of the users that a fleet makes, one for each desktop, and the folder of their homes. */
const FLEET_USER = /^deskwire-[0-9a-f]{12}$/;
const FLEET_HOMES = '/var/lib/deskwire-fleet';

/** Flags of useradd for these users. They have no password, so that no one can log in as one of them. */
const accountFlags = (home: string): string[] => [
  ...['--system', '--user-group', '--comment', "Programs of Deskwire's desktop"],
  ...['--create-home', '--home-dir', home, '--key', 'HOME_MODE=0700'],
  ...['--shell', '/bin/bash'],
];

/**
 * Attempts to make the user, and milliseconds between them. Another server may be making it, and has the lock of the
 * user list. More attempts delay the error on a system where that cannot work.
 */
const MAKE_ATTEMPTS = 5;
const MAKE_PAUSE_MS = 300;

/**
 * Looks for programs of a user that is removed, and milliseconds between them. More looks delay the error if the kernel
 * cannot end one; fewer give up on a user who starts new ones all the time.
 */
const KILL_ROUNDS = 50;
const KILL_PAUSE_MS = 20;

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

/**
 * Makes the user of one desktop of a fleet, unless it is there. `id` has 12 hexadecimal digits. Only for a fleet that
 * root has started. Rejects with DesktopError `DESKTOP_NO_USER`.
 */
export async function makeFleetUser(id: string): Promise<DesktopUser> {
  await mkdir(FLEET_HOMES, { recursive: true, mode: 0o755 });
  return madeUser(`deskwire-${id}`, join(FLEET_HOMES, id), 'start the fleet as another user');
}

/** Removes such a user with its home. Programs of it that have outlived the desktop are killed. */
export async function removeFleetUser(id: string): Promise<void> {
  const name = `deskwire-${id}`;
  const user = await lookUpUser(name);
  if (!user) return;
  // One that left its process group and dropped its variables is no descendant of the desktop. userdel waits for none.
  for (let round = 0; round < KILL_ROUNDS && killProcessesOf(user.uid); round++) await delay(KILL_PAUSE_MS);
  await inTurn(() => run('userdel', ['--remove', name], { env, timeout: COMMAND_LIMIT_MS }));
}

/** Kills all processes of a user. Returns whether there was one. */
function killProcessesOf(uid: number): boolean {
  let found = false;
  for (const pid of processIds()) {
    if (statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid !== uid || statOf(pid)[0] === 'Z') continue;
    found = true;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
  return found;
}

const ourUser = (): Promise<DesktopUser> => madeUser(OUR_USER, OUR_HOME, 'name another with --desktop-user');

/** The last change to the system's list of users by this process. */
let lastChange: Promise<unknown> = Promise.resolve();

/** Carries out a change to the system's list of users, one after the other: each of these commands locks the list. */
function inTurn<T>(change: () => Promise<T>): Promise<T> {
  const turn = lastChange.then(change);
  lastChange = turn.catch(() => undefined);
  return turn;
}

/** Finds a user or makes it. `remedy` is for the error. */
async function madeUser(name: string, home: string, remedy: string): Promise<DesktopUser> {
  let cause: unknown;
  for (let attempt = 0; attempt < MAKE_ATTEMPTS; attempt++) {
    const user = await lookUpUser(name);
    if (user) return user;
    try {
      await inTurn(() => run('useradd', [...accountFlags(home), name], { env, timeout: COMMAND_LIMIT_MS }));
    } catch (error) {
      cause = error;
      await delay(MAKE_PAUSE_MS);
    }
  }
  const made = await lookUpUser(name);
  if (made) return made;
  const said = String((cause as { stderr?: string })?.stderr || cause).trim();
  const detail = `${name} cannot be made (${said}); ${remedy}`;
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
      isOurs: found === OUR_USER || FLEET_USER.test(found),
    };
  } catch (error) {
    // Exit code 2: there is none.
    if ((error as { code?: unknown }).code === 2) return undefined;
    throw new DesktopError('DESKTOP_NO_USER', name, { cause: error });
  }
}
