import type { IncomingMessage } from 'node:http';
import { HttpStartError } from '../problems/errors.ts';
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

  /** Whether a page that is neither of this server nor allowed sent this. False without headers of a browser. */
  isForeign(request: IncomingMessage): boolean {
    if (this.allowed(request) !== undefined) return false;
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
    return this.isForeignOrigin(request);
  }

  /** The same check by `Origin` alone, which browsers send with a WebSocket. */
  isForeignOrigin(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    if (origin === undefined || this.#allowed.has(origin)) return false;
    return origin !== this.#peers.originAsked(request);
  }
}
