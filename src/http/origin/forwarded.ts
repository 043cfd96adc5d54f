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

/** Headers in which proxies name the scheme, the usual one first. */
const SCHEME_HEADERS = [
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-protocol',
  'x-scheme',
  'x-url-scheme',
] as const;
/** Headers by which proxies say `on` for TLS. */
const TLS_HEADERS = ['x-forwarded-ssl', 'front-end-https'] as const;
/** Headers in which proxies name the host that the caller asked for. */
const HOST_HEADERS = ['x-forwarded-host', 'x-original-host'] as const;

/** Bytes of a header that are read. A longer one has been made by a caller; its last hops, which count, are read. */
const MAX_HEADER = 4096;

/**
 * Reads the headers of a trusted proxy. `X-Forwarded-…` goes before `Forwarded`: most proxies set only the first, and
 * pass on what the caller wrote into the second. `X-Real-IP`, which has one address, counts without both.
 */
export function readForwarded(headers: Headers): Forwarded {
  const standard = forwardedElements(textOf(headers.forwarded));
  const addresses = textOf(headers['x-forwarded-for'])?.split(',');
  const only = standard.length === 0 ? textOf(headers['x-real-ip']) : undefined;
  const hops = addresses ?? (only === undefined ? standard.map((pairs) => pairs.get('for') ?? '') : [only]);
  // The first proxy is the one that the caller knows.
  const [first] = standard;
  return {
    hops: hops.map(hopAddress),
    host: firstIn(headers, HOST_HEADERS, (host) => host) ?? first?.get('host'),
    port: firstIn(headers, ['x-forwarded-port'], (port) => /^\d{1,5}$/.exec(port)?.[0]),
    scheme: firstIn(headers, SCHEME_HEADERS, schemeOf) ?? tlsScheme(headers) ?? schemeOf(first?.get('proto')),
  };
}

const tlsScheme = (headers: Headers): 'https' | undefined =>
  TLS_HEADERS.some((name) => /^on$/i.test(textOf(headers[name]) ?? '')) ? 'https' : undefined;

/** What the first of these headers says that says something, in the first part of its list. */
function firstIn<T>(
  headers: Headers,
  names: readonly string[],
  read: (part: string) => T | undefined,
): T | undefined {
  for (const name of names) {
    const part = firstOf(textOf(headers[name]));
    const found = part === undefined ? undefined : read(part);
    if (found !== undefined) return found;
  }
  return undefined;
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
          // A name has no quotes, so that this is the separator.
          const nameEnd = pair.includes('=') ? pair.indexOf('=') : pair.length;
          return [pair.slice(0, nameEnd).trim().toLowerCase(), unquoted(pair.slice(nameEnd + 1).trim())];
        }),
      ),
  );
}

/**
 * Splits a text at a separator. A quoted part may have any character.
 *
 * Reads from the end: a proxy adds its well-formed elements behind what the caller sent, so that a quote which the
 * caller has left open cannot hide them. Reads each character once or twice: a pattern would try many parts of a hostile
 * text anew from each of its characters, for a second of the main thread.
 */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let end = text.length;
  let mayQuote = true;
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === '"' && mayQuote) {
      const start = startOfQuoted(text, at);
      // No quote before this one begins a quoted part either. It is a character like any other.
      mayQuote = start !== undefined;
      at = start ?? at;
    } else if (text[at] === separator) {
      parts.push(text.slice(at + 1, end));
      end = at;
    }
  }
  return [...parts, text.slice(0, end)].reverse();
}

/** The place of the quote that begins the quoted part which ends at `end`. Undefined if none does. */
function startOfQuoted(text: string, end: number): number | undefined {
  for (let i = end - 1; i >= 0; i--) if (text[i] === '"' && !isEscaped(text, i)) return i;
  return undefined;
}

/** Whether an odd number of backslashes stands before a character. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === '\\') first--;
  return (at - first) % 2 === 1;
}

/** The place of the quote that ends a text's quoted beginning. Undefined if none does. */
function endOfQuoted(text: string): number | undefined {
  for (let i = 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return undefined;
}

/** A value without its quotes; of one without quotes, what stands before a space or a stray quote. */
function unquoted(value: string): string {
  const end = value.startsWith('"') ? endOfQuoted(value) : undefined;
  return end === undefined ? /^[^\s"]*/.exec(value)![0] : value.slice(1, end).replace(/\\(.)/g, '$1');
}

/** Some proxies name the scheme of a WebSocket, or only that there is TLS. */
function schemeOf(text: string | undefined): 'http' | 'https' | undefined {
  switch (text?.toLowerCase()) {
    case 'https':
    case 'wss':
    case 'ssl':
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
