import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export interface AtomicWriteOptions {
  /** Permissions of the new file. By default only its owner may read it. */
  readonly mode?: number;
  /** Runs last before the new file replaces the old one. If it throws, the old file stays. */
  readonly beforeRename?: () => void;
}

/** Links that are followed at most. Linux follows 40; a larger value takes longer for links in a circle. */
const MOST_LINKS = 8;

/** Age of a temporary file that the next write removes. Larger than any write takes, so that its writer has died. */
const STALE_AFTER_MS = 60_000;

/**
 * Replaces a file. At any moment, also after a power cut, the file has its whole old or its whole new contents.
 * Several processes may write the same file. The last one to finish wins. If the name is a link, the file that it leads
 * to is replaced. A file that is mounted by itself cannot be; that rejects with EBUSY, and what to do.
 */
export async function writeFileAtomically(
  name: string,
  text: string,
  { mode = 0o600, beforeRename }: AtomicWriteOptions = {},
): Promise<void> {
  const path = await targetOf(name);
  const folder = dirname(path);
  const temporary = `${path}.${randomUUID()}.new`;
  await removeStale(folder, basename(path));
  // Opened before anything is replaced, because there may be no descriptor for it.
  const place = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await writeThrough(temporary, text, mode, place);
    beforeRename?.();
    await rename(temporary, path).catch((cause: NodeJS.ErrnoException) => {
      throw cause.code === 'EBUSY' ? mountedByItself(path, cause) : cause;
    });
    // The new name survives a power cut only after the folder is written to the disk.
    await place.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await place.close();
  }
}

/**
 * Follows the links at a path. Returns the path of what they lead to, which need not exist. Only links that root or this
 * process's user made are followed: root may work on the folder of a server that runs as another user.
 */
async function targetOf(path: string): Promise<string> {
  let target = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const stats = await lstat(target).catch(() => undefined);
    if (!stats?.isSymbolicLink() || (stats.uid !== 0 && stats.uid !== process.geteuid?.())) break;
    target = resolve(dirname(target), await readlink(target));
  }
  return target;
}

function mountedByItself(path: string, cause: Error): Error {
  const message = `${path} is mounted by itself, so that it cannot be replaced; mount the folder that it is in instead`;
  return Object.assign(new Error(message, { cause }), { code: 'EBUSY' });
}

/** Writes a new file that survives a power cut, under a name that may not. */
async function writeThrough(path: string, text: string, mode: number, folder: FileHandle): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    // The process's umask may have taken bits away.
    await file.chmod(mode);
    await keepOwner(file, folder);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes the temporary files of writers that died. */
async function removeStale(folder: string, name: string): Promise<void> {
  const leftOver = (await readdir(folder)).filter(
    (one) => one.startsWith(`${name}.`) && one.endsWith('.new'),
  );
  for (const one of leftOver) {
    const path = join(folder, one);
    const changedMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (changedMs !== undefined && changedMs < Date.now() - STALE_AFTER_MS) await rm(path, { force: true });
  }
}

/** Gives the file to the folder's owner. Root may write for a server that runs as another user. */
async function keepOwner(file: FileHandle, folder: FileHandle): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await folder.stat();
  if (uid !== 0) await file.chown(uid, gid);
}
