/**
 * How much may be under way to one viewer before the next update waits.
 *
 * After each update goes a fence; its answer tells the round trip and how fast bytes arrived. The window is
 * what the link carries in its own round trip plus a small queue, so a fast link always has the next frame
 * under way and a slow one never builds a queue: what waits here is replaced by newer pixels, what waits in a
 * router's buffer is not. (The same two numbers as BBR: highest delivery rate, lowest round trip.)
 *
 * Has no clock: every call says the time in milliseconds, on any clock that only moves on.
 */

/** Delay that may be queued beyond the link's own round trip: one frame at 60 a second and some jitter. */
const QUEUE_MS = 25;

/** A measured rate is believed this long; then the link may have become slower. */
const RATE_MEMORY_MS = 3_000;

/** A measured round trip is believed this long; then the route may have become longer. */
const ROUND_TRIP_MEMORY_MS = 10_000;

/** This little may always be under way: a caret on a slow link need not wait for a caret before it. */
const LEAST_WINDOW_BYTES = 8 * 1024;

interface Flight {
  /** When its fence, the last of it, was handed to the socket. */
  readonly sentAtMs: number;
  readonly bytes: number;
  /** Bytes that were under way as it left. */
  readonly aheadBytes: number;
  /**
   * Bytes that had been acknowledged as this flight left, and since when the link has been busy with what
   * came after them: the last acknowledgement, or this flight's first byte where nothing was under way.
   */
  readonly ackedBytes: number;
  readonly ackedAtMs: number;
}

/** A maximum or minimum over the last while: values that a better later one made pointless are dropped. */
class WindowedBest {
  readonly #memoryMs: number;
  readonly #better: (a: number, b: number) => boolean;
  #samples: { atMs: number; value: number }[] = [];

  constructor(memoryMs: number, better: (a: number, b: number) => boolean) {
    this.#memoryMs = memoryMs;
    this.#better = better;
  }

  add(atMs: number, value: number): void {
    this.#samples = this.#samples.filter(
      (old) => atMs - old.atMs < this.#memoryMs && this.#better(old.value, value),
    );
    this.#samples.push({ atMs, value });
  }

  /** The best of the memory; the last sample stays valid however old, until there is a newer one. */
  get best(): number | undefined {
    return this.#samples[0]?.value;
  }
}

export class CongestionWindow {
  readonly #flights: Flight[] = [];
  readonly #rate = new WindowedBest(RATE_MEMORY_MS, (a, b) => a > b);
  readonly #roundTrip = new WindowedBest(ROUND_TRIP_MEMORY_MS, (a, b) => a < b);
  #ackedBytes = 0;
  #ackedAtMs = 0;
  #lastRoundTripMs: number | undefined;

  /** Bytes sent and not acknowledged. */
  get inFlightBytes(): number {
    return this.#flights.reduce((sum, flight) => sum + flight.bytes, 0);
  }

  /** The last measured round trip in ms; undefined before the first. */
  get lastRoundTripMs(): number | undefined {
    return this.#lastRoundTripMs;
  }

  /** The link's own round trip in ms, without queues: the lowest of the last while. 0 before the first. */
  get roundTripMs(): number {
    return this.#roundTrip.best ?? 0;
  }

  /** Bytes a millisecond that arrived at best in the last while; undefined before the first. */
  get rate(): number | undefined {
    return this.#rate.best;
  }

  /** Whether the next update may leave. */
  get hasRoom(): boolean {
    const inFlight = this.inFlightBytes;
    if (inFlight <= LEAST_WINDOW_BYTES) return true;
    const rate = this.#rate.best;
    return rate !== undefined && inFlight <= rate * (this.roundTripMs + QUEUE_MS);
  }

  /** When the oldest unacknowledged update will have been under way for the link's own round trip. */
  get overdueAtMs(): number | undefined {
    const oldest = this.#flights[0];
    return oldest && oldest.sentAtMs + this.roundTripMs;
  }

  /** An update that began at `startedAtMs` and the fence behind it were handed to the socket. */
  sent(startedAtMs: number, sentAtMs: number, bytes: number): void {
    const ackedAtMs = this.#flights.length === 0 ? startedAtMs : this.#ackedAtMs;
    const aheadBytes = this.inFlightBytes;
    this.#flights.push({ sentAtMs, bytes, aheadBytes, ackedBytes: this.#ackedBytes, ackedAtMs });
  }

  /** The oldest fence came back. */
  acknowledged(atMs: number): void {
    const flight = this.#flights.shift();
    if (!flight) return;
    this.#ackedBytes += flight.bytes;
    this.#ackedAtMs = atMs;
    this.#lastRoundTripMs = atMs - flight.sentAtMs;
    const elapsed = Math.max(atMs - flight.ackedAtMs, 0.1);
    this.#learnRate(atMs, (this.#ackedBytes - flight.ackedBytes) / elapsed, flight.bytes);
    this.#learnRoundTrip(atMs, this.#lastRoundTripMs, flight.aheadBytes);
  }

  /**
   * On a link that is never idle every round trip has our own queue in it. Taken for the link's own, it would
   * widen the window, which makes the queue longer, and so on; so the queue is taken off. Only down to what is
   * known: a rate learnt from small updates is too low, and takes off too much.
   */
  #learnRoundTrip(atMs: number, measuredMs: number, aheadBytes: number): void {
    const knownMs = this.#roundTrip.best ?? measuredMs;
    const queueMs = aheadBytes > 0 ? aheadBytes / (this.#rate.best ?? Number.POSITIVE_INFINITY) : 0;
    this.#roundTrip.add(atMs, Math.min(measuredMs, Math.max(knownMs, measuredMs - queueMs)));
  }

  /** A small update tells nothing of what the link could carry unless it tells that it is more than known. */
  #learnRate(atMs: number, rate: number, bytes: number): void {
    const known = this.#rate.best;
    if (known === undefined || rate > known || bytes > LEAST_WINDOW_BYTES) this.#rate.add(atMs, rate);
  }
}
