import type { ByteQueue } from './byte-queue.ts';

/** Called with the contents of a message whose header alone was taken off the queue. */
export type Skip = (contents: SkippedContents) => void;

/**
 * The rest of a message whose contents the server does not use. Its bytes leave the queue as they arrive, so that a
 * message of many MiB takes no memory.
 */
export class SkippedContents {
  #bytesLeft: number;
  /** Clipboard items that follow: each a type with a u8 length, and data with a u32 length. */
  #itemsLeft: number;

  private constructor(bytes: number, items: number) {
    this.#bytesLeft = bytes;
    this.#itemsLeft = items;
  }

  static ofBytes(bytes: number): SkippedContents {
    return new SkippedContents(bytes, 0);
  }

  static ofItems(items: number): SkippedContents {
    return new SkippedContents(0, items);
  }

  /** Takes what is there off the queue. Returns whether the message is over. */
  skip(queue: ByteQueue): boolean {
    for (;;) {
      const bytes = Math.min(this.#bytesLeft, queue.length);
      if (bytes > 0) queue.skip(bytes);
      this.#bytesLeft -= bytes;
      if (this.#bytesLeft > 0) return false;
      if (this.#itemsLeft === 0) return true;
      if (!this.#takeItemHeader(queue)) return false;
    }
  }

  #takeItemHeader(queue: ByteQueue): boolean {
    if (queue.length < 1) return false;
    const headerBytes = 5 + queue.peekU8(0);
    if (queue.length < headerBytes) return false;
    this.#bytesLeft = queue.peekU32(headerBytes - 4);
    queue.skip(headerBytes);
    this.#itemsLeft--;
    return true;
  }
}
