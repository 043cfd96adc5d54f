import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { PacketCounts } from '../../session/link/packet-loss.ts';
import type { Framing, ViewerTransport } from '../../session/viewer/transport.ts';
import { OutgoingBytes } from './outgoing-bytes.ts';
import { PacketCounter } from './packet-counter.ts';

/** Time between two pings, in milliseconds. A smaller value finds lost peers sooner, and wakes idle ones more often. */
const HEARTBEAT_MS = 10_000;
/** Heartbeats without a byte from the peer after which it counts as lost: 30 s, longer than most networks stall. */
const HEARTBEATS_MISSED = 3;
/** Bytes of a close frame's reason at most (RFC 6455, 5.5). */
const MAX_REASON_BYTES = 123;

/**
 * Bytes that may still arrive after the close frame was sent. The peer's own close frame stands behind what it sent
 * before; a peer that sends more is cut off.
 */
const MAX_BYTES_AFTER_CLOSE = 256 * 1024;

const NORMAL_CLOSURE = 1000;
const UNSUPPORTED_DATA = 1003;
const MESSAGE_TOO_BIG = 1009;

/** Bytes of a control frame from a peer around its data: two, and the mask (RFC 6455, 5.2). */
const CONTROL_FRAME_BYTES = 6;

/** RFB's byte stream in binary WebSocket messages. */
export class WebSocketTransport implements ViewerTransport {
  readonly #socket: WebSocket;
  readonly #carrier: Duplex & Partial<Pick<Socket, 'bytesRead'>>;
  readonly #packets: PacketCounter;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #outgoing: OutgoingBytes;
  #closing = false;
  #silentBeats = 0;
  #bytesReadBefore = 0;
  /** A message ended in what is being read. */
  #hasMessageEnded = false;
  /** Messages, pings and pongs that ended in what is being read. */
  #messagesRead = 0;
  /** Bytes read since a message ended, without control frames: those of a message that is not whole yet. */
  #partBytes = 0;
  #mostPartBytes = Number.POSITIVE_INFINITY;
  /** What the carrier had read when the close frame was sent. */
  #bytesReadAtEnd = 0;
  /** A pong has been passed to the socket, which has not written it yet. */
  #isPonging = false;
  #readListeners: ((bytes: number, messages: number) => void)[] = [];

