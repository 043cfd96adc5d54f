import type { Server } from 'node:https';
import { type AddressInfo, createServer, isIP, type Server as NetServer, type Socket } from 'node:net';
import {
  type ListenPlace,
  type PlainHttp,
  speaksPlainHttp,
  type TcpPlace,
} from '../../config/listen-place.ts';
import { markUnixSocket } from '../origin/unix-sockets.ts';
import { HttpStartError } from '../problems/errors.ts';
import { listenOnUnixSocket } from './unix-socket.ts';

/** Tries to find a port that is free at all addresses, if any may be taken. */
const ANY_PORT_TRIES = 8;

interface PlacesOptions {
  readonly listen: readonly ListenPlace[];
  /** Port of places without one of their own; 0 takes any that is free at all addresses. */
  readonly port: number;
  readonly insecureHttp: PlainHttp;
}

/** The places at which a server listens. All connections reach it as if it had accepted them itself. */
export class OpenPlaces {
  readonly #server: Server;
  readonly #options: PlacesOptions;
  /** Servers of the places after the first, which `#server` has. Node.js watches slow requests of a server that listens. */
  readonly #others: NetServer[] = [];
  readonly #places = new WeakMap<Socket, ListenPlace>();
  readonly #removeSockets: (() => void)[] = [];
  #ports: (number | undefined)[] = [];

  /** Notes the place of each connection before other listeners of `server` see it. */
  constructor(server: Server, options: PlacesOptions) {
    this.#server = server;
    this.#options = options;
    server.on('connection', (socket: Socket) => {
      if (!this.#places.has(socket)) this.#note(socket, options.listen[0]!);
    });
  }

  /** Whether a connection came to a place for plain HTTP. */
  isPlain(socket: Socket): boolean {
    const place = this.#places.get(socket);
    return place !== undefined && this.#speaksPlain(place);
  }

  /** TCP port of the first place that has one. 0 if there is none. */
  get port(): number {
    return this.#ports.find((port) => port !== undefined) ?? 0;
  }

  /** The address of each place for people: `https://127.0.0.1:8443/`, or `unix:/run/desk.sock`. */
  urls(path: string): string[] {
    return this.#options.listen.map((place, i) => {
      if (place.kind === 'unix') return `unix:${place.path}`;
      const scheme = this.#speaksPlain(place) ? 'http' : 'https';
      return `${scheme}://${isIP(place.host) === 6 ? `[${place.host}]` : place.host}:${this.#ports[i]}${path}/`;
    });
  }

  /** Listens at all places, or at none. Throws HttpStartError. */
  async open(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#openAll();
        return;
      } catch (error) {
        this.#stop();
        await closed(this.#server);
        const isBusy = error instanceof HttpStartError && error.code === 'HTTP_PORT_BUSY';
        // A port that is free at one address may be busy at the next.
        if (!isBusy || this.#options.port !== 0 || this.#ports.length < 2 || tries >= ANY_PORT_TRIES)
          throw error;
      }
    }
  }

  /** Accepts no more connections. Resolves when those of all places but the first have ended. */
  async close(): Promise<void> {
    const others = this.#others.map(closed);
    this.#stop();
    await Promise.all(others);
  }

  async #openAll(): Promise<void> {
    this.#ports = [];
    for (const place of this.#options.listen) {
      const isFirst = this.#ports.length === 0;
      const server = isFirst ? this.#server : this.#another(place);
      if (place.kind === 'unix') {
        this.#ports.push(undefined);
        this.#removeSockets.push(await listenOnUnixSocket(server, place.path));
        continue;
      }
      // Places that share --port share the port that was taken for the first of them.
      const sharesPort = place.port === undefined;
      const port = place.port ?? (this.#options.port || this.#sharedPort() || 0);
      this.#ports.push(sharesPort ? port : place.port);
      await listenOnTcp(server, place, port, this.#isSecondFamily(place));
      this.#ports[this.#ports.length - 1] = (server.address() as AddressInfo).port;
    }
  }

  #sharedPort(): number | undefined {
    const index = this.#options.listen.findIndex((place) => place.kind === 'tcp' && place.port === undefined);
    return index < 0 ? undefined : this.#ports[index];
  }

  /** `::` would take all IPv4 addresses as well. */
  #isSecondFamily({ host }: TcpPlace): boolean {
    return (
      isIP(host) === 6 &&
      this.#options.listen.some((place) => place.kind === 'tcp' && place.host === '0.0.0.0')
    );
  }

  #another(place: ListenPlace): NetServer {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#note(socket, place);
      this.#server.emit('connection', socket);
    });
    this.#others.push(server);
    return server;
  }

  #note(socket: Socket, place: ListenPlace): void {
    this.#places.set(socket, place);
    if (place.kind === 'unix') markUnixSocket(socket);
  }

  #speaksPlain(place: ListenPlace): boolean {
    return speaksPlainHttp(place, this.#options.insecureHttp);
  }

  #stop(): void {
    for (const remove of this.#removeSockets.splice(0)) remove();
    for (const server of this.#others.splice(0)) server.close();
  }
}

const closed = (server: NetServer): Promise<void> => new Promise((done) => void server.close(() => done()));

async function listenOnTcp(
  server: NetServer,
  { host }: TcpPlace,
  port: number,
  ipv6Only: boolean,
): Promise<void> {
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen({ host, port, ipv6Only }, () => {
        server.off('error', fail);
        done();
      });
    });
  } catch (cause) {
    throw listenError(cause as NodeJS.ErrnoException, host, port);
  }
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): HttpStartError {
  const at = `${host} port ${port}`;
  switch (cause.code) {
    case 'EADDRINUSE': {
      const message = `another program listens on ${at}; give another port with --port, or 0 for any free port`;
      return new HttpStartError('HTTP_PORT_BUSY', message, { cause });
    }
    case 'EACCES':
    case 'EPERM': {
      const message = `this account may not listen on ${at}; give a port from 1024 up with --port`;
      return new HttpStartError('HTTP_PORT_DENIED', message, { cause });
    }
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL': {
      const message = `this machine has no address ${host}; give one of its addresses with --listen, such as 127.0.0.1 or 0.0.0.0`;
      return new HttpStartError('HTTP_BAD_ADDRESS', message, { cause });
    }
    default:
      return new HttpStartError('HTTP_LISTEN_FAILED', `cannot listen on ${at}: ${cause.message}`, { cause });
  }
}
