import type { ByteBudget } from '../../common/byte-budget.ts';
import { type PortionLink, Portions } from './portions.ts';
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
  readonly link: PortionLink;
  /** More bytes wait than may. Called once. */
  overfull(): void;
}

/**
 * The way to one viewer's socket. An update's rects are sent one by one as the encoder threads finish them, and no
 * other message may stand between them: messages wait until the update ends. A long message is sent in portions between
 * updates, to viewers that take them.
 *
 * Counts the bytes that wait for the viewer, wherever they wait: here, in the socket, and in work whose result will be
 * sent. Their number tells a viewer that does not read from a slow one.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #waiting: { readonly bytes: Uint8Array; readonly framing: Framing }[] = [];
  #waitingBytes = 0;
  readonly #portions: Portions<Newest>;
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
    this.#portions = new Portions(
      options.link,
      (bytes) => this.#send(bytes),
      () => this.#serve(),
    );
    options.transport.onDrain(() => this.#drained());
    // Another connection of the user has made room for what waits here.
    this.#stopListening = options.clipboardBytes.onRoom(() => {
      if (this.#newest.size > 0) this.#serve();
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
    this.#serve();
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
    this.#portions.updateEnded();
    this.#waitingBytes = 0;
    for (const { bytes, framing } of this.#waiting.splice(0)) this.#send(bytes, framing);
    this.#serve();
  }

  /** The link may have room for more. */
  linkHasRoom(): void {
    if (this.#portions.waitingBytes > 0) this.#serve();
  }

  /** Sends nothing more. */
  close(): void {
    this.#isOver = true;
    this.#portions.close();
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
    this.#serve();
  }

  /** Sends what waits for room, and a portion of a long message. */
  #serve(): void {
    this.#sendNewest();
    const now = { isInUpdate: this.#isInUpdate, bufferedBytes: this.bufferedBytes };
    if (!this.#isOver && this.#portions.serve(now)) this.#sendNewest();
  }

  #sendNewest(): void {
    if (this.#isInUpdate || this.#isOver) return;
    for (const [kind, make] of this.#newest) {
      if (this.bufferedBytes > BACKLOG_BYTES) return;
      const bytes = make();
      const isLong = bytes !== undefined && bytes.length > BACKLOG_BYTES;
      const giveBack = isLong ? this.#takeBytes(kind, bytes.length) : undefined;
      if (isLong && !giveBack) continue;
      // Before anything that gives bytes back, which sends what waits.
      this.#newest.delete(kind);
      if (giveBack && this.#portions.areTaken) {
        this.#portions.begin({ kind, make, bytes: bytes!, over: giveBack });
      } else if (bytes) {
        if (giveBack) this.#counted.push(giveBack);
        this.#sendLasting(bytes);
      }
    }
    this.#check();
  }

  /** Undefined if a long message has to wait until this viewer, or others of the user, have been sent theirs. */
  #takeBytes(kind: Newest, bytes: number): (() => void) | undefined {
    return this.#portions.mustWait(kind) ? undefined : this.#options.clipboardBytes.take(bytes);
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
    const laterBytes = this.#waitingBytes + this.#reservedBytes + this.#portions.waitingBytes;
    const waitingBytes = laterBytes + this.bufferedBytes;
    const pictureBytes = Math.min(this.#pictureBytes, this.#mostPictureBytes);
    if (this.#isOver || waitingBytes <= mostBytes() + pictureBytes) return;
    this.#isOver = true;
    overfull();
  }
}
