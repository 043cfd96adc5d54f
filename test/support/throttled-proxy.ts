import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const TURN_MS = 20;

/** A slow link to a server: what it sends passes at `bytesPerSecond`, what it is sent passes at once. */
export class ThrottledProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async open(toPort: number, bytesPerSecond: number): Promise<ThrottledProxy> {
    const proxy = new ThrottledProxy(toPort, bytesPerSecond);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  private constructor(toPort: number, bytesPerSecond: number) {
    const turnBytes = Math.ceil((bytesPerSecond * TURN_MS) / 1000);
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ port: toPort, host: '127.0.0.1' });
      // In turns, each of at most so many bytes.
      const turns = setInterval(() => {
        const bytes = far.read(Math.min(turnBytes, far.readableLength));
        if (bytes) near.write(bytes);
      }, TURN_MS);
      near.pipe(far);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          clearInterval(turns);
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
      far.on('readable', () => undefined);
    });
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
