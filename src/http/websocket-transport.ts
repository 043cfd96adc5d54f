import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ViewerTransport } from '../session/session.ts';

/** What was sent in one tick goes out as one message up to this size: copying so little costs less than a frame each. */
const COPY_LIMIT_BYTES = 16 * 1024;
/** Longer output is cut into messages of about this size, so that a page draws the first rects while the rest travels. */
const MESSAGE_BYTES = 64 * 1024;
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
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
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
    if (this.#pieces.length === 0) process.nextTick(() => this.#flush());
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.byteLength;
    this.#bufferedBytes += bytes.byteLength;
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
    this.#flush();
    this.#closing = true;
    this.#socket.close(code, shortened(reason));
  }

  /** Cuts the connection off. */
  terminate(): void {
    this.#closing = true;
    this.#socket.terminate();
  }

  /** Writes the pieces of this tick in one go: the stream below sees them all at once, and makes full TLS records. */
  #flush(): void {
    const pieces = this.#pieces;
    const totalBytes = this.#pieceBytes;
    if (totalBytes === 0) return;
    this.#pieces = [];
    this.#pieceBytes = 0;
    const done = (): void => this.#written(totalBytes);
    if (pieces.length === 1 || totalBytes <= COPY_LIMIT_BYTES) {
      const [first] = pieces;
      this.#socket.send(pieces.length === 1 ? first! : Buffer.concat(pieces), { binary: true }, done);
      return;
    }
    this.#carrier.cork();
    let messageBytes = 0;
    for (const [index, piece] of pieces.entries()) {
      messageBytes += piece.byteLength;
      const last = index === pieces.length - 1;
      const fin = last || messageBytes >= MESSAGE_BYTES;
      this.#socket.send(piece, { binary: true, fin }, last ? done : undefined);
      if (fin) messageBytes = 0;
    }
    this.#carrier.uncork();
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
