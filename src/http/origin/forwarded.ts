import { isIP } from 'node:net';

/** What a proxy forwards about the request that it got. Lists are in the order in which the proxies added to them. */
export interface Forwarded {
  /** The addresses that the request passed, the caller's first. A text that is no address stands for a hidden one. */
  readonly hops: readonly string[];
  /** Host in the caller's URL, with or without a port. */
  readonly host: string | undefined;
  /** Port in the caller's URL. */
  readonly port: string | undefined;
  readonly scheme: 'http' | 'https' | undefined;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The elements of a `Forwarded` header, each a list of pairs (RFC 7239, 4). A quoted value may have any character. */
const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const PAIR = /([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;,\s"]*))/g;

/** Bytes of a header that are read. A longer one has been made by a caller; its last hops, which count, are read. */
const MAX_HEADER = 4096;

/**
 * Reads the headers of a trusted proxy. `X-Forwarded-…` goes before `Forwarded`: most proxies set only the first, and
 * pass on what the caller wrote into the second.
 */
export function readForwarded(headers: Headers): Forwarded {
  const standard = forwardedElements(textOf(headers.forwarded));
  const addresses = textOf(headers['x-forwarded-for']);
  const hops = addresses?.split(',') ?? standard.map((pairs) => pairs.get('for') ?? '');
  // The first proxy is the one that the caller knows.
  const [first] = standard;
  const isTls = /^on$/i.test(textOf(headers['x-forwarded-ssl']) ?? '') ? 'https' : undefined;
  return {
    hops: hops.map(hopAddress),
    host: firstOf(textOf(headers['x-forwarded-host'])) ?? first?.get('host'),
    port: /^\d{1,5}$/.exec(firstOf(textOf(headers['x-forwarded-port'])) ?? '')?.[0],
    scheme: schemeOf(firstOf(textOf(headers['x-forwarded-proto'])) ?? isTls ?? first?.get('proto')),
  };
}

/** Takes the address out of one hop, such as `192.0.2.1:4711`, `[2001:db8::1]:80`, `"[2001:db8::1]"` or `fe80::1%eth0`. */
export function hopAddress(hop: string): string {
  const bare = hop.trim().replace(/^"(.*)"$/, '$1');
  const [, bracketed] = /^\[([^\]]*)\](?::\w*)?$/.exec(bare) ?? [];
  const [, beforePort] = /^(\d+\.\d+\.\d+\.\d+):\w*$/.exec(bare) ?? [];
  const address = bracketed ?? beforePort ?? bare;
  return isIP(address) === 0 ? address : address.replace(/%.*$/, '');
}

function forwardedElements(header: string | undefined): Map<string, string>[] {
  return [...(header ?? '').matchAll(ELEMENT)].map(([element]) => {
    const pairs = new Map<string, string>();
    for (const [, name, quoted, token] of element.matchAll(PAIR))
      pairs.set(name!.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
    return pairs;
  });
}

/** Some proxies name the scheme of a WebSocket. */
function schemeOf(text: string | undefined): 'http' | 'https' | undefined {
  switch (text?.toLowerCase()) {
    case 'https':
    case 'wss':
      return 'https';
    case 'http':
    case 'ws':
      return 'http';
    default:
      return undefined;
  }
}

function textOf(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value.join(',') : value;
  return text?.slice(-MAX_HEADER);
}

function firstOf(list: string | undefined): string | undefined {
  const first = list?.split(',')[0]?.trim();
  return first === '' ? undefined : first;
}
