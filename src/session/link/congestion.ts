/*
 * Limits the bytes under way to one viewer, and measures its link.
 *
 * A fence follows each update, or a few small ones, and sometimes precedes one. The answers tell the round trip, and how
 * long the link was busy with each update. From these follows when the link will be done with the last update. The next
 * one leaves just before that: a fast link always has a frame under way, and a slow link builds no queue. Pixels that
 * wait in the server can be replaced by newer ones; pixels in a router's queue can not.
 *
 * There is no clock: every call tells the time in milliseconds, on any clock that only moves on.
 */

/**
 * Milliseconds that may be queued beyond the link's own round trip: a frame at 60 a second, and jitter. A larger value
 * delays frames on slow links; a smaller one leaves gaps between updates.
 */
const QUEUE_MS = 25;

/** Milliseconds for which a measured round trip counts. After that the route may have become longer. */
const ROUND_TRIP_MEMORY_MS = 10_000;

/** Milliseconds between two measurements of the bare round trip while updates are sent. */
const PROBE_INTERVAL_MS = 1000;

/** Bytes that may always be under way, so that a caret on a slow link does not wait for the one before. */
const LEAST_WINDOW_BYTES = 8 * 1024;

/**
 * Milliseconds added to each measured transfer. Answers arrive some milliseconds early or late, which would make any link
 * seem fast after a small update. Updates that take 100 ms lose a tenth of the rate to it.
 */
const JITTER_MS = 10;

/**
 * An update of this many bytes, still queued this many milliseconds after it was sent, was limited by the link. A smaller
 * one must have been queued for longer in proportion, because it may have met a busy machine.
 */
const LIMITED_BYTES = 48 * 1024;
const LIMITED_MS = 25;

interface Flight {
  /** When its first byte was handed to the socket, and when its fence, the last of it. */
  readonly startedAtMs: number;
  readonly sentAtMs: number;
  readonly bytes: number;
  /** When the link was expected to be done with it, as its fence left. */
  readonly drainedAtMs: number;
}

/** Minimum over a time. Drops values that a later, lower one has replaced. */
class WindowedLeast {
  readonly #memoryMs: number;
  #samples: { atMs: number; value: number }[] = [];

  constructor(memoryMs: number) {
    this.#memoryMs = memoryMs;
  }

  add(atMs: number, value: number): void {
    this.#samples = this.#samples.filter((old) => atMs - old.atMs < this.#memoryMs && old.value < value);
    this.#samples.push({ atMs, value });
  }

  /** The least of the memory; the last sample stays valid however old, until there is a newer one. */
  get least(): number | undefined {
    return this.#samples[0]?.value;
  }
}

export class CongestionWindow {
  readonly #flights: Flight[] = [];
  readonly #roundTrip = new WindowedLeast(ROUND_TRIP_MEMORY_MS);
  #inFlightBytes = 0;
  #rate: number | undefined;
  #isLimited = false;
  /** Bytes a millisecond from an update's first byte to its answer, at best. */
  #arrived = 0;
  #ackedAtMs = Number.NEGATIVE_INFINITY;
  #probedAtMs = Number.NEGATIVE_INFINITY;
  #lastRoundTripMs: number | undefined;

  /** Bytes sent and not acknowledged. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** The last measured round trip in ms; undefined before the first. */
  get lastRoundTripMs(): number | undefined {
    return this.#lastRoundTripMs;
  }

  /** The link's own round trip in ms, without queues: the lowest of the last while. 0 before the first. */
  get roundTripMs(): number {
    return this.#roundTrip.least ?? 0;
  }

  /**
   * Bytes a millisecond that the link carries, as far as updates have tried it: where none has found it to be the limit,
   * what arrived at best. Undefined before the first.
   */
  get rate(): number | undefined {
    return this.#isLimited || this.#rate === undefined ? this.#rate : Math.max(this.#rate, this.#arrived);
  }

  /** The same once an update has found the link to be the limit; undefined while none has. */
  get limitingRate(): number | undefined {
    return this.#isLimited ? this.#rate : undefined;
  }

