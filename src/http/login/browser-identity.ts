import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { addressBlock } from '../../common/address-block.ts';
import type { Peers } from '../origin/peers.ts';

/** What a cookie and a ticket are bound to. */
export interface BrowserIdentity {
  /** The block of addresses that the request came from. */
  readonly address: string;
  /** `User-Agent`. */
  readonly agent: string;
  /** `Origin`, which browsers send with a WebSocket and with a POST. */
  readonly origin: string | undefined;
  /** Name of this server's cookie in the browser. */
  readonly cookieName: string;
}

export function browserIdentity(request: IncomingMessage, peers: Peers): BrowserIdentity {
  const { headers } = request;
  return {
    address: addressBlock(peers.address(request)),
    agent: headers['user-agent'] ?? '',
    origin: headers.origin,
    cookieName: cookieName(request, peers.originAsked(request)),
  };
}

/** Bytes of the hash in a cookie's name. With fewer, the cookies of two desktops may get one name. */
const NAME_BYTES = 5;

/**
 * Names the cookie after the server and the origin under which the browser knows it: browsers send a cookie to all
 * ports of a host, and to all paths, so that the cookies of two desktops need different names. The server's address,
 * port and host name tell desktops apart that a proxy or containers show under one origin. The name is the same after
 * a restart, so that a browser does not collect old cookies.
 */
function cookieName({ socket }: IncomingMessage, origin: string | undefined): string {
  const place = JSON.stringify([hostname(), socket.localAddress, socket.localPort, origin]);
  const digest = createHash('sha256').update(place).digest();
  return `__Host-deskwire-${digest.readUIntBE(0, NAME_BYTES)}`;
}

/**
 * Whether two requests may have come from one caller. A browser may use IPv4 for one connection and IPv6 for the next,
 * so that only addresses of one family are compared.
 */
export function mayBeOneCaller(address: string, other: string): boolean {
  return address === other || address.includes(':') !== other.includes(':');
}
