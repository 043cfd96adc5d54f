import type { ViewerTransport } from './transport.ts';

/**
 * Besides pictures, this much may wait for a viewer that takes nothing: the longest clipboard and a good deal more.
 * One that asks and asks and never reads the answers would fill the memory.
 */
const MOST_UNREAD_BYTES = 32 << 20;
/** What a message takes beside its bytes until the socket has it: a buffer, and places in queues. */
const MESSAGE_COST_BYTES = 256;

/**
 * The way to one viewer's socket. An update's rects come one by one as the encoder threads finish them, and no
 * other message may stand between them: what is said meanwhile waits for the update's end.
 */
export class Outbox {
  readonly #transport: ViewerTransport;
  #waiting: Uint8Array[] = [];
  #inUpdate = false;
  #sentBytes = 0;
  #unreadBytes = 0;

  constructor(transport: ViewerTransport) {
    this.#transport = transport;
  }

  /** Bytes handed over that the socket has not taken yet. */
  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** All bytes handed over so far. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Whether more waits for the viewer than any that reads would let wait. */
  get isOverfull(): boolean {
    return this.#unreadBytes > MOST_UNREAD_BYTES;
  }

  /** A whole message of its own. */
  message(bytes: Uint8Array): void {
    if (this.bufferedBytes === 0) this.#unreadBytes = 0;
    this.#unreadBytes += bytes.length + MESSAGE_COST_BYTES;
    if (this.#inUpdate) this.#waiting.push(bytes);
    else this.#send(bytes);
  }

  /** An update's header; rects follow by `updatePart` till `endUpdate`. */
  beginUpdate(header: Uint8Array): void {
    this.#inUpdate = true;
    this.#send(header);
  }

  updatePart(bytes: Uint8Array): void {
    this.#send(bytes);
  }

  endUpdate(): void {
    this.#inUpdate = false;
    for (const bytes of this.#waiting.splice(0)) this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    this.#sentBytes += bytes.length;
    this.#transport.send(bytes);
  }
}
