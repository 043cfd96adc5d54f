import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes of one read. A larger value takes more memory for small files, a smaller one more calls for large ones. */
const PART_BYTES = 64 * 1024;

/** What was found under a path. */
export type FoundFile =
  | { readonly kind: 'text'; readonly text: string; readonly stats: BigIntStats }
  /** A folder, a FIFO, a socket or a device. */
  | { readonly kind: 'not-regular' }
  | { readonly kind: 'too-large'; readonly bytes: bigint };

/**
 * Reads a regular file of at most `maxBytes` as UTF-8. Never waits: opening a FIFO for reading, for example, would
 * wait for a writer. `stats` are those of the file that was read, whatever has its name by now. Throws the errors of
 * open(2) and read(2), such as ENOENT.
 */
export function readRegularFile(path: string, maxBytes: number): FoundFile {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const stats = fstatSync(file, { bigint: true });
    if (!stats.isFile()) return { kind: 'not-regular' };
    if (stats.size > maxBytes) return { kind: 'too-large', bytes: stats.size };
    // The limit is checked again, because the file may grow meanwhile, and files of /proc have the size 0.
    const parts: Buffer[] = [];
    let length = 0;
    for (;;) {
      const part = Buffer.allocUnsafe(PART_BYTES);
      const got = readSync(file, part, 0, PART_BYTES, null);
      if (got === 0) return { kind: 'text', text: Buffer.concat(parts, length).toString('utf8'), stats };
      parts.push(part.subarray(0, got));
      length += got;
      if (length > maxBytes) return { kind: 'too-large', bytes: BigInt(length) };
    }
  } finally {
    closeSync(file);
  }
}
