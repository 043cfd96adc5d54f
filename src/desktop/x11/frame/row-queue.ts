/**
 * The rows of tiles of one pass over a picture, taken in turn by several threads.
 *
 * The frame thread opens a pass, takes rows like any helper, and waits until all rows are finished. A row is taken by
 * one compare-and-exchange of the counter, which holds the number of the pass as well. A thread that was delayed
 * since it looked at the counter therefore takes no row of a later pass. A pass ends only when every row that was
 * taken is finished, so a thread that holds a row sees the words of its own pass.
 *
 * Shared words of 32 bits, by index:
 *
 * ```
 * WAKE         number of passes that wanted help; helpers sleep on it
 * COUNTER      number of the pass << ROW_BITS | row that is taken next
 * DONE         rows finished in this pass; the frame thread sleeps on it
 * ROWS         rows of this pass
 * DISMISSED    1 while helpers are to end
 * FINISHED + n     1 if row n is finished
 * COMMITTED + n    1 if a thread has claimed the commit of row n
 * ```
 */
const WAKE = 0;
const COUNTER = 1;
const DONE = 2;
const ROWS = 3;
const DISMISSED = 4;
const FINISHED = 5;

/** Rows of tiles of the largest picture: X's coordinates end at 32767, and a tile has 64 rows of pixels. */
export const MOST_ROWS = 512;
const COMMITTED = FINISHED + MOST_ROWS;
const WORDS = COMMITTED + MOST_ROWS;

/**
 * Bits of the row in the counter; the other 22 hold the pass. Their number repeats after 4 million passes, 19 hours at
 * 60 a second. A thread would have to be delayed for exactly that long between two instructions to take a wrong row.
 */
const ROW_BITS = 10;
const ROW_MASK = (1 << ROW_BITS) - 1;

/** The row of a counter whose pass is closed. */
const CLOSED = ROW_MASK;

/** Value of the counter that a thread has seen: a row and its pass. */
export type RowTicket = number;

export class RowQueue {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** Makes a queue, or another thread's end of the one in `buffer`. */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
    this.#words = new Int32Array(this.buffer);
    if (!buffer) this.#words[COUNTER] = CLOSED;
  }

  // Frame thread.

  /** Opens a pass over `rows` rows. Write what else the helpers must know of the pass before. */
  open(rows: number, wantsHelp: boolean): void {
    const words = this.#words;
    const pass = (words[COUNTER]! >>> ROW_BITS) + 1;
    this.close();
    words[DONE] = 0;
    words[ROWS] = rows;
    words.fill(0, FINISHED, FINISHED + rows);
    words.fill(0, COMMITTED, COMMITTED + rows);
    Atomics.store(words, COUNTER, pass << ROW_BITS);
    if (!wantsHelp) return;
    Atomics.add(words, WAKE, 1);
    Atomics.notify(words, WAKE);
  }

  /** Ends the pass: no more rows are taken. */
  close(): void {
    Atomics.or(this.#words, COUNTER, CLOSED);
  }

  /** Waits until all rows are finished. False if no row was finished for `limitMs`. */
  waitUntilFinished(limitMs: number): boolean {
    const words = this.#words;
    for (let done = Atomics.load(words, DONE); done < words[ROWS]!; done = Atomics.load(words, DONE)) {
      const hasTimedOut = Atomics.wait(words, DONE, done, limitMs) === 'timed-out';
      if (hasTimedOut && Atomics.load(words, DONE) === done) return false;
    }
    return true;
  }

  /** Number of rows that are finished from the top without a gap. */
  finishedFromTop(): number {
    const rows = this.#words[ROWS]!;
    let row = 0;
    while (row < rows && this.isFinished(row)) row++;
    return row;
  }

  /** Tells the helpers to end. They finish the rows that they have. */
  dismiss(): void {
    Atomics.store(this.#words, DISMISSED, 1);
    Atomics.add(this.#words, WAKE, 1);
    Atomics.notify(this.#words, WAKE);
  }

  /** Lets new helpers work, when those that were dismissed have ended. */
  recall(): void {
    Atomics.store(this.#words, DISMISSED, 0);
  }

  // All threads.

  get isDismissed(): boolean {
    return Atomics.load(this.#words, DISMISSED) === 1;
  }

  /** Returns the next row of the pass to be claimed; undefined if there is none. */
  next(): RowTicket | undefined {
    const ticket = Atomics.load(this.#words, COUNTER);
    return (ticket & ROW_MASK) < this.#words[ROWS]! ? ticket : undefined;
  }

  /** Takes the row of `ticket`. Returns false if another thread was faster, or the pass is over. */
  claim(ticket: RowTicket): boolean {
    return Atomics.compareExchange(this.#words, COUNTER, ticket, ticket + 1) === ticket;
  }

  /** Takes the next row; undefined if none is left. */
  take(): number | undefined {
    for (let ticket = this.next(); ticket !== undefined; ticket = this.next()) {
      if (this.claim(ticket)) return ticket & ROW_MASK;
    }
    return undefined;
  }

  /** Number of the pass. It stays the same while the thread holds a row. */
  get pass(): number {
    return Atomics.load(this.#words, COUNTER) >>> ROW_BITS;
  }

  /** Says that a row that this thread took is read and compared. Its thread must still call `leave`. */
  finish(row: number): void {
    Atomics.store(this.#words, FINISHED + row, 1);
  }

  isFinished(row: number): boolean {
    return Atomics.load(this.#words, FINISHED + row) === 1;
  }

  areFinished(first: number, last: number): boolean {
    for (let row = first; row <= last; row++) if (!this.isFinished(row)) return false;
    return true;
  }

  /** Claims the commit of a row: true for the first thread only. */
  claimCommit(row: number): boolean {
    return Atomics.exchange(this.#words, COMMITTED + row, 1) === 0;
  }

  /** Counts a taken row as done. The thread touches nothing of the pass afterwards. */
  leave(): void {
    Atomics.add(this.#words, DONE, 1);
    Atomics.notify(this.#words, DONE);
  }

  // Helpers.

  /** Number of passes so far that wanted help, for `sleep`. */
  get wakeups(): number {
    return Atomics.load(this.#words, WAKE);
  }

  /** Sleeps until a pass wants help; returns at once if one did since `wakeups` was read. */
  sleep(wakeups: number): void {
    Atomics.wait(this.#words, WAKE, wakeups);
  }
}
