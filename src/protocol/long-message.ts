import { ByteQueue } from './byte-queue.ts';
import * as wire from './constants.ts';
import { RfbError } from './errors.ts';

/** Bytes of a long message beyond its content: the types and lengths of its parts. */
const OVERHEAD_BYTES = 64 * 1024;

/**
 * A server's message that arrives in portions, with other messages between them, so that no frame waits for all of it
 * (docs/protocol.md). A first portion replaces a message that is not whole; an empty one only drops that.
 */
export class LongMessage {
  readonly #mostBytes: number;
  #queue: ByteQueue | undefined;
  #isWhole = false;

  /** More than `contentBytes`, and what stands around a content, throw RFB_MESSAGE_TOO_LARGE. */
  constructor(contentBytes: number) {
    this.#mostBytes = contentBytes + OVERHEAD_BYTES;
  }

  /** Whether the last portion has come. `read` has to follow. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Takes one portion off the queue. If bytes are missing, it returns false and takes nothing. */
  takePortion(queue: ByteQueue): boolean {
    if (queue.length < wire.PORTION_HEADER_BYTES) return false;
    const length = queue.peekU32(4);
    if (length > this.#mostBytes)
      throw new RfbError('RFB_MESSAGE_TOO_LARGE', `Portion: ${length}, at most ${this.#mostBytes}.`);
    if (queue.length < wire.PORTION_HEADER_BYTES + length) return false;
    const flags = queue.peekU8(1);
    if (flags & wire.PORTION_IS_FIRST) this.#queue = new ByteQueue(this.#mostBytes);
    if (!this.#queue) throw new RfbError('RFB_MALFORMED', 'A portion before the first one.');
    this.#queue.push(queue.peekBytes(wire.PORTION_HEADER_BYTES, length));
    queue.skip(wire.PORTION_HEADER_BYTES + length);
    const isLast = (flags & wire.PORTION_IS_LAST) !== 0;
    this.#isWhole = isLast && this.#queue.length > 0;
    if (isLast && !this.#isWhole) this.#queue = undefined;
    return true;
  }

  /** Returns the message that has become whole. `parserOf` gives the parser of its type. */
  read<Message>(parserOf: (type: number) => (queue: ByteQueue) => Message | undefined): Message {
    const queue = this.#queue!;
    this.#queue = undefined;
    this.#isWhole = false;
    const message = parserOf(queue.peekU8(0))(queue);
    if (message === undefined || queue.length > 0)
      throw new RfbError('RFB_MALFORMED', 'The portions are not one message.');
    return message;
  }
}
