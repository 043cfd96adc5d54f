import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { mkdtemp, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DesktopError } from '../../errors.ts';

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
      const stats = await statfs(place);
      if (stats.type !== TMPFS_MAGIC) continue;
      const free = stats.bavail * stats.bsize;
      seen.push(`${place} has ${Math.floor(free / 2 ** 20)} MiB`);
      if (free < bytes + SPARE_BYTES) continue;
      removeStaleDirs(place);
      return await mkdtemp(join(place, `deskwire-${pidNamespace()}-${process.pid}-`));
    } catch {
      // This place does not exist, or we may not write to it.
    }
  }
  const needed = `${Math.ceil((bytes + SPARE_BYTES) / 2 ** 20)} MiB needed`;
  throw new DesktopError('DESKTOP_NO_SPACE', [needed, ...seen].join(', '));
}

/** Removes folders of processes that have ended, and ends the X servers that they left. */
function removeStaleDirs(place: string): void {
  const namespace = pidNamespace();
  for (const name of readdirSync(place)) {
    const match = /^deskwire-(\d+)-(\d+)-/.exec(name);
    if (match?.[1] !== namespace || isAlive(Number(match[2]))) continue;
    const dir = join(place, name);
    try {
      endOrphan(dir);
    } catch {
      // There is no such process, or it belongs to another user.
    }
    try {
      rmSync(dir, { recursive: true, force: true });
    } catch {
      // The folder belongs to another user.
    }
  }
}

/** Ends the Xvfb of a server that was killed. A process is that Xvfb only if its command line has this folder. */
function endOrphan(dir: string): void {
  const pid = Number(readFileSync(join(dir, 'xvfb.pid'), 'utf8'));
  if (!Number.isInteger(pid) || pid <= 1) return;
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  if (command.some((word) => word === dir || word.startsWith(`${dir}/`))) process.kill(pid, 'SIGKILL');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
