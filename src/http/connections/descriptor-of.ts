import type { Duplex } from 'node:stream';

/**
 * Returns the file descriptor of a connection; undefined if it has none, or none any more. Node.js has no public way to
 * it.
 */
export function descriptorOf(socket: Duplex): number | undefined {
  const fd = (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
  return fd === undefined || fd < 0 ? undefined : fd;
}
