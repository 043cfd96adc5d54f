import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type WebSocket, WebSocketServer } from 'ws';

const NOVNC = fileURLToPath(new URL('../../node_modules/@novnc/novnc/', import.meta.url));

/** noVNC as its documentation embeds it, over the whole window. */
const PAGE = `<!doctype html>
<title>noVNC</title>
<link rel="icon" href="data:,">
<style>body { margin: 0; overflow: hidden } #desk { width: 100vw; height: 100vh }</style>
<div id="desk"></div>
<script type="module">
  import RFB from './novnc/core/rfb.js';
  const rfb = new RFB(document.getElementById('desk'), 'ws://' + location.host + '/websockify');
  rfb.addEventListener('connect', () => rfb.focus());
</script>`;

/** The canvas of that page. */
export const NOVNC_CANVAS = '#desk canvas';

/** A site with npm's noVNC, and a WebSocket that carries the bytes of a VNC server, as websockify does. */
export class NovncSite {
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  private constructor(vncPort: number) {
    this.#server = createServer((request, response) => {
      void contentOf(request.url ?? '/').then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type }).end(body);
      });
    });
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => bridge(webSocket, vncPort));
    });
  }

  static async start(vncPort: number): Promise<NovncSite> {
    const site = new NovncSite(vncPort);
    await once(site.#server.listen(0, '127.0.0.1'), 'listening');
    return site;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Passes bytes on in both directions as they come. */
function bridge(socket: WebSocket, vncPort: number): void {
  const vnc = connect({ port: vncPort, host: '127.0.0.1', noDelay: true });
  vnc.on('data', (bytes) => {
    vnc.pause();
    socket.send(bytes, () => vnc.resume());
  });
  socket.on('message', (bytes: Buffer) => vnc.write(bytes));
  vnc.on('error', () => socket.terminate());
  vnc.on('close', () => socket.close());
  socket.on('error', () => vnc.destroy());
  socket.on('close', () => vnc.destroy());
}

interface Content {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

async function contentOf(url: string): Promise<Content> {
  const { pathname } = new URL(url, 'http://x');
  if (pathname === '/') return { status: 200, type: 'text/html; charset=utf-8', body: PAGE };
  const file = normalize(pathname).replace(/^\/novnc\//, NOVNC);
  const body = file.startsWith(NOVNC) ? await readFile(file).catch(() => undefined) : undefined;
  return body
    ? { status: 200, type: 'text/javascript', body }
    : { status: 404, type: 'text/plain', body: 'not here' };
}
