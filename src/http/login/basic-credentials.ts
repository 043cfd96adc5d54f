export interface Credentials {
  readonly name: string;
  readonly password: string;
}

const SCHEME = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses an `Authorization: Basic` header (RFC 7617). Its bytes are UTF-8, for which the server asks, or Latin-1 if they
 * are no UTF-8: some programs, such as Python's requests, never send anything else. Returns undefined if it is absent or
 * malformed.
 */
export function parseBasic(header: string | undefined): Credentials | undefined {
  const encoded = header === undefined ? undefined : SCHEME.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = decode(Buffer.from(encoded, 'base64'));
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
