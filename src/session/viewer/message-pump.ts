import { ByteQueue } from '../../protocol/byte-queue.ts';
import { type ClientMessage, ClientMessageReader } from '../../protocol/client-messages.ts';
import { RfbError } from '../../protocol/errors.ts';
import type { ServerHandshake } from '../../protocol/handshake.ts';

export interface MessagePumpOptions {
  readonly handshake: ServerHandshake;
  /** An answer in the handshake. */
  send(message: Uint8Array): void;
  /** Hands are shaken; messages follow. */
  shaken(): void;
  /** The next message. Where that takes a while, what the viewer says after it waits until the promise has settled. */
  handle(message: ClientMessage): Promise<void> | undefined;
  /** What the viewer says makes no sense; nothing more of it is read. */
  refused(error: RfbError): void;
}

/** Makes a viewer's bytes messages, and has them handled one after the other, in the order they came. */
export class MessagePump {
  readonly #options: MessagePumpOptions;
  /** Bytes that wait have their limit here. */
  readonly #queue = new ByteQueue();
  #reader: ClientMessageReader | undefined;
  #isWaiting = false;
  #closed = false;

  constructor(options: MessagePumpOptions) {
    this.#options = options;
  }

  get hasShakenHands(): boolean {
    return this.#reader !== undefined;
  }

  /** Takes bytes as they come in, in any portions; the caller keeps its buffer. */
  push(bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      this.#queue.push(bytes);
      if (!this.#reader) this.#shakeHands();
      if (!this.#isWaiting) this.#handleAll();
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Handles nothing more. */
  close(): void {
    this.#closed = true;
  }

  #shakeHands(): void {
    const { handshake, send, shaken } = this.#options;
    const answer = handshake.advance(this.#queue);
    for (const message of answer.send) send(message);
    if (!answer.done) return;
    this.#reader = new ClientMessageReader(this.#queue);
    shaken();
  }

  #handleAll(): void {
    while (!this.#closed) {
      const message = this.#reader?.next();
      if (!message) return;
      const handled = this.#options.handle(message);
      if (handled) return void this.#goOnAfter(handled);
    }
  }

  async #goOnAfter(handled: Promise<void>): Promise<void> {
    this.#isWaiting = true;
    try {
      await handled;
      this.#isWaiting = false;
      this.#handleAll();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof RfbError)) throw error;
    if (this.#closed) return;
    this.#closed = true;
    this.#options.refused(error);
  }
}
