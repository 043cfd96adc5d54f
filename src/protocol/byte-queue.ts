import { RfbError } from './errors.ts';

/** First allocation: holds the usual burst of input messages. */
const INITIAL_BYTES = 4096;

/** A buffer that grew beyond this is given back once it is empty, so that one large paste is not kept for life. */
const KEEP_BYTES = 1 << 20;

/** Default bound: the largest client message (a 20 MiB clipboard) and what may come in one portion after it. */
const DEFAULT_LIMIT_BYTES = 32 << 20;

/**
 * Bytes in the order they came, in one piece, so that a parser may look at any of them before it takes them.
 * Pushing and taking cost amortised O(1) a byte. Offsets count from the oldest byte; whoever peeks checks
 * `length` first, and beyond it reads throw a RangeError.
 */
export class ByteQueue {
  readonly #limit: number;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #start = 0;
  #end = 0;

  /** `limitBytes`: more unread bytes than this throw RFB_MESSAGE_TOO_LARGE. */
  constructor(limitBytes = DEFAULT_LIMIT_BYTES) {
    this.#limit = limitBytes;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies `bytes` in; the caller keeps its buffer. */
  push(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.#limit)
      throw new RfbError('RFB_MESSAGE_TOO_LARGE', `Over ${this.#limit} bytes unread.`);
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  peekU8(offset: number): number {
    this.#check(offset, 1);
    return this.#bytes[this.#start + offset]!;
  }

  peekU16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getUint16(this.#start + offset);
  }

  peekS16(offset: number): number {
    this.#check(offset, 2);
    return this.#view.getInt16(this.#start + offset);
  }

  peekU32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getUint32(this.#start + offset);
  }

  peekS32(offset: number): number {
    this.#check(offset, 4);
    return this.#view.getInt32(this.#start + offset);
  }

  /** A view of queued bytes, good until the next push or take. */
  peekBytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    this.#check(offset, length);
    return this.#bytes.subarray(this.#start + offset, this.#start + offset + length);
  }

  /** A copy of queued bytes, the caller's own. */
  copyBytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    return this.peekBytes(offset, length).slice();
  }

  /** Drops the oldest `length` bytes. */
  skip(length: number): void {
    this.#check(0, length);
    this.#start += length;
    if (this.#start < this.#end) return;
    this.#start = 0;
    this.#end = 0;
    if (this.#bytes.length > KEEP_BYTES) this.#use(new Uint8Array(0));
  }

  /** Takes the oldest `length` bytes out, as a copy that is the caller's own. */
  take(length = this.length): Uint8Array<ArrayBuffer> {
    const bytes = this.copyBytes(0, length);
    this.skip(length);
    return bytes;
  }

  /** Moves the unread bytes to the front where at least half of the buffer is free, else into one twice as large. */
  #makeRoom(length: number): void {
    const capacity = this.#bytes.length;
    if (length * 2 <= capacity) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
    } else {
      const larger = new Uint8Array(Math.max(capacity * 2, length, INITIAL_BYTES));
      larger.set(this.#bytes.subarray(this.#start, this.#end));
      this.#use(larger);
    }
    this.#end -= this.#start;
    this.#start = 0;
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  #check(offset: number, length: number): void {
    if (offset < 0 || length < 0 || offset + length > this.length) {
      throw new RangeError(`${length} bytes at ${offset} of ${this.length}`);
    }
  }
}
