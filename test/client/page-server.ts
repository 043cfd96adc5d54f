import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { buildClient } from '../../scripts/build-client.ts';
import { pagePolicy } from '../../src/http/problems/page-policy.ts';
import { ByteQueue } from '../../src/protocol/byte-queue.ts';
import { type ClientMessage, ClientMessageReader } from '../../src/protocol/client-messages.ts';
import { ENCODING_TIGHT, FENCE_REQUEST } from '../../src/protocol/constants.ts';
import { type DesktopDescription, ServerHandshake } from '../../src/protocol/handshake.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import { fence, qemuKeyRect, updateHeader } from '../../src/protocol/server-messages.ts';
import { tightFill } from '../../src/protocol/tight.ts';
import { stablePort } from '../support/stable-port.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** An answer of the API. */
export interface CallAnswer {
  readonly status: number;
  /** An object is sent as JSON. */
  readonly body: object;
  /** Content type of a body that is sent as it is. */
  readonly type?: string;
}

interface LoginRefusal {
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly retryAfterS?: number;
}

function refuse(response: ServerResponse, { status, retryAfterS, ...problem }: LoginRefusal): void {
  const headers = { 'content-type': 'application/problem+json' };
  response.writeHead(status, { ...headers, ...(retryAfterS && { 'retry-after': `${retryAfterS}` }) });
  response.end(JSON.stringify(problem));
}

function answer(response: ServerResponse, body: object, status = 200, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body instanceof Uint8Array ? body : JSON.stringify(body));
}

/** Path below which the page is that of a desktop in a fleet. */
const IN_FLEET = '/d/lab-1';
const FLEET_HEAD = '<meta name="deskwire-fleet" content="../../" />';

const PAGES: readonly string[] = ['/', '/login.html'];

/** A page of the server's origin that is not the server's page. */
const EMPTY = '<!doctype html><title>empty</title>';

/** Hashes in the names of updated scripts. */
const UPDATED = ['UPDATED1', 'UPDATED2'] as const;

type MessageOf<T extends ClientMessage['type']> = Extract<ClientMessage, { readonly type: T }>;

/** Start of the payload of a fence that `roundTrip` sends. */
const ROUND_TRIP: readonly number[] = [0x52, 0x54, 0x72, 0x70];

/** One page's connection, as the server sees it. */
export class PageViewer {
  /** Everything that the page sent, in order. */
  readonly received: ClientMessage[] = [];
  readonly #socket: WebSocket;
  readonly #queue = new ByteQueue();
  readonly #desktop: DesktopDescription;
  readonly #handshake: ServerHandshake;
  #reader: ClientMessageReader | undefined;
  #listeners = new Set<() => void>();
  readonly #ready = Promise.withResolvers<void>();
  #roundTrips = 0;
  #answeredRoundTrips = 0;

  /** Whether it leaves the page's fences unanswered, as a server does that hangs. */
  isSilent = false;

