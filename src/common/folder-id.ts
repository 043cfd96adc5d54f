import { mkdir, stat } from 'node:fs/promises';

/** Names a folder, which is made if it is missing, as no other one of this machine. The name outlives a restart. */
export async function folderId(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const { dev, ino, birthtimeMs } = await stat(path);
  return `${dev}:${ino}:${birthtimeMs}`;
}
