/** What the first bytes of a connection are. `undecided`: more of them are needed. */
export type FirstBytes = 'tls' | 'http' | 'rfb' | 'ssh' | 'other' | 'undecided';

/** Type of a TLS record that carries a handshake (RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;

/** How a client of each protocol begins. */
const BEGINNINGS: readonly (readonly [text: string, protocol: FirstBytes])[] = [
  ['RFB ', 'rfb'],
  ['SSH-', 'ssh'],
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'CONNECT', 'TRACE', 'PROPFIND', 'PRI'].map(
    (method) => [`${method} `, 'http'] as const,
  ),
];

/** Tells a protocol by the first bytes that a client sent. */
export function protocolOf(bytes: Uint8Array): FirstBytes {
  if (bytes.length === 0) return 'undecided';
  if (bytes[0] === TLS_HANDSHAKE) return 'tls';
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', 0, 16);
  for (const [beginning, protocol] of BEGINNINGS) if (text.startsWith(beginning)) return protocol;
  return BEGINNINGS.some(([beginning]) => beginning.startsWith(text)) ? 'undecided' : 'other';
}
