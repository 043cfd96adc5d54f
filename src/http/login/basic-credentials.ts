import { sentText } from './sent-text.ts';

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

const SCHEME = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i;

/**
 * Parses an `Authorization: Basic` header (RFC 7617). The server asks for UTF-8, which not all programs send. Returns
 * undefined if it is absent or malformed.
 */
export function parseBasic(header: string | undefined): Credentials | undefined {
  const encoded = header === undefined ? undefined : SCHEME.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const text = sentText(Buffer.from(encoded, 'base64'));
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
