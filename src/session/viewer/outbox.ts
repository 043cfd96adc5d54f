import type { ByteBudget } from '../../common/byte-budget.ts';
import type { Framing, ViewerTransport } from './transport.ts';

/**
 * Bytes that an object which waits here costs in addition to its contents: the object, its buffer and its place in a
 * list.
 */
const MESSAGE_COST_BYTES = 256;

/**
 * Bytes in the socket above which a message that can wait does so. Large enough for a link that is never idle; smaller
 * than the clipboard texts that would pile up behind each other.
 */
const BACKLOG_BYTES = 64 * 1024;

/** A message of which only the newest is worth sending. */
export type Newest = 'clipboard offer' | 'clipboard text';

export interface OutboxOptions {
  readonly transport: ViewerTransport;
  /** Bytes, in addition to one picture, that may wait for the viewer. */
  mostBytes(): number;
  /** Bytes of the largest picture that one update can hold. */
  mostPictureBytes(): number;
  /** Bytes of clipboards that all connections of the user may have on their way. */
  readonly clipboardBytes: ByteBudget;
  /** More bytes wait than may. Called once. */
  overfull(): void;
}

/**
 * The way to one viewer's socket. An update's rects are sent one by one as the encoder threads finish them, and no
 * other message may stand between them: messages wait until the update ends.
 *
 * Counts the bytes that wait for the viewer, wherever they wait: here, in the socket, and in work whose result will be
 * sent. Their number tells a viewer that does not read from a slow one.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: { readonly bytes: Uint8Array; readonly framing: Framing }[] = [];
  #waitingBytes = 0;
  /** Made when they can be sent. */
  readonly #newest = new Map<Newest, () => Uint8Array | undefined>();
  /** Give back what messages that the socket has not taken yet count of `clipboardBytes`. */
  #counted: (() => void)[] = [];
  readonly #stopListening: () => void;
  #reservedBytes = 0;
  #isInUpdate = false;
  /** Bytes of the pictures sent since the socket had next to nothing left. */
  #pictureBytes = 0;
  /** Most of these that may wait. The desktop may have shrunk since. */
  #mostPictureBytes = 0;
  #sentBytes = 0;
  #isOver = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    options.transport.onDrain(() => this.#drained());
    // Another connection of the user has made room for what waits here.
    this.#stopListening = options.clipboardBytes.onRoom(() => {
      if (this.#newest.size > 0) this.#sendNewest();
    });
  }

  /** Bytes that were sent and that the socket has not taken yet. */
  get bufferedBytes(): number {
    return this.#options.transport.bufferedBytes;
  }

  /** All bytes sent so far. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Sends a message, after the update that is being sent. */
  message(bytes: Uint8Array, framing: Framing = 'joined'): void {
    if (this.#isOver) return;
    if (this.#isInUpdate) {
      this.#waiting.push({ bytes, framing });
      this.#waitingBytes += bytes.length + MESSAGE_COST_BYTES;
    } else {
      this.#send(bytes, framing);
    }
    this.#check();
  }

  /** Sends a whole update that was made in one piece. */
  wholeUpdate(bytes: Uint8Array): void {
    this.#pictureBytes += bytes.length;
    this.#mostPictureBytes = Math.max(this.#mostPictureBytes, this.#options.mostPictureBytes());
    this.message(bytes);
  }

  /**
   * Sends what `make` returns, if anything, once the socket has room. A later message of the kind takes its place. The
   * returned bytes stay as they are.
   */
  newest(kind: Newest, make: () => Uint8Array | undefined): void {
    this.#newest.set(kind, make);
    this.#sendNewest();
  }

  /** Counts bytes of a message that is still being made. The returned function ends that. */
  reserve(bytes: number): () => void {
    this.#reservedBytes += bytes;
    this.#check();
    let isReserved = true;
    return () => {
      if (isReserved) this.#reservedBytes -= bytes;
      isReserved = false;
    };
  }

  /** Sends an update's header. Its rects follow by `updatePart`, until `endUpdate`. */
  beginUpdate(header: Uint8Array): void {
    this.#sendNewest();
    this.#pictureBytes = header.length;
    this.#mostPictureBytes = this.#options.mostPictureBytes();
    this.#isInUpdate = true;
    this.#send(header);
  }

  updatePart(bytes: Uint8Array): void {
    this.#pictureBytes += bytes.length;
    this.#send(bytes);
    this.#check();
  }

  endUpdate(): void {
    this.#isInUpdate = false;
    this.#waitingBytes = 0;
    for (const { bytes, framing } of this.#waiting.splice(0)) this.#send(bytes, framing);
    this.#sendNewest();
  }

  /** Sends nothing more. */
  close(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#newest.clear();
    this.#stopListening();
    this.#giveBack();
  }

  #drained(): void {
    this.#giveBack();
    if (!this.#isInUpdate) {
      this.#pictureBytes = 0;
      this.#mostPictureBytes = 0;
    }
    this.#sendNewest();
  }

  #sendNewest(): void {
    if (this.#isInUpdate || this.#isOver) return;
    for (const [kind, make] of this.#newest) {
      if (this.bufferedBytes > BACKLOG_BYTES) return;
      const message = make();
      if (message && !this.#count(message.length)) continue;
      this.#newest.delete(kind);
      if (message) this.#sendLasting(message);
    }
    this.#check();
  }

  /** False if a large message has to wait until other connections of the user have been sent theirs. */
  #count(bytes: number): boolean {
    if (bytes <= BACKLOG_BYTES) return true;
    const giveBack = this.#options.clipboardBytes.take(bytes);
    if (giveBack) this.#counted.push(giveBack);
    return giveBack !== undefined;
  }

  #giveBack(): void {
    for (const giveBack of this.#counted.splice(0)) giveBack();
  }

  #send(bytes: Uint8Array, framing: Framing = 'joined'): void {
    if (this.#isOver) return;
    this.#sentBytes += bytes.length;
    this.#options.transport.send(bytes, framing);
  }

  #sendLasting(bytes: Uint8Array): void {
    this.#sentBytes += bytes.length;
    this.#options.transport.sendLasting(bytes);
  }

  #check(): void {
    const { mostBytes, overfull } = this.#options;
    const waitingBytes = this.#waitingBytes + this.#reservedBytes + this.bufferedBytes;
    const pictureBytes = Math.min(this.#pictureBytes, this.#mostPictureBytes);
    if (this.#isOver || waitingBytes <= mostBytes() + pictureBytes) return;
    this.#isOver = true;
    overfull();
  }
}
