import type { IncomingMessage } from 'node:http';
import { HttpStartError } from '../problems/errors.ts';
import { originOf, type Peers } from './peers.ts';

/**
 * Which pages a request may come from. A browser attaches a remembered password by itself, so what a request
 * changes must not depend on the password alone.
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

  /** The allowed origins besides ours. */
  get list(): string[] {
    return [...this.#allowed];
  }

  /** The allowed origin that this request's page is of, if it is one besides ours. */
  allowed(request: IncomingMessage): string | undefined {
    const { origin } = request.headers;
    return origin !== undefined && this.#allowed.has(origin) ? origin : undefined;
  }

  /** Whether a page that is neither ours nor allowed sent this. Without a word from a browser, nobody's page did. */
  isForeign(request: IncomingMessage): boolean {
    if (this.allowed(request) !== undefined) return false;
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
    return this.isForeignOrigin(request);
  }

  /** The same by `Origin` alone, which is what browsers send with a WebSocket. */
  isForeignOrigin(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    if (origin === undefined || this.#allowed.has(origin)) return false;
    return origin !== this.#peers.originAsked(request);
  }
}
