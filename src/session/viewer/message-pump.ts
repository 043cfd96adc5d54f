import { ByteQueue } from '../../protocol/byte-queue.ts';
import { type ClientMessage, ClientMessageReader } from '../../protocol/client-messages.ts';
import { RfbError } from '../../protocol/errors.ts';
import type { ServerHandshake } from '../../protocol/handshake.ts';
import type { WorkTurns } from './work-turns.ts';

export interface MessagePumpOptions {
  readonly handshake: ServerHandshake;
  /** Decides when messages are handled. */
  readonly turns: WorkTurns;
  /** Sends an answer in the handshake. */
  send(message: Uint8Array): void;
  /** The handshake is complete. Messages follow. */
  shaken(): void;
  /** Handles the next message. Messages behind it wait until the returned promise has settled. */
  handle(message: ClientMessage): Promise<void> | undefined;
  /** Whether the viewer may write. The contents of clipboards from a viewer that may not are dropped unread. */
  mayWrite(): boolean;
  /** The viewer broke the protocol. None of its bytes are read any more. */
  refused(error: RfbError): void;
  /** Stops reading from the socket while bytes wait here, or continues. */
  pauseReading(isPaused: boolean): void;
}

/**
 * Turns a viewer's bytes into messages and has them handled one after the other, in order. Handling stops when the
 * time of this turn of the event loop is used up, and continues in a later turn; meanwhile nothing more is read from
 * the socket, so that the viewer's bytes wait in its own socket and not in the server's memory.
 */
export class MessagePump {
  readonly #options: MessagePumpOptions;
  /** Has a limit of its own, which one large WebSocket message can reach while the socket is paused. */
  readonly #queue = new ByteQueue();
  #reader: ClientMessageReader | undefined;
  /** A message is being handled. */
  #isWaiting = false;
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

  /** Handles nothing more. */
  close(): void {
    this.#closed = true;
    this.#options.turns.cancel(this);
    this.#pauseReading(false);
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
    if (!hasMore && !this.#isWaiting) this.#pauseReading(false);
    return hasMore;
  }

  #goOn(): void {
    const isLeft = this.#options.turns.request(this);
    this.#pauseReading(isLeft || this.#isWaiting);
  }

  #shakeHands(): boolean {
    const { handshake, send, shaken, mayWrite } = this.#options;
    const answer = handshake.advance(this.#queue);
    for (const message of answer.send) send(message);
    if (!answer.done) return false;
    this.#reader = new ClientMessageReader(this.#queue, mayWrite);
    shaken();
    return true;
  }

  #handleNext(reader: ClientMessageReader): boolean {
    const message = reader.next();
    if (!message) return false;
    const handled = this.#options.handle(message);
    if (!handled) return !this.#closed;
    this.#isWaiting = true;
    void this.#goOnAfter(handled);
    return false;
  }

  async #goOnAfter(handled: Promise<void>): Promise<void> {
    try {
      await handled;
    } catch (error) {
      this.#refuse(error);
      return;
    } finally {
      this.#isWaiting = false;
    }
    if (!this.#closed) this.#goOn();
  }

  #pauseReading(isPaused: boolean): void {
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