  constructor(socket: WebSocket, desktop: DesktopDescription) {
    this.#socket = socket;
    this.#desktop = desktop;
    this.#handshake = new ServerHandshake(() => desktop);
    socket.on('message', (data: Buffer) => this.#onBytes(data));
    socket.send(this.#handshake.greeting());
  }

  /** Resolves when the page has finished the handshake and requested its first picture. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get socket(): WebSocket {
    return this.#socket;
  }

  send(...parts: Uint8Array[]): void {
    this.#socket.send(Buffer.concat(parts));
  }

  count(type: ClientMessage['type']): number {
    return this.received.filter((message) => message.type === type).length;
  }

  of<T extends ClientMessage['type']>(type: T): MessageOf<T>[] {
    return this.received.filter((message): message is MessageOf<T> => message.type === type);
  }

  /** Resolves once `condition` holds. Checks it again at each message. */
  async until(what: string, condition: () => boolean, timeoutMs = 10_000): Promise<void> {
    const deadline = AbortSignal.timeout(timeoutMs);
    while (!condition()) {
      await new Promise<void>((resolve, reject) => {
        const done = () => {
          this.#listeners.delete(done);
          resolve();
        };
        this.#listeners.add(done);
        deadline.addEventListener('abort', () => reject(new Error(`Never came: ${what}`)));
      });
    }
  }

  /** Sends an update. Resolves when the page has drawn it. */
  async show(...parts: Uint8Array[]): Promise<void> {
    const before = this.count('updateRequest');
    this.send(...parts);
    await this.until('the request after drawing', () => this.count('updateRequest') > before);
  }

  /** Shows a desktop of one colour, of a server that takes the numbers of keys. */
  showDesktop(): Promise<void> {
    const { width, height } = this.#desktop;
    const picture = [rectHeader(0, 0, width, height, ENCODING_TIGHT), tightFill(Uint8Array.of(40, 60, 80))];
    return this.show(updateHeader(2), qemuKeyRect(), ...picture);
  }

  /**
   * Sends a fence and waits for its answer. After that, the page has handled everything that it was sent before, except
   * for drawing, and everything that it sent before has arrived. The answer is not in `received`.
   */
  async roundTrip(): Promise<void> {
    const number = ++this.#roundTrips;
    this.send(fence(FENCE_REQUEST, Uint8Array.of(...ROUND_TRIP, number)));
    await this.until('the answer to a fence', () => this.#answeredRoundTrips >= number);
  }

  #onBytes(bytes: Uint8Array): void {
    if (this.#reader) this.#reader.push(bytes);
    else {
      this.#queue.push(bytes);
      const { send, done } = this.#handshake.advance(this.#queue);
      for (const part of send) this.#socket.send(part);
      if (!done) return;
      this.#reader = new ClientMessageReader(this.#queue);
    }
    for (let message = this.#reader.next(); message; message = this.#reader.next()) this.#take(message);
    if (this.count('updateRequest') > 0) this.#ready.resolve();
    for (const listener of [...this.#listeners]) listener();
  }

  #take(message: ClientMessage): void {
    if (message.type === 'fence') {
      // The page takes a server that leaves its fences unanswered for lost.
      if (message.flags & FENCE_REQUEST) {
        if (this.isSilent) return;
        this.send(fence((message.flags & ~FENCE_REQUEST) >>> 0, message.payload));
        return;
      }
      if (ROUND_TRIP.every((byte, i) => message.payload[i] === byte)) {
        this.#answeredRoundTrips++;
        return;
      }
    }
    this.received.push(message);
  }
}

/** Serves the built page, and RFB as the test scripts it, on a loopback port. */
export class PageServer {
  readonly desktop: DesktopDescription;
  readonly #folder: string;
  readonly #port: number;
  #http: Server;
  #sockets: WebSocketServer;
  #viewers: PageViewer[] = [];
  #waiting: ((viewer: PageViewer) => void)[] = [];
  /** If set, every request and connection is answered with this status. */
  refuseWith: number | undefined;
  /** Headers of these answers. */
  refuseHeaders: Readonly<Record<string, string>> = {};
  /** Whether it answers requests for files all the same, as a fleet does whose desktop does not run. */
  hasFiles = false;
  /** Whether the page's policy allows the scripts in its document. */
  allowsDocumentScripts = true;
  /** Whether a page gets no ticket before it has logged in. */
  needsLogin = false;
  #user: string | undefined;
  /** If set, logins are refused with this. */
  refuseLogin: LoginRefusal | undefined;
  /** What calls of the API are answered, by method and path. There are no others. */
  answers: ReadonlyMap<string, CallAnswer> = new Map();
  /** What the page sent to log in, and to log out. */
  readonly logins: { readonly method: string; readonly url: string; readonly authorization: string }[] = [];

  private constructor(desktop: DesktopDescription, folder: string, port: number) {
    this.desktop = desktop;
    this.#folder = folder;
    this.#port = port;
    [this.#http, this.#sockets] = this.#create();
  }

  static async start(desktop: DesktopDescription): Promise<PageServer> {
    const server = new PageServer(
      desktop,
      await mkdtemp(join(tmpdir(), 'deskwire-page-')),
      await stablePort(),
    );
    await buildClient(server.#folder);
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** Resolves with the next page that connects. */
  nextViewer(): Promise<PageViewer> {
    // Drop pages that were closed meanwhile.
    this.#viewers = this.#viewers.filter(({ socket }) => socket.readyState === socket.OPEN);
    const viewer = this.#viewers.shift();
    if (viewer) return Promise.resolve(viewer);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Listens, again on the same port after `vanish`. */
  async listen(): Promise<void> {
    this.#http.listen(this.#port, '127.0.0.1');
    await once(this.#http, 'listening');
  }

  /** Ends without a word, like a killed server. `listen` brings it back. */
  async vanish(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
    [this.#http, this.#sockets] = this.#create();
  }

  /** Has another version of the page, as an updated server has: its script has another name. */
  async update(): Promise<void> {
    const files = await readdir(this.#folder);
    const script = files.find((file) => /^main-\w+\.js$/.test(file))!;
    const updated = `main-${script.includes(UPDATED[0]) ? UPDATED[1] : UPDATED[0]}.js`;
    await rename(join(this.#folder, script), join(this.#folder, updated));
    for (const name of ['index.html', 'service-worker.js']) {
      const file = join(this.#folder, name);
      await writeFile(file, (await readFile(file, 'utf8')).replaceAll(script, updated));
    }
  }

  /** Names of the page's files. */
  files(): Promise<string[]> {
    return readdir(this.#folder);
  }

  async close(): Promise<void> {
    await this.vanish();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #create(): [Server, WebSocketServer] {
    const http = createServer((request, response) => void this.#serve(request, response));
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'binary' });
    http.on('upgrade', (request, socket, head) => {
      const path = request.url?.replace(IN_FLEET, '');
      if (this.refuseWith !== undefined || !path?.startsWith('/websockify')) {
        socket.end(`HTTP/1.1 ${this.refuseWith ?? 404} No\r\nConnection: close\r\n\r\n`);
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => this.#welcome(webSocket));
    });
    return [http, sockets];
  }

  #welcome(socket: WebSocket): void {
    const viewer = new PageViewer(socket, this.desktop);
    void viewer.ready.then(() => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(viewer);
      else this.#viewers.push(viewer);
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '/' } = request;
    const { pathname } = new URL(url, 'http://x');
    const isInFleet = pathname.startsWith(`${IN_FLEET}/`);
    const path = isInFleet ? pathname.slice(IN_FLEET.length) : pathname;
    const name = PAGES.includes(path) ? 'index.html' : path.slice(1);
    if (this.refuseWith === undefined && path === '/session') return this.#log(request, response);
    if (this.refuseWith === undefined && path === '/ticket' && this.needsLogin)
      return refuse(response, { status: 401, code: 'HTTP_LOGIN_NEEDED' });
    if (this.refuseWith === undefined && path === '/ticket' && this.#user !== undefined)
      return answer(response, { ticket: 't', user: this.#user, logged_in_by: 'session' });
    const isFile = this.hasFiles && request.method === 'GET';
    if (this.refuseWith !== undefined && !isFile) {
      const headers = { 'content-type': 'text/plain', ...this.refuseHeaders };
      response.writeHead(this.refuseWith, headers).end('refused');
      return;
    }
    const called = this.answers.get(`${request.method} ${path}`);
    if (called) return answer(response, called.body, called.status, called.type);
    const read =
      name === 'empty.html' ? EMPTY : await readFile(join(this.#folder, name)).catch(() => undefined);
    const body =
      isInFleet && name === 'index.html' ? `${read}`.replace('<head>', `<head>${FLEET_HEAD}`) : read;
    if (!body) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    const isDocument = type === TYPES['.html'] && this.allowsDocumentScripts;
    const policy = pagePolicy([], isDocument ? body.toString() : '');
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
    response.end(body);
  }

  /** Logs a page in or out. */
  #log(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    this.logins.push({ method, url, authorization: headers.authorization ?? '' });
    if (this.refuseLogin !== undefined) {
      refuse(response, this.refuseLogin);
      return;
    }
    this.needsLogin = method === 'DELETE';
    this.#user = method === 'DELETE' ? undefined : 'ada';
    answer(response, { key: 'k', user: 'ada' });
  }
}
