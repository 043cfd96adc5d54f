import type { Duplex } from 'node:stream';
import { type CLibrary, loadCLibrary } from '../../common/c-library.ts';
import { descriptorOf } from '../connections/descriptor-of.ts';

/** From netinet/in.h. */
const IPPROTO_TCP = 6;

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
 * Sets a TCP option of a connection. Returns false if the kernel refuses it. Throws without the optional package koffi,
 * and for a stream without a file descriptor.
 */
export function setTcpOption(socket: Duplex, option: number, value: Uint8Array): boolean {
  const fd = descriptorOf(socket);
  if (fd === undefined) throw new Error('The connection has no file descriptor.');
  calls ??= loadCalls();
  return calls.set(fd, IPPROTO_TCP, option, value, value.length) === 0;
}

/**
 * Reads a TCP option of a connection into `value`, and returns the number of its bytes; 0 if the kernel refuses it.
 * Throws as `setTcpOption` does. Takes a microsecond.
 */
export function readTcpOption(socket: Duplex, option: number, value: Uint8Array): number {
  const fd = descriptorOf(socket);
  if (fd === undefined) throw new Error('The connection has no file descriptor.');
  calls ??= loadCalls();
  const bytes = [value.length];
  return calls.get(fd, IPPROTO_TCP, option, value, bytes) === 0 ? bytes[0]! : 0;
}
