import type { Duplex } from 'node:stream';
import { readTcpOption, setTcpOption } from './tcp-options.ts';

/** From linux/tcp.h. */
const TCP_CONGESTION = 13;
/** Bytes of a name at most: TCP_CA_NAME_MAX. */
const NAME_BYTES = 16;

/**
 * Sets the congestion control of a connection, such as `bbr`, and returns the one that the kernel uses then. It keeps
 * the old one if it does not offer this one, or not to this user. Throws without the optional package koffi, and for a
 * stream without a file descriptor.
 */
export function setCongestionControl(socket: Duplex, name: string): string {
  setTcpOption(socket, TCP_CONGESTION, Buffer.from(name));
  const used = Buffer.alloc(NAME_BYTES);
  readTcpOption(socket, TCP_CONGESTION, used);
  return used.toString('latin1', 0, used.indexOf(0));
}
