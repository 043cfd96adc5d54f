/** Where a cookie is kept and sent. */
export interface CookiePlace {
  /** Name without the prefix. */
  readonly name: string;
  /** The browser knows the server by TLS, so that it takes a secure cookie. */
  readonly isSecure: boolean;
  /** The request came by plain HTTP, so that the browser may know the server without TLS. */
  readonly mayBeOpen: boolean;
}

/** A browser takes a cookie of such a name only from this host itself, by TLS, and for all its paths. */
const PREFIX = '__Host-';

/**
 * Writes a `Set-Cookie` value. In a frame of another site, browsers keep cookies only if these say that they are for
 * other sites, and apart for each site that has such a frame. Without `maxAgeS`, a browser forgets the cookie when it is
 * closed.
 */
export function setCookie(
  { name, isSecure }: CookiePlace,
  value: string,
  isFramed: boolean,
  maxAgeS?: number,
): string {
  const age = maxAgeS === undefined ? '' : `; Max-Age=${maxAgeS}`;
  // A browser takes SameSite=None only from a secure cookie.
  if (!isSecure) return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${age}`;
  const sites = isFramed ? 'SameSite=None; Partitioned' : 'SameSite=Strict';
  return `${PREFIX}${name}=${value}; Path=/; HttpOnly; Secure; ${sites}${age}`;
}

/** `Set-Cookie` values with which a browser forgets the cookie, in whichever form it has it. */
export function clearCookies(place: CookiePlace): string[] {
  return (place.isSecure ? [false, true] : [false]).map((isFramed) => setCookie(place, '', isFramed, 0));
}

/**
 * The names under which a request may bring the cookie. Over TLS, one without the prefix may have been set by another
 * host of the domain. Behind a proxy that hides TLS, the server cannot always tell which of both it gave.
 */
export function cookieNames({ name, mayBeOpen }: CookiePlace): readonly string[] {
  return mayBeOpen ? [`${PREFIX}${name}`, name] : [`${PREFIX}${name}`];
}

/** The values of the cookie in a `Cookie` header. */
export function cookieValues(header: string | undefined, place: CookiePlace): string[] {
  const names = cookieNames(place);
  const values: string[] = [];
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    if (equals >= 0 && names.includes(pair.slice(0, equals).trim()))
      values.push(pair.slice(equals + 1).trim());
  }
  return values;
}
