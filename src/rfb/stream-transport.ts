import type { Socket } from 'node:net';
import { OutgoingBytes } from '../http/websocket/outgoing-bytes.ts';
import { PacketCounter } from '../http/websocket/packet-counter.ts';
import type { KernelCounts, ViewerTransport } from '../session/viewer/transport.ts';

/** Time between two looks at a connection, in milliseconds. A smaller value finds lost peers sooner. */
const HEARTBEAT_MS = 10_000;
/** Looks at a peer that neither reads nor sends, after which it counts as lost: 30 s, as with a WebSocket. */
const HEARTBEATS_MISSED = 3;
/** Time for the last bytes when a connection is closed, in milliseconds. Then it is cut off. */
const CLOSE_TIMEOUT_MS = 1000;

/** RFB's byte stream over a TCP or Unix socket, with or without TLS. */
export class StreamTransport implements ViewerTransport {
  /** The socket that has the bytes of RFB: the TLS socket, if there is one. */
  readonly #socket: Socket;
  readonly #carrier: Socket;
  readonly #packets: PacketCounter;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #outgoing: OutgoingBytes;
  #closing = false;
  #stalledBeats = 0;
  #movedBefore = 0;

  /**
   * `socket` has no listeners for data yet. `carrier` is the socket below TLS, or the same one. `onQueued` is told of all
   * bytes that are sent.
   */
  constructor(
    socket: Socket,
    carrier: Socket,
    onQueued: (bytes: number) => void = () => undefined,
    heartbeatMs: number = HEARTBEAT_MS,
  ) {
    this.#socket = socket;
    this.#carrier = carrier;
    this.#packets = new PacketCounter(carrier);
    this.#outgoing = new OutgoingBytes(({ frame, payloadBytes }, done) => {
      if (socket.writable) socket.write(frame.subarray(frame.length - payloadBytes), done);
      else process.nextTick(done);
    }, onQueued);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    socket.once('close', () => {
      this.#beginClosing();
      clearInterval(this.#heartbeat);
    });
  }

  get bufferedBytes(): number {
    return this.#outgoing.waitingBytes;
  }

  kernelCounts(): KernelCounts | undefined {
    return this.#packets.read();
  }

  send(bytes: Uint8Array): void {
    if (this.#closing || bytes.byteLength === 0) return;
    this.#outgoing.send(bytes);
  }

  sendLasting(bytes: Uint8Array): void {
    if (!this.#closing) this.#outgoing.send(bytes, 'lasting');
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /** A stream has no messages, so that nothing is kept here. What the RFB reader keeps has its own limits. */
  limitMessages(): void {}

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#socket.on('data', (bytes: Buffer) => {
      if (!this.#closing) listener(bytes);
    });
  }

  /** Each read counts as one message. */
  onRead(listener: (bytes: number, messages: number) => void): void {
    this.#socket.on('data', (bytes: Buffer) => {
      if (!this.#closing) listener(bytes.length, 1);
    });
  }

  onDrain(listener: () => void): void {
    this.#outgoing.onDrain(listener);
  }

  onClose(listener: () => void): void {
    if (this.#socket.closed) process.nextTick(listener);
    else this.#socket.once('close', () => listener());
  }

  /** RFB has no place for a reason. */
  close(): void {
    if (this.#closing) return;
    this.#outgoing.flushAll();
    this.#beginClosing();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSE_TIMEOUT_MS).unref();
    this.#socket.once('close', () => clearTimeout(timer));
    // The end of a peer that goes on sending is noticed only if its bytes are read.
    this.#socket.resume();
    this.#socket.end();
  }

  /** Cuts the connection off. */
  terminate(): void {
    this.#beginClosing();
    this.#socket.destroy();
  }

  #beginClosing(): void {
    this.#closing = true;
    this.#outgoing.end();
  }

  /** Cuts off a peer for which bytes have waited for a while. TCP's keepalive finds lost peers that are sent nothing. */
  #beat(): void {
    const movedBytes = this.#outgoing.writtenBytes + this.#carrier.bytesRead;
    const isStalled = this.bufferedBytes > 0 && movedBytes === this.#movedBefore;
    this.#stalledBeats = isStalled ? this.#stalledBeats + 1 : 0;
    this.#movedBefore = movedBytes;
    if (this.#stalledBeats >= HEARTBEATS_MISSED) this.terminate();
  }
}
