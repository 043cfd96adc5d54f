import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ViewerTransport } from '../../session/viewer/transport.ts';
import { type OutgoingMessage, OutgoingMessages } from './outgoing-messages.ts';

/** How often a silent peer is asked for a sign of life… */
const HEARTBEAT_MS = 10_000;
/** …and how many times in vain before it counts as gone: 30 s. */
const HEARTBEATS_MISSED = 3;
/** Most bytes of a close frame's reason (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;

const NORMAL_CLOSURE = 1000;
const UNSUPPORTED_DATA = 1003;

/** RFB's byte stream in binary WebSocket messages. Message boundaries mean nothing, so they are set where it is cheap. */
export class WebSocketTransport implements ViewerTransport {
  readonly #socket: WebSocket;
  readonly #carrier: Duplex & Partial<Pick<Socket, 'bytesRead'>>;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #outgoing = new OutgoingMessages();
  /** What was sent is written in a moment, or a message is under way and the next one follows. */
  #isFlushing = false;
  #bufferedBytes = 0;
  #closing = false;
  #silentBeats = 0;
  #bytesReadBefore = 0;
  #drainListeners: (() => void)[] = [];

  /** `carrier` is the stream below `socket`, such as its TLS socket. */
  constructor(socket: WebSocket, carrier: Duplex, heartbeatMs: number = HEARTBEAT_MS) {
    this.#socket = socket;
    this.#carrier = carrier;
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    socket.once('close', () => {
      this.#closing = true;
      clearInterval(this.#heartbeat);
    });
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  send(bytes: Uint8Array): void {
    if (this.#closing || bytes.byteLength === 0) return;
    this.#outgoing.add(bytes);
    this.#bufferedBytes += bytes.byteLength;
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => this.#flush());
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#socket.on('message', (data, isBinary) => {
      if (isBinary) listener(data as Buffer);
      else this.#socket.close(UNSUPPORTED_DATA, 'RFB is binary');
    });
  }

  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  onClose(listener: () => void): void {
    if (this.#socket.readyState === this.#socket.CLOSED) process.nextTick(listener);
    else this.#socket.once('close', () => listener());
  }

  close(reason: string): void {
    this.end(NORMAL_CLOSURE, reason);
  }

  /** Sends what is still here, then closes with this code (RFC 6455, 7.4). */
  end(code: number, reason: string): void {
    if (this.#closing) return;
    this.#flushAll();
    this.#closing = true;
    this.#socket.close(code, shortened(reason));
  }

  /** Cuts the connection off. */
  terminate(): void {
    this.#closing = true;
    this.#socket.terminate();
  }

  /**
   * Writes what was sent, one message at a time: what comes meanwhile goes with the next, and is copied by nobody. Not by the
   * socket's `send`, which writes each header by itself; no part of another message can come between, for this is all that
   * sends any.
   */
  #flush(): void {
    const message = this.#outgoing.next();
    this.#isFlushing = message !== undefined;
    if (message) this.#write(message, () => this.#flush());
  }

  #flushAll(): void {
    for (let message = this.#outgoing.next(); message; message = this.#outgoing.next()) this.#write(message);
  }

  #write(message: OutgoingMessage, then?: () => void): void {
    const done = (): void => {
      this.#outgoing.recycle(message);
      then?.();
      this.#written(message.payloadBytes);
    };
    // Behind a close frame there is none.
    if (this.#socket.readyState === this.#socket.OPEN) this.#carrier.write(message.frame, done);
    else process.nextTick(done);
  }

  #written(bytes: number): void {
    this.#bufferedBytes -= bytes;
    if (this.#bufferedBytes > 0 || this.#closing) return;
    for (const listener of this.#drainListeners) listener();
  }

  /** Any byte from the peer is a sign of life; the ping makes a healthy one send some. */
  #beat(): void {
    const bytesRead = this.#carrier.bytesRead ?? 0;
    this.#silentBeats = bytesRead === this.#bytesReadBefore ? this.#silentBeats + 1 : 0;
    this.#bytesReadBefore = bytesRead;
    if (this.#silentBeats >= HEARTBEATS_MISSED) this.terminate();
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }
}

/** As much of `text` as fits, cut between characters. */
function shortened(text: string): string {
  let short = text;
  while (Buffer.byteLength(short) > MAX_REASON_BYTES) short = [...short].slice(0, -1).join('');
  return short;
}
