import { lstatSync, opendirSync, readdirSync, rmdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readRegularFile } from '../../../common/read-regular-file.ts';

/**
 * Names in a place that are looked at. Every user of the machine can make names in /dev/shm: a larger number delays the
 * start for longer, with a smaller one more old folders could stay.
 */
const MAX_NAMES = 10_000;

/** Bytes of a file with a process id. */
const MAX_PID_BYTES = 32;
/** Bytes of a command line: the longest one of Xvfb has less than 1,000, besides the path of its folder. */
const MAX_COMMAND_BYTES = 64 * 1024;

/** Id of users who have none in our namespace of user ids. Root of the host is one for a container without root. */
const UNMAPPED_UID = 65534;

const OTHERS_WRITE = 0o022;
/** In a folder with this bit, only the owner of a name may remove or rename it. */
const STICKY = 0o1000;

/** Whether no other user than root can replace a file of ours in this folder. */
export function isSafePlace(place: string): boolean {
  const { uid, mode } = statSync(place);
  return [0, UNMAPPED_UID, ourUid()].includes(uid) && ((mode & OTHERS_WRITE) === 0 || (mode & STICKY) !== 0);
}

/**
 * Removes the folders of our account's servers that have ended, and ends the X servers that they left. `place` must be
 * safe. `namespace` is the id of our namespace of process ids. Other users may make any names there: only a folder that
 * is ours, and in which only we can write, is opened.
 */
export function removeStaleDirs(place: string, namespace: string): void {
  const names = opendirSync(place);
  try {
    for (let count = 0; count < MAX_NAMES; count++) {
      const name = names.readSync()?.name;
      if (name === undefined) return;
      const match = /^deskwire-(\d+)-(\d+)-/.exec(name);
      if (match?.[1] === namespace && !isAlive(Number(match[2]))) removeStale(join(place, name));
    }
  } finally {
    names.closeSync();
  }
}

function removeStale(dir: string): void {
  try {
    if (!isOurDir(dir)) return;
    endOrphan(dir);
    removeTree(dir);
  } catch {
    // Another start is removing it at the same time, or a process that we may not end still writes to it.
  }
}

/** Whether this is a folder, no link to one, that is ours, and in which only we can write. */
function isOurDir(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isDirectory() && stats.uid === ourUid() && (stats.mode & OTHERS_WRITE) === 0;
}

/** Ends the Xvfb of a server that was killed. A process is that Xvfb only if its command line has this folder. */
function endOrphan(dir: string): void {
  try {
    const pid = Number(textOf(join(dir, 'xvfb.pid'), MAX_PID_BYTES));
    if (!Number.isInteger(pid) || pid <= 1) return;
    const command = textOf(`/proc/${pid}/cmdline`, MAX_COMMAND_BYTES);
    const isOurs = command?.split('\0').some((word) => word === dir || word.startsWith(`${dir}/`));
    if (isOurs) process.kill(pid, 'SIGKILL');
  } catch {
    // There is no such process, or it belongs to another user.
  }
}

function textOf(path: string, maxBytes: number): string | undefined {
  const found = readRegularFile(path, maxBytes);
  return found.kind === 'text' ? found.text : undefined;
}

/**
 * Removes one of our folders. Goes only into folders in which only we can write: in others, names could be replaced
 * between the look and the removal by links to anything.
 */
function removeTree(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (!entry.isDirectory()) unlinkSync(path);
    else if (isOurDir(path)) removeTree(path);
  }
  rmdirSync(dir);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

const ourUid = (): number => process.geteuid?.() ?? 0;
