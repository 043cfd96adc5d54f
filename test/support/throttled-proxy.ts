import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type LaneOptions, LinkLane } from './link-lane.ts';

/** Interval at which each connection is served, in ms. */
const TURN_MS = 2;
/**
 * Most bytes handed to a receiver that does not take them. Then the link fills up, and after that the sender must
 * wait.
 */
const RECEIVE_WINDOW_BYTES = 256 * 1024;

/** A link as its two ends see it: from the server to its clients, and back. */
export interface LinkOptions {
  readonly down?: LaneOptions;
  readonly up?: LaneOptions;
}

type Direction = keyof LinkOptions;

/** One direction of one connection: moves bytes from one socket through the lane to the other. */
class Passage {
  readonly lane: LinkLane;
  readonly #from: Socket;
  readonly #to: Socket;
  #ended = false;

  constructor(from: Socket, to: Socket, options: LaneOptions | undefined) {
    this.lane = new LinkLane(options);
    this.#from = from;
    this.#to = to;
    from.on('data', (bytes) => {
      this.lane.push(performance.now(), bytes);
      if (this.lane.isFull) from.pause();
    });
    from.once('end', () => {
      this.#ended = true;
    });
  }

  turn(): void {
    if (this.#to.writableLength < RECEIVE_WINDOW_BYTES) {
      const parts = this.lane.take(performance.now());
      if (parts.length > 0) this.#to.write(Buffer.concat(parts));
    }
    if (!this.lane.isFull && this.#from.isPaused()) this.#from.resume();
    if (this.#ended && this.lane.isEmpty) this.#to.end();
  }
}

/**
 * A slow link to a server on this machine, separate for each connection: limited rate, delay, and a bounded queue
 * in each direction. It runs on the caller's event loop. A busy loop delivers late, but does not reduce the rate.
 */
export class ThrottledProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #passages = new Map<Direction, Set<Passage>>([
    ['down', new Set()],
    ['up', new Set()],
  ]);
  #link: LinkOptions;

  static async open(toPort: number, link: LinkOptions): Promise<ThrottledProxy> {
    const proxy = new ThrottledProxy(toPort, link);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  private constructor(toPort: number, link: LinkOptions) {
    this.#link = link;
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      this.#connected(near, connect({ port: toPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }));
    });
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Sets the rate of the link in this direction from now on. */
  setRate(direction: Direction, bytesPerSecond: number): void {
    this.#link = { ...this.#link, [direction]: { ...this.#link[direction], bytesPerSecond } };
    for (const { lane } of this.#passages.get(direction)!) lane.setRate(performance.now(), bytesPerSecond);
  }

  /** Bytes that wait before the bottleneck, over all connections. */
  waitingBytes(direction: Direction): number {
    return [...this.#passages.get(direction)!].reduce((sum, { lane }) => sum + lane.waitingBytes, 0);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #connected(near: Socket, far: Socket): void {
    const down = new Passage(far, near, this.#link.down);
    const up = new Passage(near, far, this.#link.up);
    this.#passages.get('down')!.add(down);
    this.#passages.get('up')!.add(up);
    const turns = setInterval(() => {
      down.turn();
      up.turn();
    }, TURN_MS);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        // A connection that was cut off ends the other one too.
        if (!socket.readableEnded) other.destroy();
        if (this.#sockets.has(other)) return;
        clearInterval(turns);
        this.#passages.get('down')!.delete(down);
        this.#passages.get('up')!.delete(up);
      });
    }
  }
}
