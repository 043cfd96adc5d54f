import type { IncomingMessage } from 'node:http';
import { HttpStartError } from '../problems/errors.ts';
import { type BrowserVerdict, judgeBrowser, type Sender } from './browser-request.ts';
import { originOf, type Peers } from './peers.ts';

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
    return judgeBrowser({
      origin: this.#senderOf(request, headers.origin),
      referer: this.#senderOf(request, headers.referer),
      site: textOf(headers['sec-fetch-site']),
      mode: textOf(headers['sec-fetch-mode']),
      purpose: textOf(headers['sec-purpose'] ?? headers.purpose),
    });
  }

  /** Whether a page that is neither of this server nor allowed opens this WebSocket. Browsers send `Origin` with it. */
  isForeignOrigin(request: IncomingMessage): boolean {
    return this.#senderOf(request, request.headers.origin) === 'foreign';
  }

  /** The page that a header names by its origin or by its URL. */
  #senderOf(request: IncomingMessage, header: string | undefined): Sender {
    if (header === undefined) return 'none';
    const origin = originOf(header);
    if (origin === undefined) return 'foreign';
    if (this.#allowed.has(origin)) return 'allowed';
    return origin === this.#peers.originAsked(request) ? 'own' : 'foreign';
  }
}

const textOf = (header: string | string[] | undefined): string | undefined => header?.toString();
