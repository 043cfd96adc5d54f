import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import { addressBlock } from '../../common/address-block.ts';
import { askedOriginText } from '../origin/asked-origin.ts';
import { readForwarded } from '../origin/forwarded.ts';
import type { Peers } from '../origin/peers.ts';
import type { CookiePlace } from './cookie-form.ts';

/** What a cookie and a ticket are bound to. */
export interface BrowserIdentity {
  /** The block of addresses that the request came from. */
  readonly address: string;
  /** `User-Agent`. */
  readonly agent: string;
  /** `Origin`, which browsers send with a WebSocket and with a POST. */
  readonly origin: string | undefined;
  readonly cookie: CookiePlace;
}

/** What tells the cookies of this server from others. */
export interface CookieOwner {
  /** A text that this desktop alone has, on this machine. */
  readonly id: string;
  /** Whether several servers of this id, maybe at other addresses, take each other's cookies. */
  readonly isShared: boolean;
}

/** Names a request's browser. */
export function browserIdentity(request: IncomingMessage, peers: Peers, owner: CookieOwner): BrowserIdentity {
  const { headers, socket } = request;
  const asked = peers.originAsked(request);
  const isEncrypted = (socket as { encrypted?: boolean }).encrypted === true;
  return {
    address: addressBlock(peers.address(request)),
    agent: headers['user-agent'] ?? '',
    origin: headers.origin,
    cookie: {
      name: cookieName(socket, askedOriginText(asked), owner),
      isSecure: isEncrypted || isFromTlsPage(headers) || readForwarded(headers).scheme === 'https',
      mayBeOpen: !isEncrypted,
    },
  };
}

/** Bytes of the hash in a cookie's name. With fewer, the cookies of two desktops may get one name. */
const NAME_BYTES = 5;

/**
 * Names the cookie after the desktop and the origin under which the browser knows it: browsers send a cookie to all
 * ports of a host, and to all paths, so that the cookies of two desktops need different names. The server's address,
 * port and host name tell desktops apart that a proxy or containers show under one origin, and the id those that have
 * even these in common. The name is the same after a restart, so that a browser does not collect old cookies.
 */
function cookieName(socket: Socket, origin: string | undefined, { id, isShared }: CookieOwner): string {
  const here = isShared ? [] : [hostname(), socket.localAddress, socket.localPort];
  const place = JSON.stringify([...here, origin, id]);
  const digest = createHash('sha256').update(place).digest();
  return `deskwire-${digest.readUIntBE(0, NAME_BYTES)}`;
}

/**
 * Whether the browser has the page by TLS, which a proxy may have taken off. Only the caller's own cookie depends on
 * it, so that these headers need no trust.
 */
function isFromTlsPage({ origin, referer }: IncomingHttpHeaders): boolean {
  return (origin ?? referer)?.startsWith('https:') === true;
}

/**
 * Whether two requests may have come from one caller. A browser may use IPv4 for one connection and IPv6 for the next,
 * so that only addresses of one family are compared.
 */
export function mayBeOneCaller(address: string, other: string): boolean {
  return address === other || address.includes(':') !== other.includes(':');
}
