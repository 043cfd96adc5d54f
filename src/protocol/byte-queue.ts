import { RfbError } from './errors.ts';

/** First allocation, in bytes: holds the usual burst of input messages. */
const INITIAL_BYTES = 4096;

/**
 * Bytes above which a buffer is freed that holds little. A larger value keeps the memory of one large paste for the
 * life of the connection; a smaller one allocates more often.
 */
const KEEP_BYTES = 1 << 20;

/**
 * Unread bytes at most that move from such a buffer to a small one. A larger value copies more; with a smaller one, the
 * beginning of a next message keeps the memory of a large one.
 */
const MOVE_BYTES = 64 * 1024;

/**
 * Default limit of unread bytes: the largest client message (a 20 MiB clipboard) and what may arrive in the same
 * portion behind it.
 */
const DEFAULT_LIMIT_BYTES = 32 << 20;

/**
 * A contiguous queue of bytes, so that a parser can look at any of them before it takes them. Pushing and taking
 * cost amortised O(1) per byte. Offsets count from the oldest byte. Check `length` before peeking: a read beyond it
 * throws a RangeError.
 */
export class ByteQueue {
  readonly #limit: number;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  #start = 0;
  #end = 0;

  /** More than `limitBytes` unread bytes throw RFB_MESSAGE_TOO_LARGE. */
  constructor(limitBytes = DEFAULT_LIMIT_BYTES) {
    this.#limit = limitBytes;
  }

  /** Bytes of memory that the queue holds. */
  get capacityBytes(): number {
    return this.#bytes.length;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies `bytes` in. The caller keeps its buffer. */
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

  /** Returns a view of queued bytes, valid until the next push or take. */
  peekBytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    this.#check(offset, length);
    return this.#bytes.subarray(this.#start + offset, this.#start + offset + length);
  }

  /** Returns a copy of queued bytes, which the caller owns. */
  copyBytes(offset: number, length: number): Uint8Array<ArrayBuffer> {
    return this.peekBytes(offset, length).slice();
  }

  /** Drops the oldest `length` bytes. */
  skip(length: number): void {
    this.#check(0, length);
    this.#start += length;
    const left = this.length;
    if (this.#bytes.length > KEEP_BYTES && left <= MOVE_BYTES) {
      this.#use(this.#bytes.slice(this.#start, this.#end));
    } else if (left > 0) {
      return;
    }
    this.#start = 0;
    this.#end = left;
  }

  /** Removes the oldest `length` bytes and returns a copy, which the caller owns. */
  take(length = this.length): Uint8Array<ArrayBuffer> {
    const bytes = this.copyBytes(0, length);
    this.skip(length);
    return bytes;
  }

  /**
   * As `take`, but for many bytes the caller gets the queue's own memory where the queue would give it up anyway. They
   * need not be aligned to words.
   */
  takeOver(length: number): Uint8Array<ArrayBuffer> {
    if (length <= KEEP_BYTES || this.length - length > MOVE_BYTES) return this.take(length);
    const bytes = this.peekBytes(0, length);
    this.skip(length);
    return bytes;
  }

  /**
   * Moves the unread bytes to the front if at least half of the buffer is free, otherwise into a buffer twice as
   * large.
   */
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
