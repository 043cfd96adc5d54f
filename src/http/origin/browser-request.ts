/** Facts about the sender of a request that changes something, from the headers that only browsers set. */
export interface BrowserFacts {
  /** Who the page of `Origin` is. `none`: the request has no such header. */
  readonly origin: Sender;
  /** The same for `Referer`. */
  readonly referer: Sender;
  /** `Sec-Fetch-Site`. */
  readonly site: string | undefined;
  /** `Sec-Fetch-Mode`. */
  readonly mode: string | undefined;
  /** `Sec-Purpose`, or `Purpose` of older browsers. */
  readonly purpose: string | undefined;
}

/** The server's own page, a page of an allowed origin, any other page, or no header. */
export type Sender = 'own' | 'allowed' | 'foreign' | 'none';

/** Whether a request may change something. Otherwise, what sent it. */
export type BrowserVerdict = 'may change' | 'foreign page' | 'navigation';

/**
 * Decides whether a request may change something. A browser attaches a remembered password to every request, so that
 * only requests that a script of our page or of an allowed page made may change something. A page cannot make a browser
 * send other values of these headers. Programs that are no browsers send none of them, and are allowed.
 *
 * `Sec-Fetch-Site: none` does not name our page: browsers send it for the address bar, for links from outside the
 * browser, and for prefetches by the speculation rules of other pages.
 */
export function judgeBrowser({ origin, referer, site, mode, purpose }: BrowserFacts): BrowserVerdict {
  // A speculation on a page, or one more guess of the browser. The user has not even clicked.
  if (purpose !== undefined) return 'navigation';
  if (origin === 'foreign') return 'foreign page';
  if (mode === 'navigate') return 'navigation';
  if (origin === 'allowed') return 'may change';
  if (site !== undefined) return site === 'same-origin' ? 'may change' : 'foreign page';
  if (origin === 'own') return 'may change';
  return referer === 'foreign' ? 'foreign page' : 'may change';
}
