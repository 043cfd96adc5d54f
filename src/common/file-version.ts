import type { BigIntStats } from 'node:fs';

/** Returns what changes with each change of a file: written in place, replaced by a rename, or behind another link. */
export const fileVersion = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
