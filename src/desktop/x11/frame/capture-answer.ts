import type { CaptureResult } from './frame-source.ts';

const ANSWERS = 0;
const REQUEST = 1;
const WIDTH = 2;
const HEIGHT = 3;
const READ_US = 4;
const COMPARE_US = 5;
const SLOTS = 6;

/** A capture in which nothing moved as a whole. */
export type PlainCapture = Omit<CaptureResult, 'moved'>;

/**
 * The answer to one capture, in shared memory. Waking the main thread by it takes about half of the CPU of a message,
 * which for a small change is what matters. It answers one request at a time: the next capture begins when the main
 * thread has taken the last answer.
 *
 * Shared: six slots of 8 bytes.
 *
 * ```
 * ANSWERS                     Int32 at the beginning of the slot: number of answers; the main thread waits for it
 * REQUEST                     Float64: id of the capture
 * WIDTH, HEIGHT               Float64: size of the picture
 * READ_US, COMPARE_US         Float64: as in CaptureResult
 * ```
 */
export class CaptureAnswer {
  readonly buffer: SharedArrayBuffer;
  readonly #count: Int32Array;
  readonly #slots: Float64Array;
  #isClosed = false;

  /** Makes an answer, or another thread's end of the one in `buffer`. */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(SLOTS * Float64Array.BYTES_PER_ELEMENT);
    this.#count = new Int32Array(this.buffer);
    this.#slots = new Float64Array(this.buffer);
  }

  /** Answers a request. Frame thread. */
  give(request: number, { size, readUs, compareUs }: PlainCapture): void {
    const slots = this.#slots;
    slots[REQUEST] = request;
    slots[WIDTH] = size.width;
    slots[HEIGHT] = size.height;
    slots[READ_US] = readUs;
    slots[COMPARE_US] = compareUs;
    this.#wake();
  }

  /** Calls `onAnswer` for each answer, until `close`. Main thread. */
  async follow(onAnswer: (request: number, capture: PlainCapture) => void): Promise<void> {
    const slots = this.#slots;
    for (let seen = 0; ; ) {
      const answered = Atomics.waitAsync(this.#count, ANSWERS, seen);
      if (answered.async) await answered.value;
      if (this.#isClosed) return;
      seen = Atomics.load(this.#count, ANSWERS);
      onAnswer(slots[REQUEST]!, {
        size: { width: slots[WIDTH]!, height: slots[HEIGHT]! },
        readUs: slots[READ_US]!,
        compareUs: slots[COMPARE_US]!,
      });
    }
  }

  /** Ends `follow`. Main thread. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#count, ANSWERS, 1);
    Atomics.notify(this.#count, ANSWERS);
  }
}
