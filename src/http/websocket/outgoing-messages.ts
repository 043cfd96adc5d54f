/** A binary message, ready to be written as one frame (RFC 6455, 5.2). */
export interface OutgoingMessage {
  readonly frame: Uint8Array;
  /** Bytes of the frame without its header. */
  readonly payloadBytes: number;
  /** Memory that holds the frame, for `recycle`. */
  readonly memory: Buffer;
}

/**
 * Bytes of a message at most: about four TLS records. With larger messages a page draws the first rects later; smaller
 * ones cost more headers and events.
 */
const MEMORY_BYTES = 64 * 1024;

const FINAL_BINARY = 0x82;
/** Lengths from here on take two bytes more. Lengths that take eight do not fit into the memory. */
const LONG_BYTES = 126;
const LONG_HEADER_BYTES = 4;

/**
 * Buffers that all connections together keep for reuse: 4 MiB. More take memory; fewer are garbage when frames are
 * large.
 */
const MOST_SPARE = 64;
const spare: Buffer[] = [];

/** Bytes that stay as they are. Those before `at` have been put into messages. */
interface Lasting {
  readonly bytes: Uint8Array;
  at: number;
}

/**
 * Turns a stream of bytes into binary messages. Copies the bytes once, behind their message's header, into memory that
 * is used again. A TLS socket encrypts a write of one piece in place; it would join several pieces in new memory, which
 * is garbage afterwards.
 */
export class OutgoingMessages {
  #memory: Buffer | undefined;
  #end = LONG_HEADER_BYTES;
  readonly #whole: (OutgoingMessage | Lasting)[] = [];

  /** Adds a copy of the bytes. */
  add(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      this.#memory ??= takeMemory();
      const memory = this.#memory;
      const part = Math.min(bytes.length - from, memory.length - this.#end);
      memory.set(from === 0 && part === bytes.length ? bytes : bytes.subarray(from, from + part), this.#end);
      this.#end += part;
      from += part;
      if (this.#end === memory.length) this.#close();
    }
  }

  /** Adds a copy of the bytes, in messages that hold nothing else. A short message takes no more memory than it has. */
  addAlone(bytes: Uint8Array): void {
    this.#close();
    const frameBytes = LONG_HEADER_BYTES + bytes.length;
    if (frameBytes < MEMORY_BYTES) this.#memory = Buffer.allocUnsafeSlow(frameBytes);
    this.add(bytes);
    this.#close();
  }

  /** Adds bytes that stay as they are. Many are copied when their messages are taken, few at once. */
  addLasting(bytes: Uint8Array): void {
    if (bytes.length < MEMORY_BYTES) {
      this.add(bytes);
      return;
    }
    this.#close();
    this.#whole.push({ bytes, at: 0 });
  }

  /** Takes the next message: as many of the added bytes as fit. */
  next(): OutgoingMessage | undefined {
    if (this.#whole.length === 0) this.#close();
    const [first] = this.#whole;
    if (first === undefined || 'frame' in first) return this.#whole.shift() as OutgoingMessage | undefined;
    const { bytes, at } = first;
    first.at = Math.min(bytes.length, at + MEMORY_BYTES - LONG_HEADER_BYTES);
    if (first.at === bytes.length) this.#whole.shift();
    const memory = takeMemory();
    memory.set(bytes.subarray(at, first.at), LONG_HEADER_BYTES);
    return messageIn(memory, LONG_HEADER_BYTES + first.at - at);
  }

  /** Takes back the memory of a message that has been written, or never will be. */
  recycle({ memory }: OutgoingMessage): void {
    if (memory.length === MEMORY_BYTES && spare.length < MOST_SPARE) spare.push(memory);
  }

  #close(): void {
    if (!this.#memory) return;
    this.#whole.push(messageIn(this.#memory, this.#end));
    this.#memory = undefined;
    this.#end = LONG_HEADER_BYTES;
  }
}

const takeMemory = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(MEMORY_BYTES);

/** Writes the header of a message whose payload ends at `end`, and begins behind the longest header. */
function messageIn(memory: Buffer, end: number): OutgoingMessage {
  const payloadBytes = end - LONG_HEADER_BYTES;
  const isLong = payloadBytes >= LONG_BYTES;
  const start = isLong ? 0 : LONG_HEADER_BYTES - 2;
  memory[start] = FINAL_BINARY;
  memory[start + 1] = isLong ? LONG_BYTES : payloadBytes;
  if (isLong) memory.writeUInt16BE(payloadBytes, start + 2);
  return { frame: memory.subarray(start, end), payloadBytes, memory };
}
