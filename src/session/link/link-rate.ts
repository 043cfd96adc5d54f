/**
 * Milliseconds added to the time that the link was busy with the last updates. Answers arrive some milliseconds early
 * or late, which would make any link seem fast after a small update. Updates that take 100 ms in all lose a tenth of
 * the rate to it.
 */
const JITTER_MS = 10;

/**
 * Milliseconds in which an update loses half its weight in the rate. With a larger value the rate follows the link more
 * slowly. With a smaller one it follows single updates: where TCP repairs a loss, one update arrives late and the next
 * ones with it, and the link would seem slow and then fast.
 */
const HALF_LIFE_MS = 400;

/**
 * An update of this many bytes, still queued this many milliseconds after it was sent, was limited by the link. A
 * smaller one must have been queued for longer in proportion, because it may have met a busy machine.
 */
const LIMITED_BYTES = 48 * 1024;
const LIMITED_MS = 25;

/** An update whose answer has come. Times are in milliseconds, on any monotonic clock. */
export interface AnsweredUpdate {
  readonly bytes: number;
  /** Time when the first byte was passed to the socket. */
  readonly startedAtMs: number;
  /** Time when the fence behind it was passed to the socket. */
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  /** Time of the answer before. */
  readonly lastAnswerAtMs: number;
  /** The link's own round trip. */
  readonly roundTripMs: number;
  /** Whether the link loses packets. */
  readonly isLossy: boolean;
}

/** Bytes that the link carried, and the time for which it was busy with them. Both have been halved with age. */
interface Carried {
  readonly bytes: number;
  readonly busyMs: number;
  readonly atMs: number;
}

/** Rate of one viewer's link in bytes per millisecond, learned from the times at which updates were answered. */
export class LinkRate {
  #rate: number | undefined;
  #isLimited = false;
  /** Highest rate from an update's first byte to its answer. */
  #arrived = 0;
  #carried: Carried = { bytes: 0, busyMs: 0, atMs: 0 };
  /** What had been carried when the link was idle last. */
  #carriedBefore = this.#carried;
  /** Bytes since the link was idle last. */
  #busyBytes = 0;
  /** Whether the rate was learned from an update since the link was idle last. */
  #isLearning = false;

  /**
   * Until an update has been limited by the link, this is the highest rate that was seen, and the link may carry more.
   * Undefined before the first answer.
   */
  get highest(): number | undefined {
    return this.#isLimited || this.#rate === undefined ? this.#rate : Math.max(this.#rate, this.#arrived);
  }

  /** Undefined until an update has been limited by the link. */
  get limiting(): number | undefined {
    return this.#isLimited ? this.#rate : undefined;
  }

  /** The rate by which to tell when the link will have carried an update. Undefined before the first answer. */
  get expected(): number | undefined {
    return this.#rate;
  }

  /**
   * Learns from one update. The link was busy with it since the answer before, or since it left if the link was idle
   * then. The sample is the rate of the last updates together. If the link was the limit, the new rate is the geometric
   * mean of the known one and the sample. If not, the sample is a lower bound.
   */
  learn(update: AnsweredUpdate): void {
    const { bytes, startedAtMs, sentAtMs, answeredAtMs, lastAnswerAtMs, roundTripMs, isLossy } = update;
    // The answer to a fence alone tells nothing about the rate.
    if (bytes === 0) return;
    const busyFromMs = Math.max(startedAtMs + roundTripMs, lastAnswerAtMs);
    if (busyFromMs > lastAnswerAtMs) this.#wasIdle();
    this.#busyBytes += bytes;
    const age = isLossy ? 0.5 ** ((answeredAtMs - this.#carried.atMs) / HALF_LIFE_MS) : 0;
    this.#carried = {
      bytes: this.#carried.bytes * age + bytes,
      busyMs: this.#carried.busyMs * age + Math.max(0, answeredAtMs - busyFromMs),
      atMs: answeredAtMs,
    };
    this.#arrived = Math.max(this.#arrived, bytes / Math.max(answeredAtMs - startedAtMs, 1));
    const sample = this.#carried.bytes / (this.#carried.busyMs + JITTER_MS);
    const known = this.#rate ?? 0;
    const queuedMs = answeredAtMs - sentAtMs - roundTripMs;
    const isLimited =
      queuedMs >= LIMITED_MS * Math.max(1, LIMITED_BYTES / (isLossy ? this.#busyBytes : bytes)) ||
      // An update that arrives together with a late one before it has not been queued itself.
      (isLossy && this.#isLearning && this.#isLimited);
    if (!isLimited && sample <= known) return;
    this.#isLearning = true;
    if (isLimited && (this.#isLimited || sample < known)) this.#rate = Math.sqrt(known * sample);
    else this.#rate = sample;
    this.#isLimited ||= isLimited;
  }

  /** Begins anew. What the link carried until now counts only if the rate was learned from it. */
  #wasIdle(): void {
    if (!this.#isLearning) this.#carried = this.#carriedBefore;
    this.#carriedBefore = this.#carried;
    this.#isLearning = false;
    this.#busyBytes = 0;
  }
}
