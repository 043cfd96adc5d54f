import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface AtomicWriteOptions {
  /** Permissions of the new file. By default only its owner may read it. */
  readonly mode?: number;
  /** Runs last before the new file replaces the old one. If it throws, the old file stays. */
  readonly beforeRename?: () => void;
}

/** Age of a temporary file that the next write removes. Larger than any write takes, so that its writer has died. */
const STALE_AFTER_MS = 60_000;

/**
 * Replaces a file. At any moment, also after a power cut, the file has its whole old or its whole new contents.
 * Several processes may write the same file. The last one to finish wins.
 */
export async function writeFileAtomically(
  path: string,
  text: string,
  { mode = 0o600, beforeRename }: AtomicWriteOptions = {},
): Promise<void> {
  const folder = dirname(path);
  const temporary = `${path}.${randomUUID()}.new`;
  await removeStale(folder, basename(path));
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(text);
      // The process's umask may have taken bits away.
      await file.chmod(mode);
      await keepOwner(file, folder);
      await file.sync();
    } finally {
      await file.close();
    }
    beforeRename?.();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // The new name survives a power cut only after the folder is written to the disk.
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
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
async function keepOwner(file: FileHandle, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  if (uid !== 0) await file.chown(uid, gid);
}
