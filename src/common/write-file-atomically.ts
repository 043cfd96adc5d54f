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
  // Opened before anything is replaced, because there may be no descriptor for it.
  const place = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await writeThrough(temporary, text, mode, place);
    beforeRename?.();
    await rename(temporary, path);
    // The new name survives a power cut only after the folder is written to the disk.
    await place.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await place.close();
  }
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
