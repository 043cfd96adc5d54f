import type { Socket } from 'node:net';
import type { Duplex, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { MAX_CLIENT_MESSAGE_BYTES } from '../../protocol/clipboard-messages.ts';
import type { Framing, KernelCounts, ViewerTransport } from '../../session/viewer/transport.ts';
import { IncomingFrames } from './incoming-frames.ts';
import { OutgoingBytes } from './outgoing-bytes.ts';
import { PacketCounter } from './packet-counter.ts';

/**
 * Bytes of one WebSocket message of a viewer that may write. Pages send a large clipboard as one message, with smaller
 * RFB messages before it.
 */
export const MAX_MESSAGE_BYTES = MAX_CLIENT_MESSAGE_BYTES + 1024 * 1024;

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
  readonly #frames = new IncomingFrames(MAX_MESSAGE_BYTES);
  /** Messages, portions of long ones, pings and pongs that ended in what is being read. */
  #messagesRead = 0;
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
    readFrames(socket, this.#frames);
    socket.on('ping', (data) => {
      this.#messagesRead++;
      this.#pong(data);
    });
    for (const event of ['pong', 'message']) socket.on(event, () => this.#messagesRead++);
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

  kernelCounts(): KernelCounts | undefined {
    return this.#packets.read();
  }

  send(bytes: Uint8Array, framing: Framing = 'joined'): void {
    if (this.#closing || bytes.byteLength === 0) return;
    this.#outgoing.send(bytes, framing);
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

  limitMessages(mostBytes: number): void {
    this.#frames.mostBytes = Math.min(mostBytes, MAX_MESSAGE_BYTES);
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
    this.#checkPart();
    if (this.#closing) this.#cutOffFlood();
    // When the peer has begun to close, its end has to be read: no listener may pause that.
    else if (this.#socket.readyState === this.#socket.OPEN)
      for (const listener of this.#readListeners) listener(bytes, messages);
  }

  #checkPart(): void {
    if (this.#frames.partBytes > this.#frames.mostBytes)
      this.end(MESSAGE_TOO_BIG, 'This message is too long');
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

/**
 * Has `frames` rewrite what the WebSocket reads. Its reader is private to ws, whose version is fixed: without one, long
 * messages are read as a whole.
 */
function readFrames(socket: WebSocket, frames: IncomingFrames): void {
  const { _receiver: receiver } = socket as unknown as { readonly _receiver?: Writable };
  if (receiver === undefined) return;
  const write = receiver.write.bind(receiver) as (bytes: Buffer) => boolean;
  receiver.write = (chunk: Buffer): boolean => {
    let hasRoom = true;
    for (const bytes of frames.take(chunk)) {
      // A part before this one may have ended the connection.
      if (!receiver.writable) return false;
      hasRoom = write(bytes) && hasRoom;
    }
    return hasRoom;
  };
}

/** The beginning of `text` that fits into a close frame, cut between characters. */
function shortened(text: string): string {
  let short = text;
  while (Buffer.byteLength(short) > MAX_REASON_BYTES) short = [...short].slice(0, -1).join('');
  return short;
}
