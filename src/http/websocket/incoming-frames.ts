/** Bytes of a frame's header before a length that needs more, and with the longest length and a mask (RFC 6455, 5.2). */
const LEAST_HEAD_BYTES = 2;
const MOST_HEAD_BYTES = 14;
const MASK_BYTES = 4;

const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const CONTINUATION = 0;
const BINARY = 2;
/** Opcodes from here on are those of control frames, which may stand between the parts of a message. */
const FIRST_CONTROL = 8;
/** Lengths from here on take two bytes more, or eight. */
const SHORT_LENGTH = 126;
const LONG_LENGTH = 127;

/**
 * Bytes of the longest binary message in one frame that is left as it is. Such a message costs the main thread a tenth
 * of a millisecond when it is whole. A larger value makes longer steps; a smaller one turns more messages into several.
 */
const WHOLE_BYTES = 64 * 1024;

/**
 * Bytes of the first part from which on a message in parts is handed on in portions. Smaller values would turn empty
 * parts, of which a peer can send 10,000 in one read, into messages.
 */
const LEAST_PART_BYTES = 1024;

/** What becomes of a message: nothing has begun, it is left as it is, or handed on in portions. */
type Message = 'none' | 'whole' | 'portions';

interface Head {
  readonly bytes: number;
  readonly first: number;
  readonly isMasked: boolean;
  /** Bytes of the payload. Those of a length that no message can have are not exact. */
  readonly length: number;
}

/**
 * Rewrites the frames of a WebSocket peer, so that a long binary message arrives as many short ones, one for each
 * portion that was read from the socket. RFB does not depend on messages. A reader that waits for a whole message of
 * 10 MB would join and unmask it in one step of 40 ms. Anything but long binary messages is passed on as it is, faults
 * included.
 */
export class IncomingFrames {
  /** A message with a frame of more bytes is left as it is: the reader refuses it. */
  mostBytes: number;
  readonly #head = Buffer.alloc(MOST_HEAD_BYTES);
  #headBytes = 0;
  /** Bytes of the current frame that are still to come. */
  #leftBytes = 0;
  /** The mask of a frame that is handed on in portions, turned to the next byte; undefined for other frames. */
  #mask: Buffer | undefined;
  #isData = false;
  #isFinal = true;
  #message: Message = 'none';
  #partBytes = 0;

  constructor(mostBytes: number) {
    this.mostBytes = mostBytes;
  }

  /** Bytes read of a message that is not whole yet, without control frames. */
  get partBytes(): number {
    return this.#partBytes;
  }

