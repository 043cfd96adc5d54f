// Says whether a program or a file is installed.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a program is on the PATH, or an absolute path exists; of several, whether one does. */
export function isHere(proof) {
  if (Array.isArray(proof)) return proof.some(isHere);
  // Some of Debian's programs are in sbin, which is not on every user's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const candidates = proof.startsWith('/') ? [proof] : folders.map((folder) => join(folder, proof));
  return candidates.some((path) => {
    try {
      accessSync(path, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  });
}
