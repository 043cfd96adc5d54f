import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { DesktopError } from '../../errors.ts';
import type { DesktopUser } from './desktop-user.ts';

/** Folder in which X servers keep their lock files and the files of their keymap compiler. It cannot be chosen. */
const LOCKS = '/tmp';

/** Folder of X's sockets. It cannot be chosen either. */
const SOCKETS = '/tmp/.X11-unix';

/** Mode of both: all users may make names there, and only their owners remove them. */
const MODE = 0o1777;

/** Owner and permissions of a folder, and whether this process may write there. */
export interface Folder {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly isWritable: boolean;
}

/**
 * Makes the folder of X's sockets if it is missing, as X servers do: those of other users than root warn of it. Throws
 * DesktopError `DESKTOP_NO_SOCKETS` if an X server of the user cannot start. `user` is undefined for the server's own.
 */
export function prepareXSockets(user: DesktopUser | undefined): void {
  try {
    mkdirSync(SOCKETS);
    chmodSync(SOCKETS, MODE);
  } catch {
    // It is there, or `/tmp` cannot be written.
  }
  const fault = xSocketsFault(folderAt(LOCKS), folderAt(SOCKETS), user);
  if (fault !== undefined) throw new DesktopError('DESKTOP_NO_SOCKETS', fault);
}

/** Says what keeps an X server of the user from starting, and what to do. Undefined if nothing does. */
export function xSocketsFault(
  locks: Folder | undefined,
  sockets: Folder | undefined,
  user: Pick<DesktopUser, 'name' | 'uid' | 'gid'> | undefined,
): string | undefined {
  const who = user ? `user ${user.name}` : 'the server';
  if (!mayWrite(locks, user))
    return `${who} cannot write to ${LOCKS}; it needs mode 1777, and in a container with a read-only root a tmpfs there`;
  if (!mayWrite(sockets, user))
    return `${who} cannot write to ${SOCKETS}; as root, run chmod 1777 ${SOCKETS}, or remove it`;
  return undefined;
}

function mayWrite(folder: Folder | undefined, user: Pick<DesktopUser, 'uid' | 'gid'> | undefined): boolean {
  if (folder === undefined || !folder.isWritable) return false;
  if (!user) return true;
  const shift = folder.uid === user.uid ? 6 : folder.gid === user.gid ? 3 : 0;
  return ((folder.mode >> shift) & 0o3) === 0o3;
}

function folderAt(path: string): Folder | undefined {
  try {
    const { uid, gid, mode } = statSync(path);
    return { uid, gid, mode, isWritable: isWritable(path) };
  } catch {
    return undefined;
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
