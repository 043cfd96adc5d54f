import type { Duplex } from 'node:stream';
import { type CLibrary, loadCLibrary } from '../../common/c-library.ts';

/** From netinet/in.h and linux/tcp.h. */
const IPPROTO_TCP = 6;
const TCP_CONGESTION = 13;
/** Bytes of a name at most: TCP_CA_NAME_MAX. */
const NAME_BYTES = 16;

type Call = ReturnType<CLibrary['func']>;
let calls: { readonly set: Call; readonly get: Call } | undefined;

function loadCalls(): { readonly set: Call; readonly get: Call } {
  const c = loadCLibrary();
  return {
    set: c.func('int setsockopt(int fd, int level, int option, const void *value, uint32_t bytes)'),
    get: c.func('int getsockopt(int fd, int level, int option, _Out_ void *value, _Inout_ uint32_t *bytes)'),
  };
}

/**
 * Sets the congestion control of a connection, such as `bbr`, and returns the one that the kernel uses then. It keeps
 * the old one if it does not offer this one, or not to this user. Throws without the optional package koffi, and for a
 * stream without a file descriptor. Node.js has no public way to either.
 */
export function setCongestionControl(socket: Duplex, name: string): string {
  const fd = (socket as { readonly _handle?: { readonly fd?: number } })._handle?.fd;
  if (fd === undefined || fd < 0) throw new Error('The connection has no file descriptor.');
  calls ??= loadCalls();
  const wanted = Buffer.from(name);
  calls.set(fd, IPPROTO_TCP, TCP_CONGESTION, wanted, wanted.length);
  const used = Buffer.alloc(NAME_BYTES);
  calls.get(fd, IPPROTO_TCP, TCP_CONGESTION, used, [NAME_BYTES]);
  return used.toString('latin1', 0, used.indexOf(0));
}
