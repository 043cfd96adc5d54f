import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The ends of one connection through a proxy. */
export interface Ends {
  readonly client: Socket;
  readonly server: Socket;
}

/** Passes connections on to a port of this machine, until a test cuts them. */
export class CuttingProxy {
  readonly #listener: Server;
  readonly #open = new Set<Ends>();
  #isCut = false;
  /**
   * Called with what a client sends, before it is passed on. If it returns true, nothing more is passed on of this
   * connection, in both directions: the test does what it wants with its ends.
   */
  intercept: (bytes: Buffer, ends: Ends) => boolean = () => false;

  static async open(toPort: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(toPort);
    await once(proxy.#listener.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  private constructor(toPort: number) {
    this.#listener = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
      if (this.#isCut) {
        // As packets that are dropped: the client waits.
        client.on('error', () => {});
        this.#open.add({ client, server: client });
        return;
      }
      const server = connect({ port: toPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
      this.#pass({ client, server });
    });
  }

  get port(): number {
    return (this.#listener.address() as { port: number }).port;
  }

  /** Connections that are open. */
  get count(): number {
    return this.#open.size;
  }

  /** Drops everything from now on, in silence, as a network does whose cable is out; or passes it on again. */
  set isCut(isCut: boolean) {
    this.#isCut = isCut;
    for (const { client, server } of this.#open) {
      for (const socket of [client, server]) {
        if (isCut) socket.pause();
        else socket.resume();
      }
    }
    // Connections that began meanwhile have no way to the server.
    if (!isCut) for (const ends of [...this.#open]) if (ends.client === ends.server) this.#end(ends);
  }

  async close(): Promise<void> {
    for (const ends of [...this.#open]) this.#end(ends);
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #pass(ends: Ends): void {
    const { client, server } = ends;
    this.#open.add(ends);
    let isTaken = false;
    client.on('data', (bytes) => {
      isTaken ||= this.intercept(bytes, ends);
      if (!isTaken) server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!isTaken) client.write(bytes);
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => {});
      from.once('end', () => {
        if (!isTaken) to.end();
      });
      from.once('close', () => {
        if (!isTaken) to.destroy();
        if (client.destroyed && server.destroyed) this.#open.delete(ends);
      });
    }
  }

  #end(ends: Ends): void {
    ends.client.destroy();
    ends.server.destroy();
    this.#open.delete(ends);
  }
}
