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

/** The elements of a `Forwarded` header, each a list of pairs (RFC 7239, 4). Any caller may have written it. */
function forwardedElements(header: string | undefined): Map<string, string>[] {
  const elements = splitOutsideQuotes(header ?? '', ',').filter((element) => element.trim() !== '');
  return elements.map(
    (element) =>
      new Map(
        splitOutsideQuotes(element, ';').map((pair) => {
          const [name, value = ''] = splitOutsideQuotes(pair, '=', 2);
          return [name!.trim().toLowerCase(), unquoted(value.trim())];
        }),
      ),
  );
}

/**
 * Splits a text at a separator, into `most` parts at most. A quoted part may have any character. Reads each character
 * once: a pattern would try many parts of a hostile text anew from each of its characters, for a second of the main
 * thread.
 */
function splitOutsideQuotes(text: string, separator: string, most = Number.POSITIVE_INFINITY): string[] {
  const parts: string[] = [];
  let start = 0;
  let mayQuote = true;
  for (let at = 0; at < text.length && parts.length + 1 < most; at++) {
    if (text[at] === '"' && mayQuote) {
      const end = endOfQuoted(text, at);
      // No quote behind this one ends either. It is a character like any other.
      mayQuote = end !== undefined;
      at = end ?? at;
    } else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** The place of the quote that ends the quoted part at `at`. Undefined if none does. */
function endOfQuoted(text: string, at: number): number | undefined {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return undefined;
}

/** A value without its quotes; of one without quotes, what stands before a space or a stray quote. */
function unquoted(value: string): string {
  const end = value.startsWith('"') ? endOfQuoted(value, 0) : undefined;
  return end === undefined ? /^[^\s"]*/.exec(value)![0] : value.slice(1, end).replace(/\\(.)/g, '$1');
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
