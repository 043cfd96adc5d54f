import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import type { RunningDeskwire } from '../support/start-deskwire.ts';
import { connectWebSocket } from '../support/transport-websocket.ts';

/** A TCP port for viewers without WebSocket: each TCP connection becomes a WebSocket connection of the owner. */
export class TcpBridge {
  readonly #desk: RunningDeskwire;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(desk: RunningDeskwire) {
    this.#desk = desk;
    this.#server = createServer((socket) => void this.#join(socket).catch(() => socket.destroy()));
  }

  static async start(desk: RunningDeskwire): Promise<TcpBridge> {
    const bridge = new TcpBridge(desk);
    bridge.#server.listen(0, '127.0.0.1');
    await once(bridge.#server, 'listening');
    return bridge;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #join(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.setNoDelay(true).on('error', () => {});
    socket.pause();
    const wire = await connectWebSocket({ ...this.#desk, user: this.#desk.owner });
    wire.onData((bytes) => void socket.write(bytes));
    wire.onClose(() => socket.end());
    socket.on('data', (bytes) => wire.send(bytes));
    socket.on('close', () => {
      this.#sockets.delete(socket);
      wire.close();
    });
    socket.resume();
  }
}
