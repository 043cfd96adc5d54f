import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { RunningDeskwire } from '../support/start-deskwire.ts';

const NOVNC = fileURLToPath(new URL('../../node_modules/@novnc/novnc/', import.meta.url));

/** A page with noVNC, as on another site, and what a test needs to control it. */
const PAGE = `<!doctype html>
<title>An embedder</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 } #desk { width: 100vw; height: 100vh }</style>
<div id="desk"></div>
<script type="module">
  import RFB from './novnc/core/rfb.js';
  const url = new URL('./websockify', location.href);
  url.protocol = 'ws:';
  const rfb = new RFB(document.getElementById('desk'), url.href, { wsProtocols: ['binary'] });
  rfb.addEventListener('connect', () => { document.body.dataset.state = 'connected'; });
  rfb.addEventListener('disconnect', () => { document.body.dataset.state = 'disconnected'; });
  rfb.addEventListener('desktopname', ({ detail }) => { document.title = detail.name; });
  rfb.addEventListener('clipboard', ({ detail }) => { document.body.dataset.clipboard = detail.text; });
  window.rfb = rfb;
</script>`;

/**
 * A site that shows the desktop in its own page: noVNC, and a reverse proxy that knows the password and sends the
 * `X-Forwarded-…` headers that `--trust-proxy` accepts.
 */
export class Embedder {
  readonly #desk: RunningDeskwire;
  readonly #server: Server;

  private constructor(desk: RunningDeskwire) {
    this.#desk = desk;
    this.#server = createServer((request, response) => {
      void content(request.url ?? '/').then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type }).end(body);
      });
    });
    this.#server.on('upgrade', (request, socket, head) => this.#forward(request, socket, head));
  }

  static async start(desk: RunningDeskwire): Promise<Embedder> {
    const embedder = new Embedder(desk);
    embedder.#server.listen(0, '127.0.0.1');
    await once(embedder.#server, 'listening');
    return embedder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Forwards the upgrade request with the headers that a proxy adds, and after that only bytes. */
  #forward(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { name, password } = this.#desk.owner;
    const headers: Record<string, string | string[] | undefined> = {
      ...request.headers,
      host: `127.0.0.1:${this.#desk.port}`,
      authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-host': request.headers.host,
      'x-forwarded-proto': 'http',
    };
    const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}\r\n`);
    const up = connect({ host: '127.0.0.1', port: this.#desk.port, ca: this.#desk.ca }, () => {
      up.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
      up.write(head);
      up.pipe(socket).pipe(up);
    });
    for (const [one, other] of [
      [up, socket],
      [socket, up],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  }
}

async function content(url: string): Promise<{ status: number; type: string; body: string | Buffer }> {
  const { pathname } = new URL(url, 'http://x');
  if (pathname === '/') return { status: 200, type: 'text/html; charset=utf-8', body: PAGE };
  const body = pathname.startsWith('/novnc/')
    ? await readFile(NOVNC + pathname.slice('/novnc/'.length)).catch(() => undefined)
    : undefined;
  return body
    ? { status: 200, type: 'text/javascript', body }
    : { status: 404, type: 'text/plain', body: 'not here' };
}
