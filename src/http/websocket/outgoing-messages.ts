/** A whole binary message on its way: a frame (RFC 6455, 5.2), header and all. */
export interface OutgoingMessage {
  readonly frame: Uint8Array;
  /** Bytes in it that are not the header. */
  readonly payloadBytes: number;
  /** The memory that the frame lies in, for `recycle`. */
  readonly memory: Buffer;
}

/** A message is about as long as four TLS records, so that a page draws the first rects while the rest travels. */
const MEMORY_BYTES = 64 * 1024;

const FINAL_BINARY = 0x82;
/** A length from here on takes two bytes more; one that takes eight does not fit into the memory. */
const LONG_BYTES = 126;
const LONG_HEADER_BYTES = 4;

/** Memory that is kept for later, by all connections together: 4 MiB. */
const MOST_SPARE = 64;
const spare: Buffer[] = [];

/**
 * Makes binary messages of a stream of bytes, cut where it is cheap. The bytes are copied once, to where their
 * message's header stands before them, into memory that is used again: what is written to a TLS socket in one piece is
 * encrypted from there, and pieces would be put together by the socket in memory that the garbage collector has to find.
 */
export class OutgoingMessages {
  #memory: Buffer | undefined;
  #end = LONG_HEADER_BYTES;
  readonly #whole: OutgoingMessage[] = [];

  /** Takes a copy of the bytes. */
  add(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      this.#memory ??= spare.pop() ?? Buffer.allocUnsafeSlow(MEMORY_BYTES);
      const part = Math.min(bytes.length - from, MEMORY_BYTES - this.#end);
      this.#memory.set(
        from === 0 && part === bytes.length ? bytes : bytes.subarray(from, from + part),
        this.#end,
      );
      this.#end += part;
      from += part;
      if (this.#end === MEMORY_BYTES) this.#close();
    }
  }

  /** The next of what was added, as much as fits into one message. */
  next(): OutgoingMessage | undefined {
    if (this.#whole.length === 0) this.#close();
    return this.#whole.shift();
  }

  /** The message has been written, or never will be. */
  recycle({ memory }: OutgoingMessage): void {
    if (spare.length < MOST_SPARE) spare.push(memory);
  }

  #close(): void {
    const memory = this.#memory;
    if (!memory) return;
    const payloadBytes = this.#end - LONG_HEADER_BYTES;
    const isLong = payloadBytes >= LONG_BYTES;
    const start = isLong ? 0 : LONG_HEADER_BYTES - 2;
    memory[start] = FINAL_BINARY;
    memory[start + 1] = isLong ? LONG_BYTES : payloadBytes;
    if (isLong) memory.writeUInt16BE(payloadBytes, start + 2);
    this.#whole.push({ frame: memory.subarray(start, this.#end), payloadBytes, memory });
    this.#memory = undefined;
    this.#end = LONG_HEADER_BYTES;
  }
}
