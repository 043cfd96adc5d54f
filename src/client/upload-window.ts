/**
 * Bytes of a portion behind which others wait, at least and at most. Less costs more messages; more holds up what the
 * page says behind it, on a link that is slower than any other number says.
 */
const PORTION_BYTES = { least: 1024, most: 48 * 1024 };

/**
 * Bytes under way at most. A larger value fills faster and longer links; a smaller one holds up less where the link
 * gets slow all of a sudden.
 */
export const MOST_UNDER_WAY_BYTES = 2 << 20;

/** Bytes under way at least, and before anything is known: 130 ms at 256 kbit/s. */
const FIRST_UNDER_WAY_BYTES = 4 * 1024;

/**
 * Portions into which the bytes under way are cut. With fewer, the time that a portion itself takes the link looks like
 * a queue; more cost more messages.
 */
const PORTIONS_UNDER_WAY = 16;

/**
 * Milliseconds by which portions may lengthen the way to the server. What the page says in between waits for so long. A
 * larger value fills links whose delay varies; a smaller one leaves them idle.
 */
const QUEUE_MS = 20;

/**
 * Growth in one round trip at most. More finds out sooner what the link carries, and overshoots: with 0.5 by half a
 * round trip, before the first answer tells of a queue.
 */
const MOST_GROWTH = 0.5;

/**
 * How much of a long message may be under way to the server. The browser does not tell: its socket and the system below
 * take megabytes at once, behind which a slow link lets everything else wait for seconds. So answers tell: while they
 * come as soon as the fastest, more may be under way; while they come later, the link has a queue.
 */
export class UploadWindow {
  #bytes = FIRST_UNDER_WAY_BYTES;
  #leastMs = Number.POSITIVE_INFINITY;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #hasQueued = false;

  /** Bytes that may be under way. */
  get bytes(): number {
    return this.#bytes;
  }

  get portionBytes(): number {
    const share = Math.floor(this.#bytes / PORTIONS_UNDER_WAY);
    return Math.min(PORTION_BYTES.most, Math.max(PORTION_BYTES.least, share));
  }

  /** A portion of so many bytes that was sent at `sentAtMs` has been answered. */
  answered(bytes: number, sentAtMs: number, nowMs: number): void {
    const tookMs = Math.max(1, nowMs - sentAtMs);
    this.#leastMs = Math.min(this.#leastMs, tookMs);
    this.#hasQueued ||= tookMs > this.#leastMs + QUEUE_MS / 2;
    if (!this.#hasQueued) {
      this.#set(this.#bytes + bytes * MOST_GROWTH);
      return;
    }
    // What was sent before the last change says nothing of it.
    if (sentAtMs < this.#changedAtMs) return;
    this.#changedAtMs = nowMs;
    this.#set(this.#bytes * Math.min(1 + MOST_GROWTH, (this.#leastMs + QUEUE_MS) / tookMs));
  }

  #set(bytes: number): void {
    this.#bytes = Math.min(MOST_UNDER_WAY_BYTES, Math.max(FIRST_UNDER_WAY_BYTES, bytes));
  }
}
