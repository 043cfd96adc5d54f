import { writeFile } from 'node:fs/promises';

const NAME = 'MIT-MAGIC-COOKIE-1';

/** Family of an entry that is valid for any host name. */
const FAMILY_WILD = 0xffff;

/** Returns a field of an Xauthority entry, prefixed with its length. */
function field(content: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([length, content]);
}

/** Returns an Xauthority entry as in libXau's AuWrite.c: family, address, display number, name, data. */
function authorityEntry(displayNumber: number | undefined, cookie: Uint8Array): Buffer {
  const family = Buffer.alloc(2);
  family.writeUInt16BE(FAMILY_WILD);
  // An empty number is valid for any display. The server chooses its number after it has read the file.
  const number = displayNumber === undefined ? '' : String(displayNumber);
  return Buffer.concat([
    family,
    field(Buffer.alloc(0)),
    field(Buffer.from(number)),
    field(Buffer.from(NAME)),
    field(cookie),
  ]);
}

/** Writes an Xauthority file with one entry. */
export async function writeAuthority(
  path: string,
  displayNumber: number | undefined,
  cookie: Uint8Array,
): Promise<void> {
  await writeFile(path, authorityEntry(displayNumber, cookie), { mode: 0o600 });
}
