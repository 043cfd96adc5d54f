import type { ViewerTransport } from './session.ts';

/**
 * The way to one viewer's socket. An update's rects come one by one as the encoder threads finish them, and no
 * other message may stand between them: what is said meanwhile waits for the update's end.
 */
export class Outbox {
  readonly #transport: ViewerTransport;
  #waiting: Uint8Array[] = [];
  #inUpdate = false;
  #sentBytes = 0;

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

  /** A whole message of its own. */
  message(bytes: Uint8Array): void {
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
