/** The part of a caller's URL that the server knows, from the headers of the request and of trusted proxies. */
export interface AskedOrigin {
  /** The scheme, if it is known: not behind a proxy that speaks plain HTTP to the server and forwards none. */
  readonly scheme: 'http' | 'https' | undefined;
  /** The host with the port that it was written with. The first one is the best. */
  readonly hosts: readonly string[];
  /** Port that a proxy forwards beside the host. */
  readonly port: string | undefined;
  /** Port at which the server itself took the connection. Undefined for a Unix socket. */
  readonly localPort: number | undefined;
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const;

/**
 * Whether an origin is the server's own: that of the URL which the caller asked for. nginx's `Host $host` leaves the
 * port out. So a host without a port has any port, unless a proxy forwards the port, or the server itself listens on
 * the scheme's own port, which a browser always leaves out.
 */
export function isOwnOrigin(origin: string, asked: AskedOrigin): boolean {
  const schemes = asked.scheme === undefined ? (['https', 'http'] as const) : [asked.scheme];
  const page = new URL(origin);
  return schemes.some((scheme) =>
    page.protocol !== `${scheme}:` ? false : asked.hosts.some((host) => isHostOf(page, scheme, host, asked)),
  );
}

function isHostOf(page: URL, scheme: 'http' | 'https', host: string, asked: AskedOrigin): boolean {
  const own = URL.parse(`${scheme}://${host}`);
  if (own === null) return false;
  if (own.host === page.host) return true;
  if (hasPort(host) || own.hostname !== page.hostname) return false;
  const port = page.port === '' ? String(DEFAULT_PORTS[scheme]) : page.port;
  if (asked.port !== undefined) return port === asked.port;
  return asked.localPort !== DEFAULT_PORTS[scheme];
}

/** A Host header has brackets around an IPv6 address, so that a colon after it is that of a port. */
const hasPort = (host: string): boolean => /:\d+$/.test(host) && !/^[^[]*:.*:/.test(host);

/** Names the caller's origin for people and for the cookie. Has no scheme if that is not known. */
export function askedOriginText({ scheme, hosts, port }: AskedOrigin): string | undefined {
  const [host] = hosts;
  if (host === undefined) return undefined;
  const full = port === undefined || hasPort(host) ? host : `${host}:${port}`;
  if (scheme === undefined) return full.toLowerCase();
  return URL.parse(`${scheme}://${full}`)?.origin;
}
