/** Bytes of one thread's arena: a frame of 4K film by two threads. Where it is full, rects get memory of their own. */
const ARENA_BYTES = 1 << 20;

/** What the arena begins with: bytes given back, counted on and on as a 32-bit number. */
const RELEASED_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** Where bytes lie in an arena. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/**
 * Shared memory through which one encoder thread hands encoded rects to the main thread: a buffer for each would be
 * work for the garbage collectors of both, 9 MB a second for a film.
 *
 * The thread puts one behind the other, from the beginning whenever all have been given back. That is after nearly
 * every frame, so the same few pages stay in the caches.
 */
export class EncodedArena {
  readonly memory: SharedArrayBuffer;
  readonly #released: Int32Array;
  readonly #bytes: Uint8Array;
  /** Of the encoder thread alone. */
  #end = 0;
  #putBytes = 0;

  constructor(memory = new SharedArrayBuffer(RELEASED_BYTES + ARENA_BYTES)) {
    this.memory = memory;
    this.#released = new Int32Array(memory, 0, 1);
    this.#bytes = new Uint8Array(memory, RELEASED_BYTES);
  }

  /** Encoder thread: copies the parts to one place, one after the other; undefined where they do not fit now. */
  put(parts: readonly Uint8Array[]): Place | undefined {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    if (((this.#putBytes - Atomics.load(this.#released, 0)) | 0) === 0) this.#end = 0;
    const at = this.#end;
    if (at + length > this.#bytes.length) return undefined;
    for (const part of parts) {
      this.#bytes.set(part, this.#end);
      this.#end += part.length;
    }
    this.#putBytes = (this.#putBytes + length) | 0;
    return { at, length };
  }

  /** Main thread: what lies there, until it is given back. */
  view({ at, length }: Place): Uint8Array {
    return this.#bytes.subarray(at, at + length);
  }

  /** Main thread: nobody reads there any more. */
  release({ length }: Place): void {
    Atomics.add(this.#released, 0, length);
  }
}
