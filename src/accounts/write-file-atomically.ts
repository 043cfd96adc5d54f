import { constants } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file so that at any moment, power cuts included, it is the whole old or the whole new one. Readable by its
 * owner alone. Only one writer at a time: the caller holds a lock.
 * `beforeRename` is the last word: when it throws, the old file stays.
 */
export async function writeFileAtomically(
  path: string,
  text: string,
  beforeRename: () => void = () => {},
): Promise<void> {
  const folder = dirname(path);
  // One fixed name: what a crash leaves behind is cleared away by the next write.
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await keepOwner(file, folder);
      await file.sync();
    } finally {
      await file.close();
    }
    beforeRename();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  // The new name is safe only once the folder is on the disk too.
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Root, writing for a server that runs as another user, must not take the file away from it. */
async function keepOwner(
  file: { chown(uid: number, gid: number): Promise<void> },
  folder: string,
): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  if (uid !== 0) await file.chown(uid, gid);
}
