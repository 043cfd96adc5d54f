import { ByteQueue } from './byte-queue.ts';
import type { Contents } from './clipboard-messages.ts';
import * as wire from './constants.ts';
import { checkLimit, RfbError } from './errors.ts';
import type { Skip, SkippedContents } from './skipped-contents.ts';

/**
 * Bytes of a portion at most. The reader keeps it until it is whole. A viewer has no use for a longer one: it holds up
 * what the viewer sends behind it.
 */
export const MAX_PORTION_BYTES = 64 * 1024;

const MAY_COME_IN_PORTIONS: readonly number[] = [wire.CLIENT_CUT_TEXT, wire.CLIENT_BINARY_CLIPBOARD];

/**
 * A viewer's clipboard that arrives in portions, with other messages between them, so that neither fences nor frame
 * reports wait for all of it (docs/protocol.md). A first portion replaces a message that is not whole; an empty one
 * only drops that. Contents that may not be kept are dropped as they arrive.
 */
export class ClientPortions {
  readonly #contents: Contents;
  /** What has arrived of the message. Undefined if none is on its way. */
  #queue: ByteQueue | undefined;
  #isLast = false;
  #skipped: SkippedContents | undefined;
  /** The message was read. Only contents to skip may follow. */
  #isRead = false;

  /** `contentsWith` decides what becomes of the contents, and has those skipped that are not kept. */
  constructor(contentsWith: (skip: Skip) => Contents) {
    this.#contents = contentsWith((skipped) => {
      this.#skipped = skipped;
    });
  }

  /** Whether bytes of a message are kept here. */
  get keepsBytes(): boolean {
    return this.#queue !== undefined && !this.#isRead;
  }

  /**
   * Takes one portion off the queue. If bytes are missing, it returns false and takes nothing. `read` has to follow.
   */
  take(queue: ByteQueue): boolean {
    if (queue.length < wire.PORTION_HEADER_BYTES) return false;
    const length = queue.peekU32(4);
    checkLimit('Portion', length, MAX_PORTION_BYTES);
    if (queue.length < wire.PORTION_HEADER_BYTES + length) return false;
    const flags = queue.peekU8(1);
    if (flags & wire.PORTION_IS_FIRST) this.#begin();
    if (!this.#queue) throw new RfbError('RFB_MALFORMED', 'A portion before the first one.');
    this.#queue.push(queue.peekBytes(wire.PORTION_HEADER_BYTES, length));
    queue.skip(wire.PORTION_HEADER_BYTES + length);
    this.#isLast = (flags & wire.PORTION_IS_LAST) !== 0;
    // Nothing but an empty first portion leaves this empty.
    if (this.#isLast && !this.#isRead && this.#queue.length === 0) this.#queue = undefined;
    return true;
  }

  /** Returns the message if it is whole, or is to be skipped. `parse` takes it off the queue, or returns undefined. */
  read<Message>(
    parse: (type: number, queue: ByteQueue, contents: Contents) => Message | undefined,
  ): Message | undefined {
    const queue = this.#queue;
    if (!queue) return undefined;
    let message: Message | undefined;
    if (!this.#isRead && queue.length > 0) {
      const type = queue.peekU8(0);
      if (!MAY_COME_IN_PORTIONS.includes(type))
        throw new RfbError('RFB_UNKNOWN_MESSAGE', `${type}, in portions`);
      message = parse(type, queue, this.#contents);
      this.#isRead = message !== undefined;
    }
    const isOver = this.#isRead && (this.#skipped?.skip(queue) ?? true);
    if ((isOver && queue.length > 0) || (this.#isLast && !isOver))
      throw new RfbError('RFB_MALFORMED', 'The portions are not one message.');
    if (this.#isLast) this.#queue = undefined;
    return message;
  }

  #begin(): void {
    this.#queue = new ByteQueue();
    this.#skipped = undefined;
    this.#isRead = false;
  }
}
