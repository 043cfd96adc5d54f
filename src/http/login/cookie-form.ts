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
 * other sites, and apart for each site that has such a frame.
 */
export function setCookie({ name, isSecure }: CookiePlace, value: string, isFramed: boolean): string {
  // A browser takes SameSite=None only from a secure cookie.
  if (!isSecure) return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict`;
  const sites = isFramed ? 'SameSite=None; Partitioned' : 'SameSite=Strict';
  return `${PREFIX}${name}=${value}; Path=/; HttpOnly; Secure; ${sites}`;
}

/**
 * The names under which a request may bring the cookie. Over TLS, one without the prefix may have been set by another
 * host of the domain. Behind a proxy that hides TLS, the server cannot always tell which of both it gave.
 */
export function cookieNames({ name, mayBeOpen }: CookiePlace): readonly string[] {
  return mayBeOpen ? [`${PREFIX}${name}`, name] : [`${PREFIX}${name}`];
}
