import type { BigIntStats } from 'node:fs';

/**
 * Returns what changes with each change of a file: written in place, replaced by a rename, behind another link, or with
 * other permissions. Times alone would not tell of a second change within a tick of the file system's clock.
 */
export const fileVersion = ({ dev, ino, mode, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  `${dev}:${ino}:${mode}:${size}:${mtimeNs}:${ctimeNs}`;
