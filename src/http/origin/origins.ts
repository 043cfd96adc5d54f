import type { IncomingMessage } from 'node:http';
import { HttpStartError } from '../problems/errors.ts';
import { askedOriginText, isOwnOrigin } from './asked-origin.ts';
import { type BrowserVerdict, judgeBrowser, type Sender } from './browser-request.ts';
import { originOf, type Peers } from './peers.ts';

/** Destinations of a navigation in a page of another one. */
const FRAMES: ReadonlySet<string> = new Set(['iframe', 'frame', 'embed', 'object']);
/** What the login form adds to its request when it is in a frame. */
const FRAMED_QUERY = /[?&]framed(?:[=&]|$)/;

/** Characters of an origin that a refusal shows. A longer one was made up. */
const MAX_ORIGIN = 200;

/**
 * Decides which pages a request may come from. A browser attaches a remembered password to requests of any page, so the
 * password alone must not allow a change.
 */
export class Origins {
  readonly #peers: Peers;
  readonly #allowed: ReadonlySet<string>;

  constructor(peers: Peers, allowOrigin: readonly string[]) {
    this.#peers = peers;
    this.#allowed = new Set(
      allowOrigin.map((text) => {
        const origin = originOf(text);
        if (origin === undefined) {
          const hint = 'give scheme, host and port, such as https://portal.example:8443';
          throw new HttpStartError('HTTP_BAD_ORIGIN', `"${text}" is not an origin: ${hint}`);
        }
        return origin;
      }),
    );
  }

  /** The allowed origins in addition to the server's own. */
  get list(): string[] {
    return [...this.#allowed];
  }

  /** The origin of the request's page if it is one of `list`, else undefined. */
  allowed(request: IncomingMessage): string | undefined {
    const { origin } = request.headers;
    return origin !== undefined && this.#allowed.has(origin) ? origin : undefined;
  }

  /** Decides by the headers of a browser whether this request may change something. */
  judge(request: IncomingMessage): BrowserVerdict {
    const { headers } = request;
    const site = textOf(headers['sec-fetch-site']);
    // Firefox hides the origin of a page with our Referrer-Policy, also from the page's own server.
    const isHidden = headers.origin === 'null' && site === 'same-origin';
    return judgeBrowser({
      origin: isHidden ? 'none' : this.#senderOf(request, headers.origin),
      referer: this.#senderOf(request, headers.referer),
      site,
      mode: textOf(headers['sec-fetch-mode']),
      purpose: textOf(headers['sec-purpose'] ?? headers.purpose),
    });
  }

  /** Whether a page that is neither of this server nor allowed opens this WebSocket. Browsers send `Origin` with it. */
  isForeignOrigin(request: IncomingMessage): boolean {
    const { headers } = request;
    const sender = this.#senderOf(request, headers.origin);
    // Where a proxy hides the port, a page on another port of the host passes for ours. Some browsers tell it apart.
    const site = headers['sec-fetch-site'];
    return sender === 'foreign' || (sender === 'own' && site !== undefined && site !== 'same-origin');
  }

  /**
   * Whether the browser shows our page in a frame of another, allowed site, or a page of such a site calls. The login
   * form in a frame says so itself, because the browser tells only about the navigation.
   */
  isFramed(request: IncomingMessage): boolean {
    if (this.#allowed.size === 0) return false;
    const { 'sec-fetch-dest': dest, 'sec-fetch-site': site } = request.headers;
    const isOtherSite = site === 'cross-site';
    if (isOtherSite && FRAMES.has(String(dest))) return true;
    if (this.allowed(request) !== undefined) return isOtherSite || site === undefined;
    // A link must not choose the form of a cookie.
    return request.method === 'POST' && FRAMED_QUERY.test(request.url ?? '');
  }

  /** Both origins of a request that is refused for them, and what to do about it. */
  mismatch(request: IncomingMessage): string {
    const { origin, referer } = request.headers;
    const page = originOf(origin ?? referer ?? '') ?? 'a page without an origin';
    const asked = askedOriginText(this.#peers.originAsked(request)) ?? 'no host';
    return (
      `The page is of ${page.slice(0, MAX_ORIGIN)}, and the request asks for ${asked.slice(0, MAX_ORIGIN)}. ` +
      'If both are this server, have the proxy pass on the host with its port, as nginx does by ' +
      '"proxy_set_header Host $http_host". Another site is let in by --allow-origin.'
    );
  }

  /** The page that a header names by its origin or by its URL. */
  #senderOf(request: IncomingMessage, header: string | undefined): Sender {
    if (header === undefined) return 'none';
    const origin = originOf(header);
    if (origin === undefined) return 'foreign';
    if (this.#allowed.has(origin)) return 'allowed';
    return isOwnOrigin(origin, this.#peers.originAsked(request)) ? 'own' : 'foreign';
  }
}

const textOf = (header: string | string[] | undefined): string | undefined => header?.toString();
