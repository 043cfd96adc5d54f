import { type OutgoingMessage, OutgoingMessages } from './outgoing-messages.ts';

/** Writes a message to the socket, and calls `done` when it has been written or never will be. */
type Write = (message: OutgoingMessage, done: () => void) => void;

/**
 * Bytes that are written to one viewer before everything else has its turn: 0.3 ms of TLS. A socket may take megabytes
 * at once. A larger value holds up frames for other viewers; a smaller one costs more turns.
 */
const TURN_BYTES = 256 * 1024;

/** How bytes are put into messages. `lasting` ones stay as they are, and are copied when their message is written. */
export type SendHow = 'joined' | 'alone' | 'lasting';

/**
 * Bytes on their way to one viewer. Writes one message at a time: bytes that are sent meanwhile go into the next one and
 * are copied only once.
 */
export class OutgoingBytes {
  readonly #write: Write;
  readonly #onQueued: (bytes: number) => void;
  readonly #messages = new OutgoingMessages();
  readonly #drainListeners: (() => void)[] = [];
  /** A flush is scheduled, or a write is in progress. */
  #isFlushing = false;
  /** Bytes written since everything else had its turn. */
  #turnBytes = 0;
  #waitingBytes = 0;
  #writtenBytes = 0;
  #isEnding = false;

  /** `onQueued` is told of all bytes that are sent. */
  constructor(write: Write, onQueued: (bytes: number) => void) {
    this.#write = write;
    this.#onQueued = onQueued;
  }

  /** Bytes that have been sent and not been written. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Sends bytes; `alone` in messages that hold nothing else. */
  send(bytes: Uint8Array, how: SendHow = 'joined'): void {
    if (how === 'alone') this.#messages.addAlone(bytes);
    else if (how === 'lasting') this.#messages.addLasting(bytes);
    else this.#messages.add(bytes);
    this.#waitingBytes += bytes.byteLength;
    this.#onQueued(bytes.byteLength);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    process.nextTick(() => this.#beginTurn());
  }

  /** Writes all that was sent, at once. */
  flushAll(): void {
    for (let message = this.#messages.next(); message; message = this.#messages.next())
      this.#writeMessage(message);
  }

  /** Calls the listener when nothing waits any more, until `end`. */
  onDrain(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  /** The connection ends. */
  end(): void {
    this.#isEnding = true;
  }

  #beginTurn(): void {
    this.#turnBytes = 0;
    this.#flush();
  }

  #flush(): void {
    if (this.#turnBytes >= TURN_BYTES) {
      setImmediate(() => this.#beginTurn());
      return;
    }
    const message = this.#messages.next();
    this.#isFlushing = message !== undefined;
    if (!message) return;
    this.#turnBytes += message.payloadBytes;
    this.#writeMessage(message, () => this.#flush());
  }

  #writeMessage(message: OutgoingMessage, then?: () => void): void {
    this.#write(message, () => {
      this.#messages.recycle(message);
      then?.();
      this.#written(message.payloadBytes);
    });
  }

  #written(bytes: number): void {
    this.#writtenBytes += bytes;
    this.#waitingBytes -= bytes;
    if (this.#waitingBytes > 0 || this.#isEnding) return;
    for (const listener of this.#drainListeners) listener();
  }
}
