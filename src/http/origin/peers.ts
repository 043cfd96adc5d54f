import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { addressBlock } from '../../common/address-block.ts';
import { HttpStartError } from '../problems/errors.ts';
import type { AskedOrigin } from './asked-origin.ts';
import { readForwarded } from './forwarded.ts';
import { isUnixSocket } from './unix-sockets.ts';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An address, followed by the length of its prefix if it is a network. */
const NETWORK = /^([^/]*)(?:\/(\d{1,3}))?$/;

/** Stands for the address of a caller of a Unix socket that forwards none. */
const UNIX_ADDRESS = 'unix';

const unmapped = (address: string): string => MAPPED_IPV4.exec(address)?.[1] ?? address;
const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** Finds the address that a request came from and the origin it asked for. Believes the headers of trusted proxies. */
export class Peers {
  readonly #trusted = new BlockList();
  readonly #trustsProxies: boolean;

  /** `proxies` are addresses or networks, such as `10.0.0.0/8`. */
  constructor(proxies: readonly string[]) {
    this.#trustsProxies = proxies.length > 0;
    for (const proxy of proxies) {
      const [, address = '', prefix] = NETWORK.exec(proxy) ?? [];
      const bits = Number(prefix);
      try {
        if (prefix === undefined) this.#trusted.addAddress(address, family(address));
        else this.#trusted.addSubnet(address, bits, family(address));
      } catch (cause) {
        const hint = 'give an address (10.0.0.1) or a network (10.0.0.0/8)';
        throw new HttpStartError(
          'HTTP_BAD_PROXY',
          `"${proxy}" is neither an address nor a network: ${hint}`,
          { cause },
        );
      }
    }
  }

  /** Whether the request came from a trusted proxy. Only a proxy can reach a Unix socket, so that each there is one. */
  isProxied({ socket }: IncomingMessage): boolean {
    return isUnixSocket(socket) || this.#isTrusted(unmapped(socket.remoteAddress ?? ''));
  }

  /** The address that the request came from: the last one before the trusted proxies. */
  address(request: IncomingMessage): string {
    let address = this.neighbour(request.socket) ?? '';
    if (!this.isProxied(request)) return address;
    const hops = [...readForwarded(request.headers).hops];
    do {
      const next = unmapped(hops.pop() ?? '');
      if (isIP(next) === 0) break;
      address = next;
    } while (this.#isTrusted(address));
    return address;
  }

  /** The address at the other end of a connection: that of a proxy, if there is one. */
  neighbour(socket: Socket): string | undefined {
    if (isUnixSocket(socket)) return UNIX_ADDRESS;
    return socket.remoteAddress === undefined ? undefined : unmapped(socket.remoteAddress);
  }

  /**
   * The block of addresses for which a connection from `address` counts. Undefined for a trusted proxy, which has many
   * callers.
   */
  blockOf(address: string): string | undefined {
    const plain = unmapped(address);
    return plain === UNIX_ADDRESS || this.#isTrusted(plain) ? undefined : addressBlock(plain);
  }

  /** What is known of the caller's URL. */
  originAsked(request: IncomingMessage): AskedOrigin {
    const { socket, headers } = request;
    const forwarded = this.isProxied(request) ? readForwarded(headers) : undefined;
    const hosts = [forwarded?.host, headers.host].filter((host) => host !== undefined);
    const isEncrypted = (socket as { encrypted?: boolean }).encrypted === true;
    const scheme = forwarded?.scheme ?? (isEncrypted ? 'https' : undefined);
    return { scheme, hosts, port: forwarded?.port, localPort: socket.localPort };
  }

  #isTrusted(address: string): boolean {
    return this.#trustsProxies && isIP(address) !== 0 && this.#trusted.check(address, family(address));
  }
}

/** The origin of a URL in the form that browsers send. Undefined if it has none. */
export function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  return origin === 'null' ? undefined : origin;
}