  /**
   * When the next update may leave if nothing unexpected happens: at or before `nowMs` where there is room;
   * undefined where only an answer can tell.
   */
  roomAtMs(nowMs: number): number | undefined {
    if (this.#inFlightBytes <= LEAST_WINDOW_BYTES) return nowMs;
    if (this.#rate === undefined) return undefined;
    const [first, ...others] = this.#flights;
    const firstDrainedAtMs = this.#drainedAtMs(this.#idleSinceMs, first!);
    // One that should have been answered by now: the link is slower than it was.
    if (nowMs > firstDrainedAtMs + this.roundTripMs + QUEUE_MS) return undefined;
    const lastDrainedAtMs = others.reduce((at, flight) => this.#drainedAtMs(at, flight), firstDrainedAtMs);
    return lastDrainedAtMs - QUEUE_MS;
  }

  /** Whether the next update may leave. */
  hasRoom(nowMs: number): boolean {
    const atMs = this.roomAtMs(nowMs);
    return atMs !== undefined && atMs <= nowMs;
  }

  /** When the oldest unacknowledged update will have been under way for the link's own round trip. */
  get overdueAtMs(): number | undefined {
    const oldest = this.#flights[0];
    return oldest && oldest.sentAtMs + this.roundTripMs;
  }

  /**
   * Whether a fence of its own should go before the next update, told by `sent` with no bytes: nothing stands
   * before it on the link, so its answer tells the bare round trip, and when the update's own transfer began.
   */
  wantsProbe(nowMs: number): boolean {
    return this.#flights.length === 0 && nowMs - this.#probedAtMs >= PROBE_INTERVAL_MS;
  }

  /** An update that began at `startedAtMs` and the fence behind it were handed to the socket. */
  sent(startedAtMs: number, sentAtMs: number, bytes: number): void {
    if (bytes === 0) this.#probedAtMs = sentAtMs;
    const idleSinceMs = this.#flights.at(-1)?.drainedAtMs ?? this.#idleSinceMs;
    const drainedAtMs = this.#drainedAtMs(idleSinceMs, { startedAtMs, bytes });
    this.#flights.push({ startedAtMs, sentAtMs, bytes, drainedAtMs });
    this.#inFlightBytes += bytes;
  }

  /** The oldest fence came back. */
  acknowledged(atMs: number): void {
    const flight = this.#flights.shift();
    if (!flight) return;
    this.#inFlightBytes -= flight.bytes;
    this.#lastRoundTripMs = atMs - flight.sentAtMs;
    this.#learnRoundTrip(atMs, flight);
    this.#learnRate(atMs, flight);
    this.#ackedAtMs = atMs;
  }

  /** When the link was done with what has been acknowledged. */
  get #idleSinceMs(): number {
    return this.#ackedAtMs - this.roundTripMs;
  }

  /** When the link will be done with a flight, if it was free from `idleSinceMs` on. */
  #drainedAtMs(idleSinceMs: number, { startedAtMs, bytes }: Pick<Flight, 'startedAtMs' | 'bytes'>): number {
    return Math.max(idleSinceMs, startedAtMs) + (this.#rate ? bytes / this.#rate : 0);
  }

  /**
   * On a link that is never idle every answer has come behind our own bytes. Taken for the link's own round trip
   * that would hide the queue, which would grow longer, and so on; so what those bytes take is taken off. Only
   * down to what is known: a rate learnt from small updates is too low, and takes off too much.
   */
  #learnRoundTrip(atMs: number, { sentAtMs, drainedAtMs }: Flight): void {
    const measuredMs = atMs - sentAtMs;
    const knownMs = this.#roundTrip.least ?? measuredMs;
    const bareMs = atMs - Math.max(sentAtMs, drainedAtMs);
    this.#roundTrip.add(atMs, Math.min(measuredMs, Math.max(knownMs, bareMs)));
  }

  /**
   * The link was busy with this flight alone from the answer before to this one. Where it was the limit that is
   * its rate, and measurements are averaged half-way, by factors. Otherwise it could have carried more.
   */
  #learnRate(atMs: number, { startedAtMs, sentAtMs, bytes }: Flight): void {
    const transferMs = Math.max(0, atMs - Math.max(startedAtMs + this.roundTripMs, this.#ackedAtMs));
    this.#arrived = Math.max(this.#arrived, bytes / Math.max(atMs - startedAtMs, 1));
    const sample = bytes / (transferMs + JITTER_MS);
    const queuedMs = atMs - sentAtMs - this.roundTripMs;
    const known = this.#rate ?? 0;
    const wasLimited = queuedMs >= LIMITED_MS * Math.max(1, LIMITED_BYTES / bytes);
    if (wasLimited) {
      this.#rate = this.#isLimited || sample < known ? Math.sqrt(known * sample) : sample;
      this.#isLimited = true;
    } else if (sample > known) {
      this.#rate = sample;
    }
  }
}
