import type { IncomingMessage } from 'node:http';
import { withoutBearer } from '../../http/login/bearer-credentials.ts';
import { ASSERTION_HEADER } from '../../http/login/edge-assertion.ts';

/** Headers that concern one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['proxy-authenticate', 'proxy-authorization', 'expect'],
]);

/** Headers of proxies, which the edge has read, and which a desktop would believe: see src/http/origin/forwarded.ts. */
const OF_PROXIES =
  /^(forwarded|x-forwarded-.*|x-real-ip|x-original-host|x-scheme|x-url-scheme|front-end-https)$/;

/** Headers by which callers log in. */
const OF_LOGINS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'deskwire-session']);

/** What the edge adds to a request. */
export interface Passed {
  readonly assertion: string;
  readonly address: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** Whether the edge has checked the login. Otherwise the desktop does. */
  readonly isLoggedIn: boolean;
  /** Names of the fleet's own cookies, which no desktop gets. */
  readonly cookies: readonly string[];
}

/** The headers with which a request is passed on, names and values in turn. */
export function passedHeaders({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, passed: Passed): string[] {
  const headers = headersBut(rawHeaders, (name) => {
    if (HOP_BY_HOP.has(name) || OF_PROXIES.test(name) || name === ASSERTION_HEADER) return true;
    return passed.isLoggedIn && OF_LOGINS.has(name);
  });
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const name = headers[i]!.toLowerCase();
    if (name === 'cookie') headers[i + 1] = cookiesBut(headers[i + 1]!, passed.cookies);
    if (name !== 'sec-websocket-protocol' || !passed.isLoggedIn) continue;
    headers[i + 1] = withoutBearer(headers[i + 1]!);
    if (headers[i + 1] === '') headers.splice(i, 2);
  }
  headers.push('X-Forwarded-For', passed.address, 'X-Forwarded-Proto', passed.scheme);
  headers.push('X-Forwarded-Host', passed.host, ASSERTION_HEADER, passed.assertion);
  return headers;
}

/** The headers of an answer that reach the caller. */
export const answeredHeaders = (rawHeaders: readonly string[]): string[] =>
  headersBut(rawHeaders, (name) => HOP_BY_HOP.has(name));

/** The headers without some, and without those that `Connection` names. */
function headersBut(rawHeaders: readonly string[], isLeftOut: (name: string) => boolean): string[] {
  const named = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]!.toLowerCase() === 'connection')
      for (const name of rawHeaders[i + 1]!.split(',')) named.add(name.trim().toLowerCase());
  const kept: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    if (!named.has(name) && !isLeftOut(name)) kept.push(rawHeaders[i]!, rawHeaders[i + 1]!);
  }
  return kept;
}

const cookiesBut = (header: string, names: readonly string[]): string =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => !names.includes(pair.split('=', 1)[0]!))
    .join('; ');
