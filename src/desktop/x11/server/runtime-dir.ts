import { constants, readlinkSync } from 'node:fs';
import { access, mkdtemp, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DesktopError } from '../../errors.ts';
import { isSafePlace, removeStaleDirs } from './stale-dirs.ts';

/** Value of f_type for a tmpfs, from statfs(2). */
const TMPFS_MAGIC = 0x01021994;

/** Bytes needed in addition to the pixels, for the header, the cookie and the window manager's configuration. */
const SPARE_BYTES = 1 << 20;

const SHM = '/dev/shm';

/** Returns the id of our namespace of process ids. Containers with different ones may share /dev/shm. */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

/** A place with room for a runtime folder, and what was found on the way to it. */
export interface RoomFound {
  /** Undefined if no place has room. */
  readonly place: string | undefined;
  /** Whether other users may replace files there. */
  readonly isShared: boolean;
  /** Each place that was looked at, with its free memory or its fault. */
  readonly seen: readonly string[];
}

/**
 * Finds a tmpfs with room for `bytes`, in /dev/shm or elsewhere. If others shall reach the folder, it is not one that
 * only our user can enter.
 *
 * A place in which other users may replace files is refused, except as the last resort of a server that is not root's:
 * volumes of containers, in which there are no other users, have mode 0777.
 */
export async function findRoom(bytes: number, othersReachIt: boolean): Promise<RoomFound> {
  const ownPlace = othersReachIt ? undefined : process.env.XDG_RUNTIME_DIR;
  const places = [SHM, ownPlace, '/run', '/tmp'].filter((place) => place !== undefined);
  const seen: string[] = [];
  let shared: string | undefined;
  for (const place of places) {
    try {
      if ((await statfs(place)).type !== TMPFS_MAGIC) continue;
      await access(place, constants.W_OK | constants.X_OK);
      const isSafe = isSafePlace(place);
      if (isSafe) removeStaleDirs(place, pidNamespace());
      const stats = await statfs(place);
      const free = stats.bavail * stats.bsize;
      seen.push(
        `${place} has ${Math.floor(free / 2 ** 20)} MiB${isSafe ? '' : ', but lets other users replace files'}`,
      );
      if (free < neededBytes(bytes)) continue;
      if (isSafe) return { place, isShared: false, seen };
      if (process.geteuid?.() !== 0) shared ??= place;
    } catch {
      // This place does not exist, or we may not write to it.
    }
  }
  return { place: shared, isShared: shared !== undefined, seen };
}

const neededBytes = (bytes: number): number => bytes + SPARE_BYTES;

/** Makes the error that says how much room is needed, and what there is. */
export function noRoom(bytes: number, { seen }: RoomFound): DesktopError {
  const needed = `${Math.ceil(neededBytes(bytes) / 2 ** 20)} MiB needed`;
  return new DesktopError('DESKTOP_NO_SPACE', [needed, ...seen].join(', '));
}

/**
 * Makes a private folder in memory with room for `bytes`. Its name has the id of our process, so that a later start can
 * remove the folder if this process is killed. Resolves with its path.
 */
export async function makeRuntimeDir(bytes: number, othersReachIt = false): Promise<string> {
  const found = await findRoom(bytes, othersReachIt);
  if (found.place === undefined) throw noRoom(bytes, found);
  return mkdtemp(join(found.place, `deskwire-${pidNamespace()}-${process.pid}-`));
}
