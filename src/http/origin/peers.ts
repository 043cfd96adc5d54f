import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import { addressBlock } from '../../common/address-block.ts';
import { HttpStartError } from '../problems/errors.ts';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An address, followed by the length of its prefix if it is a network. */
const NETWORK = /^([^/]*)(?:\/(\d{1,3}))?$/;

const unmapped = (address: string): string => MAPPED_IPV4.exec(address)?.[1] ?? address;
const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** Finds the address that a request came from and the origin it asked for. Believes the headers of trusted proxies. */
export class Peers {
  readonly #trusted = new BlockList();

  /** `proxies` are addresses or networks, such as `10.0.0.0/8`. */
  constructor(proxies: readonly string[]) {
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

  /** The address that the request came from: the last one before the trusted proxies. */
  address(request: IncomingMessage): string {
    let address = unmapped(request.socket.remoteAddress ?? '');
    const forwarded = headerText(request, 'x-forwarded-for');
    const hops = forwarded === undefined ? [] : forwarded.split(',');
    while (this.#isTrusted(address)) {
      const next = unmapped((hops.pop() ?? '').trim());
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  }

  /** The address at the other end of a connection: that of a proxy, if there is one. */
  neighbour({ remoteAddress }: Socket): string | undefined {
    return remoteAddress === undefined ? undefined : unmapped(remoteAddress);
  }

  /**
   * The block of addresses for which a connection from `address` counts. Undefined for a trusted proxy, which has many
   * callers.
   */
  blockOf(address: string): string | undefined {
    const plain = unmapped(address);
    return this.#isTrusted(plain) ? undefined : addressBlock(plain);
  }

  /** The origin in the caller's URL, such as `https://desk.example:8443`. */
  originAsked(request: IncomingMessage): string | undefined {
    const viaProxy = this.#isTrusted(unmapped(request.socket.remoteAddress ?? ''));
    const host =
      (viaProxy ? firstOf(headerText(request, 'x-forwarded-host')) : undefined) ?? request.headers.host;
    const scheme = (viaProxy ? firstOf(headerText(request, 'x-forwarded-proto')) : undefined) ?? 'https';
    return host === undefined ? undefined : originOf(`${scheme}://${host}`);
  }

  #isTrusted(address: string): boolean {
    return isIP(address) !== 0 && this.#trusted.check(address, family(address));
  }
}

/** The origin of a URL in the form that browsers send. Undefined if it has none. */
export function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  return origin === 'null' ? undefined : origin;
}

function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function firstOf(list: string | undefined): string | undefined {
  const first = list?.split(',')[0]?.trim();
  return first === '' ? undefined : first;
}
