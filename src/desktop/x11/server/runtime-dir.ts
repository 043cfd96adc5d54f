import { readlinkSync } from 'node:fs';
import { mkdtemp, statfs } from 'node:fs/promises';
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

/**
 * Makes a private folder in memory with room for `bytes`, in /dev/shm or another tmpfs. Its name has the id of our
 * process, so that a later start can remove the folder if this process is killed. Resolves with its path. If others
 * shall reach it, it is not made in a place that only our user can enter.
 */
export async function makeRuntimeDir(bytes: number, othersReachIt = false): Promise<string> {
  const ownPlace = othersReachIt ? undefined : process.env.XDG_RUNTIME_DIR;
  const places = [SHM, ownPlace, '/run', '/tmp'].filter((place) => place !== undefined);
  const seen: string[] = [];
  for (const place of places) {
    try {
      if ((await statfs(place)).type !== TMPFS_MAGIC) continue;
      if (!isSafePlace(place)) {
        seen.push(`${place} lets other users replace files`);
        continue;
      }
      removeStaleDirs(place, pidNamespace());
      const stats = await statfs(place);
      const free = stats.bavail * stats.bsize;
      seen.push(`${place} has ${Math.floor(free / 2 ** 20)} MiB`);
      if (free < bytes + SPARE_BYTES) continue;
      return await mkdtemp(join(place, `deskwire-${pidNamespace()}-${process.pid}-`));
    } catch {
      // This place does not exist, or we may not write to it.
    }
  }
  const needed = `${Math.ceil((bytes + SPARE_BYTES) / 2 ** 20)} MiB needed`;
  throw new DesktopError('DESKTOP_NO_SPACE', [needed, ...seen].join(', '));
}