  /** Takes what was read from the socket. Returns what the reader of frames is to read instead. */
  take(chunk: Buffer): Buffer[] {
    const out: Buffer[] = [];
    // Bytes from here to `at` are passed on as they are.
    let from = 0;
    let at = 0;
    const pass = (to: number): void => {
      if (to > from) out.push(from === 0 && to === chunk.length ? chunk : chunk.subarray(from, to));
    };
    while (at < chunk.length) {
      if (this.#leftBytes > 0) {
        const end = Math.min(chunk.length, at + this.#leftBytes);
        if (this.#mask) {
          out.push(portionHead(end - at, this.#mask), chunk.subarray(at, end));
          this.#mask = turned(this.#mask, end - at);
          from = end;
        }
        this.#read(end - at);
        at = end;
        continue;
      }
      const heldBytes = this.#headBytes;
      const headAt = at;
      at += this.#fillHead(chunk.subarray(at, at + MOST_HEAD_BYTES));
      const head = this.#wholeHead();
      if (!head) {
        // The head is held back until it is whole.
        pass(headAt);
        from = at;
        continue;
      }
      const isInPortions = this.#begin(head);
      if (isInPortions || heldBytes > 0) {
        pass(headAt);
        if (!isInPortions) out.push(Buffer.from(this.#head.subarray(0, head.bytes)));
        from = at;
      }
      this.#headBytes = 0;
      this.#read(0);
    }
    pass(at);
    return out;
  }

  /** Adds bytes to the head, as many as it needs. Returns their number. */
  #fillHead(bytes: Buffer): number {
    let taken = 0;
    while (taken < bytes.length && this.#headBytes < this.#headNeeds()) {
      this.#head[this.#headBytes++] = bytes[taken++]!;
    }
    return taken;
  }

  #headNeeds(): number {
    if (this.#headBytes < LEAST_HEAD_BYTES) return LEAST_HEAD_BYTES;
    const second = this.#head[1]!;
    const short = second & ~MASKED;
    const lengthBytes = short === LONG_LENGTH ? 8 : short === SHORT_LENGTH ? 2 : 0;
    return LEAST_HEAD_BYTES + lengthBytes + (second & MASKED ? MASK_BYTES : 0);
  }

  #wholeHead(): Head | undefined {
    const bytes = this.#headNeeds();
    if (this.#headBytes < bytes) return undefined;
    const short = this.#head[1]! & ~MASKED;
    const length =
      short === LONG_LENGTH
        ? this.#head.readUInt32BE(2) * 2 ** 32 + this.#head.readUInt32BE(6)
        : short === SHORT_LENGTH
          ? this.#head.readUInt16BE(2)
          : short;
    return { bytes, first: this.#head[0]!, isMasked: (this.#head[1]! & MASKED) !== 0, length };
  }

  /** A frame begins. Returns whether it is handed on in portions. */
  #begin({ bytes, first, isMasked, length }: Head): boolean {
    const opcode = first & ~(FINAL | RESERVED);
    this.#isData = opcode < FIRST_CONTROL;
    this.#isFinal = (first & FINAL) !== 0;
    this.#leftBytes = length;
    this.#mask = undefined;
    if (!this.#isData) return false;
    this.#partBytes += bytes;
    const canBeCut = isMasked && (first & RESERVED) === 0 && length <= this.mostBytes;
    if (opcode === CONTINUATION) {
      if (this.#message === 'portions' && !canBeCut) this.#message = 'whole';
    } else {
      const isLong = this.#isFinal ? length > WHOLE_BYTES : length >= LEAST_PART_BYTES;
      const isCut = opcode === BINARY && canBeCut && isLong && this.#message !== 'whole';
      this.#message = isCut ? 'portions' : 'whole';
    }
    if (this.#message !== 'portions') return false;
    this.#mask = Buffer.from(this.#head.subarray(bytes - MASK_BYTES, bytes));
    return true;
  }

  #read(bytes: number): void {
    this.#leftBytes -= bytes;
    if (!this.#isData) return;
    this.#partBytes += bytes;
    if (this.#leftBytes > 0 || !this.#isFinal) return;
    this.#partBytes = 0;
    this.#message = 'none';
  }
}

/** The head of a binary message of so many bytes. */
function portionHead(bytes: number, mask: Buffer): Buffer {
  const lengthBytes = bytes > 0xffff ? 8 : bytes >= SHORT_LENGTH ? 2 : 0;
  const head = Buffer.alloc(LEAST_HEAD_BYTES + lengthBytes + MASK_BYTES);
  head[0] = FINAL | BINARY;
  head[1] = MASKED | (lengthBytes === 8 ? LONG_LENGTH : lengthBytes === 2 ? SHORT_LENGTH : bytes);
  if (lengthBytes === 2) head.writeUInt16BE(bytes, 2);
  else if (lengthBytes === 8) head.writeUInt32BE(bytes, 6);
  mask.copy(head, head.length - MASK_BYTES);
  return head;
}

/** The mask for the bytes behind so many. */
function turned(mask: Buffer, bytes: number): Buffer {
  const by = bytes % MASK_BYTES;
  return by === 0 ? mask : Buffer.concat([mask.subarray(by), mask.subarray(0, by)]);
}
