/**
 * Time covered by the rates, in slots of SLOT_MS. A longer time reacts later; a shorter one jumps with each update of a
 * screen that changes now and then.
 */
const SLOTS = 5;
const SLOT_MS = 1000;

/** What one connection was sent, per second. */
export interface SendRate {
  readonly updates: number;
  readonly bytes: number;
}

interface Slot {
  updates: number;
  bytes: number;
}

/** Counts the updates and bytes of one connection, for the last seconds. It has no clock: callers pass the time. */
export class SendMeter {
  /** Of the last SLOTS seconds, by their number modulo SLOTS. */
  readonly #slots: Slot[] = Array.from({ length: SLOTS }, () => ({ updates: 0, bytes: 0 }));
  readonly #startMs: number;
  /** Number of the slot that began last, from the start. */
  #slot = 0;
  #sentBytes = 0;

  /** `startMs`: when the connection began, on any clock that only moves on. */
  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** An update has ended. `sentBytes` is the number of all bytes so far. */
  update(nowMs: number, sentBytes: number): void {
    this.#at(nowMs, sentBytes).updates++;
  }

  read(nowMs: number, sentBytes: number): SendRate {
    this.#at(nowMs, sentBytes);
    const coveredMs = Math.min(
      nowMs - this.#startMs,
      ((nowMs - this.#startMs) % SLOT_MS) + (SLOTS - 1) * SLOT_MS,
    );
    const total = this.#slots.reduce(
      (sum, { updates, bytes }) => ({ updates: sum.updates + updates, bytes: sum.bytes + bytes }),
      { updates: 0, bytes: 0 },
    );
    // A connection that has just begun has no rate yet.
    const seconds = Math.max(coveredMs, SLOT_MS) / 1000;
    return { updates: total.updates / seconds, bytes: total.bytes / seconds };
  }

  /** The slot of this time, with the bytes that were sent since the last call. */
  #at(nowMs: number, sentBytes: number): Slot {
    const number = Math.floor((nowMs - this.#startMs) / SLOT_MS);
    for (let begun = Math.max(this.#slot + 1, number - SLOTS + 1); begun <= number; begun++)
      this.#slots[begun % SLOTS] = { updates: 0, bytes: 0 };
    this.#slot = Math.max(this.#slot, number);
    const slot = this.#slots[this.#slot % SLOTS]!;
    slot.bytes += sentBytes - this.#sentBytes;
    this.#sentBytes = sentBytes;
    return slot;
  }
}
