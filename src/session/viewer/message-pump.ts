import { ByteQueue } from '../../protocol/byte-queue.ts';
import { type ClientMessage, ClientMessageReader } from '../../protocol/client-messages.ts';
import { RfbError } from '../../protocol/errors.ts';
import type { ServerHandshake } from '../../protocol/handshake.ts';
import type { MessageTurns } from './message-turns.ts';
import { READER_LIMIT, type ReadLimit, ReadRate, WRITER_LIMIT } from './read-rate.ts';

/**
 * Time in which a viewer has to complete the RFB handshake, in milliseconds. A smaller value ends viewers on very slow
 * links; a larger one keeps the connections of peers that never speak RFB for longer.
 */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

export interface MessagePumpOptions {
  readonly handshake: ServerHandshake;
  /** Decides when messages are handled. */
  readonly turns: MessageTurns;
  /** Milliseconds on any clock that only moves on. */
  now(): number;
  /** Sends an answer in the handshake. */
  send(message: Uint8Array): void;
  /** The handshake is complete. Messages follow. */
  shaken(): void;
  /** Whether a clipboard of so many bytes may wait here until it is whole. One in portions waits beside another one. */
  mayKeep(bytes: number, isInPortions: boolean): boolean;
  /** Handles the next message. Messages behind it wait until the returned promise has settled. */
  handle(message: ClientMessage): Promise<void> | undefined;
  /** The last message has been handled. `keepsPortions`: a part of a clipboard in portions waits for the rest. */
  handled(keepsPortions: boolean): void;
  /** Whether the viewer may write. The contents of clipboards from a viewer that may not are dropped unread. */
  mayWrite(): boolean;
  /** The viewer broke the protocol. None of its bytes are read any more. */
  refused(error: RfbError): void;
  /** Stops reading from the socket while bytes wait here, or continues. */
  pauseReading(isPaused: boolean): void;
}

/**
 * Turns a viewer's bytes into messages and has them handled one after the other, in order. Handling stops when the
 * time of this turn of the event loop is used up, and continues in a later turn. Meanwhile, and after a viewer has sent
 * more than its rate allows, nothing is read from the socket, so that bytes wait with the viewer and not in the server.
 */
export class MessagePump {
  readonly #options: MessagePumpOptions;
  /** Has a limit of its own, which one large WebSocket message can reach while the socket is paused. */
  readonly #queue = new ByteQueue();
  #reader: ClientMessageReader | undefined;
  /** A message is being handled. */
  #isWaiting = false;
  /** Messages wait for a later turn. */
  #isLeft = false;
  readonly #rate = new ReadRate();
  /** Runs until more may be read. */
  #rateTimer: NodeJS.Timeout | undefined;
  /** Nothing is read from the socket. */
  #isPaused = false;
  #closed = false;

  constructor(options: MessagePumpOptions) {
    this.#options = options;
  }

  get hasShakenHands(): boolean {
    return this.#reader !== undefined;
  }

  /** Takes bytes as they arrive, in any portions. The caller keeps its buffer. */
  push(bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      this.#queue.push(bytes);
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (!this.#isWaiting) this.#goOn();
  }

  /** Counts what was read from the socket, and pauses reading if that is more than the viewer's rate allows. */
  read(bytes: number, messages: number): void {
    if (this.#closed) return;
    this.#rate.read(bytes, messages, this.#options.now(), this.#limit);
    if (!this.#rateTimer) this.#pauseForRate();
  }

  /**
   * The viewer's rights are others, and with them its rate: a pause that has begun may end sooner. What has arrived of
   * a clipboard that the viewer may no longer send is dropped now, not when the viewer sends more of it.
   */
  rightsChanged(): void {
    if (this.#closed) return;
    clearTimeout(this.#rateTimer);
    this.#pauseForRate();
    if (!this.#isWaiting) this.#goOn();
  }

  /** Handles nothing more. */
  close(): void {
    this.#closed = true;
    this.#options.turns.cancel(this);
    clearTimeout(this.#rateTimer);
    this.#setPaused(false);
  }

  /** Handles one message. Called by the turns. */
  step(): boolean {
    if (this.#closed) return false;
    let hasMore = false;
    try {
      hasMore = this.#reader ? this.#handleNext(this.#reader) : this.#shakeHands();
    } catch (error) {
      this.#refuse(error);
    }
    if (!hasMore) {
      this.#isLeft = false;
      this.#pauseOrRead();
    }
    return hasMore;
  }

  #goOn(): void {
    this.#isLeft = this.#options.turns.request(this);
    this.#pauseOrRead();
  }

  #shakeHands(): boolean {
    const { handshake, send, shaken, mayWrite, mayKeep } = this.#options;
    const answer = handshake.advance(this.#queue);
    for (const message of answer.send) send(message);
    if (!answer.done) return false;
    this.#reader = new ClientMessageReader(this.#queue, mayWrite, mayKeep);
    shaken();
    return true;
  }

  #handleNext(reader: ClientMessageReader): boolean {
    const message = reader.next();
    if (!message) return false;
    const handled = this.#options.handle(message);
    if (!handled) {
      this.#options.handled(reader.keepsPortions);
      return !this.#closed;
    }
    this.#isWaiting = true;
    void this.#goOnAfter(handled, reader);
    return false;
  }

  async #goOnAfter(handled: Promise<void>, reader: ClientMessageReader): Promise<void> {
    try {
      await handled;
    } catch (error) {
      this.#refuse(error);
      return;
    } finally {
      this.#isWaiting = false;
      this.#options.handled(reader.keepsPortions);
    }
    if (!this.#closed) this.#goOn();
  }

  #pauseForRate(): void {
    const pauseMs = this.#rate.pauseMs(this.#options.now(), this.#limit);
    this.#rateTimer = pauseMs > 0 ? setTimeout(() => this.#pauseForRate(), pauseMs) : undefined;
    this.#pauseOrRead();
  }

  get #limit(): ReadLimit {
    return this.#options.mayWrite() ? WRITER_LIMIT : READER_LIMIT;
  }

  #pauseOrRead(): void {
    if (!this.#closed) this.#setPaused(this.#isLeft || this.#isWaiting || this.#rateTimer !== undefined);
  }

  #setPaused(isPaused: boolean): void {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    this.#options.pauseReading(isPaused);
  }

  #refuse(error: unknown): void {
    if (!(error instanceof RfbError)) throw error;
    if (this.#closed) return;
    this.close();
    this.#options.refused(error);
  }
}
