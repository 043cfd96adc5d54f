import type { IncomingMessage } from 'node:http';

const SCHEME = /^bearer +(\S+) *$/i;

/**
 * Begins the sub-protocol that carries a token. A page's script can give a WebSocket no headers but these, and a URL
 * would be logged by proxies.
 */
const SUB_PROTOCOL = 'deskwire.token.';

/**
 * The text of a token or ticket that a request carries: in `Authorization: Bearer` (RFC 6750), or as the sub-protocol
 * `deskwire.token.…` of a WebSocket. Undefined if it carries none.
 */
export function bearerText({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) return SCHEME.exec(authorization)?.[1];
  const offered = headers['sec-websocket-protocol']?.split(',').map((one) => one.trim());
  return offered?.find((one) => one.startsWith(SUB_PROTOCOL))?.slice(SUB_PROTOCOL.length);
}

/** The sub-protocols that a WebSocket offers, without the one that carries a token. Servers choose another one. */
export const withoutBearer = (offered: string): string =>
  offered
    .split(',')
    .map((one) => one.trim())
    .filter((one) => !one.startsWith(SUB_PROTOCOL))
    .join(', ');
