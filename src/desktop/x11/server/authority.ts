import { writeFile } from 'node:fs/promises';

const NAME = 'MIT-MAGIC-COOKIE-1';

/** Matches any host, so that one entry serves local sockets whatever the host is called. */
const FAMILY_WILD = 0xffff;

/** One length-prefixed field of an Xauthority entry. */
function field(content: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([length, content]);
}

/** An Xauthority file's only entry (libXau, AuWrite.c): family, address, display number, name, data. */
function authorityEntry(displayNumber: number | undefined, cookie: Uint8Array): Buffer {
  const family = Buffer.alloc(2);
  family.writeUInt16BE(FAMILY_WILD);
  // No number means any display: the server chooses its own only after it has read this file.
  const number = displayNumber === undefined ? '' : String(displayNumber);
  return Buffer.concat([
    family,
    field(Buffer.alloc(0)),
    field(Buffer.from(number)),
    field(Buffer.from(NAME)),
    field(cookie),
  ]);
}

export async function writeAuthority(
  path: string,
  displayNumber: number | undefined,
  cookie: Uint8Array,
): Promise<void> {
  await writeFile(path, authorityEntry(displayNumber, cookie), { mode: 0o600 });
}