  /**
   * `carrier` is the stream below `socket`, such as its TLS socket. Frames are written to it, because `WebSocket.send`
   * writes each header by itself. No frame can be cut in two by this: each is one write. `onQueued` is told of all bytes
   * that are sent.
   */
  constructor(
    socket: WebSocket,
    carrier: Duplex,
    onQueued: (bytes: number) => void = () => undefined,
    heartbeatMs: number = HEARTBEAT_MS,
  ) {
    this.#socket = socket;
    this.#carrier = carrier;
    this.#packets = new PacketCounter(carrier);
    this.#outgoing = new OutgoingBytes(({ frame }, done) => {
      // Nothing may follow a close frame.
      if (socket.readyState === socket.OPEN) carrier.write(frame, done);
      else process.nextTick(done);
    }, onQueued);
    this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs).unref();
    socket.on('ping', (data) => {
      this.#controlRead(data);
      this.#pong(data);
    });
    socket.on('pong', (data) => this.#controlRead(data));
    socket.on('message', () => {
      this.#messagesRead++;
      this.#hasMessageEnded = true;
    });
    // `socket` listens to the carrier since before, and so has handled a chunk when it is counted.
    carrier.on('data', (chunk: Buffer) => this.#countRead(chunk.length));
    socket.once('close', () => {
      this.#beginClosing();
      clearInterval(this.#heartbeat);
    });
  }

  get bufferedBytes(): number {
    return this.#outgoing.waitingBytes;
  }

  packetCounts(): PacketCounts | undefined {
    return this.#packets.read();
  }

  send(bytes: Uint8Array, framing: Framing = 'joined'): void {
    if (this.#closing || bytes.byteLength === 0) return;
    this.#outgoing.send(bytes, framing === 'alone');
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  limitMessages(mostBytes: number): void {
    this.#mostPartBytes = mostBytes;
    this.#checkPart();
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#socket.on('message', (data, isBinary) => {
      if (this.#closing) return;
      if (isBinary) listener(data as Buffer);
      else this.end(UNSUPPORTED_DATA, 'RFB is binary');
    });
  }

  onRead(listener: (bytes: number, messages: number) => void): void {
    this.#readListeners.push(listener);
  }

  onDrain(listener: () => void): void {
    this.#outgoing.onDrain(listener);
  }

  onClose(listener: () => void): void {
    if (this.#socket.readyState === this.#socket.CLOSED) process.nextTick(listener);
    else this.#socket.once('close', () => listener());
  }

  close(reason: string): void {
    this.end(NORMAL_CLOSURE, reason);
  }

  /** Sends what was passed to `send`, then closes with this code (RFC 6455, 7.4). */
  end(code: number, reason: string): void {
    if (this.#closing) return;
    // The peer's close frame has to be read.
    this.#socket.resume();
    this.#outgoing.flushAll();
    this.#beginClosing();
    this.#bytesReadAtEnd = this.#bytesRead;
    this.#socket.close(code, shortened(reason));
  }

  /** Cuts the connection off. */
  terminate(): void {
    this.#beginClosing();
    this.#socket.terminate();
  }

  #beginClosing(): void {
    this.#closing = true;
    this.#outgoing.end();
  }

  /** Counts a chunk whose messages have been handled. */
  #countRead(bytes: number): void {
    const messages = this.#messagesRead;
    this.#messagesRead = 0;
    this.#partBytes = this.#hasMessageEnded ? 0 : this.#partBytes + bytes;
    this.#hasMessageEnded = false;
    this.#checkPart();
    if (this.#closing) this.#cutOffFlood();
    // When the peer has begun to close, its end has to be read: no listener may pause that.
    else if (this.#socket.readyState === this.#socket.OPEN)
      for (const listener of this.#readListeners) listener(bytes, messages);
  }

  #controlRead(data: Buffer): void {
    this.#messagesRead++;
    this.#partBytes -= CONTROL_FRAME_BYTES + data.length;
  }

  #checkPart(): void {
    if (this.#partBytes > this.#mostPartBytes) this.end(MESSAGE_TOO_BIG, 'This message is too long');
  }

  get #bytesRead(): number {
    return this.#carrier.bytesRead ?? 0;
  }

  #cutOffFlood(): void {
    if (this.#bytesRead - this.#bytesReadAtEnd > MAX_BYTES_AFTER_CLOSE) this.terminate();
  }

  /** Answers a ping, except while an earlier answer waits: a peer that does not read must not make pongs pile up. */
  #pong(data: Buffer): void {
    if (this.#isPonging || this.#closing) return;
    this.#isPonging = true;
    this.#socket.pong(data, undefined, () => {
      this.#isPonging = false;
    });
  }

  /**
   * Cuts off a peer from which no byte has come for a while. The ping makes a living peer send some. While reading is
   * paused, its bytes can not be seen.
   */
  #beat(): void {
    const bytesRead = this.#bytesRead;
    if (bytesRead !== this.#bytesReadBefore) this.#silentBeats = 0;
    else if (!this.#socket.isPaused) this.#silentBeats++;
    this.#bytesReadBefore = bytesRead;
    if (this.#silentBeats >= HEARTBEATS_MISSED) this.terminate();
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }
}

/** The beginning of `text` that fits into a close frame, cut between characters. */
function shortened(text: string): string {
  let short = text;
  while (Buffer.byteLength(short) > MAX_REASON_BYTES) short = [...short].slice(0, -1).join('');
  return short;
}
