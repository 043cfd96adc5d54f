import { copyParts, lengthOf } from '../../protocol/join-bytes.ts';

/**
 * Bytes of one thread's arena: a frame of 4K film encoded by two threads. A larger value takes memory for each thread;
 * with a smaller one more rects get a buffer of their own, which is what `put` then leaves to its caller.
 */
const ARENA_BYTES = 1 << 20;

/** Length of the counter before the bytes. It counts the bytes that were given back, modulo 2 ** 32. */
const RELEASED_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** Position and length of bytes in an arena. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/**
 * Shared memory through which one encoder thread hands encoded rects to the main thread. A buffer for each rect would
 * be work for the garbage collectors of both threads: 9 MB a second for a film.
 *
 * The thread puts rects one behind the other, and starts at the beginning again whenever all of them have been given
 * back. That is after nearly every frame, so the same few pages stay in the caches. The main thread drops the arena
 * of a thread that is lost, with all places in it.
 */
export class EncodedArena {
  readonly memory: SharedArrayBuffer;
  readonly #released: Int32Array;
  readonly #bytes: Uint8Array;
  /** Used by the encoder thread only. */
  #end = 0;
  #putBytes = 0;

  constructor(memory = new SharedArrayBuffer(RELEASED_BYTES + ARENA_BYTES)) {
    this.memory = memory;
    this.#released = new Int32Array(memory, 0, 1);
    this.#bytes = new Uint8Array(memory, RELEASED_BYTES);
  }

  /** Copies the parts to one place, one after the other. Returns undefined if they do not fit now. Encoder thread. */
  put(parts: readonly Uint8Array[]): Place | undefined {
    const length = lengthOf(parts);
    if (((this.#putBytes - Atomics.load(this.#released, 0)) | 0) === 0) this.#end = 0;
    const at = this.#end;
    if (at + length > this.#bytes.length) return undefined;
    copyParts(parts, this.#bytes, at);
    this.#end += length;
    this.#putBytes = (this.#putBytes + length) | 0;
    return { at, length };
  }

  /** The bytes at a place. They must not be used after `release`. Main thread. */
  view({ at, length }: Place): Uint8Array {
    return this.#bytes.subarray(at, at + length);
  }

  /** Gives a place back to the encoder thread. Main thread. */
  release({ length }: Place): void {
    Atomics.add(this.#released, 0, length);
  }
}
