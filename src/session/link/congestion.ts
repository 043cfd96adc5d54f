import { LinkRate } from './link-rate.ts';
import { type PacketCounts, PacketLoss } from './packet-loss.ts';

/*
 * Limits the bytes under way to one viewer, and measures its link.
 *
 * A fence follows each update, or a few small ones, and sometimes precedes one. The answers tell the round trip, and
 * how long the link was busy with each update. From these follows when the link will have carried the last update. The
 * next one leaves just before that: a fast link always has a frame under way, and a slow link builds no queue. Pixels
 * that wait in the server can be replaced by newer ones; pixels in a router's queue cannot.
 *
 * The clock is passed in: every call has the time in milliseconds, on any monotonic clock.
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

/** An update under way, with the fence behind it. */
interface Flight {
  /** Time when the first byte was passed to the socket. */
  readonly startedAtMs: number;
  /** Time when the fence behind it was passed to the socket. */
  readonly sentAtMs: number;
  readonly bytes: number;
  /** Time when the link will have carried it, as estimated when its fence was sent. */
  readonly drainedAtMs: number;
  /** Time when the socket had taken all of it, once that is known. */
  leftAtMs?: number;
}

/** Minimum of the samples of the last `memoryMs`. Drops samples that a later, lower one has replaced. */
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

  /** The minimum. The newest sample counts at any age. Undefined before the first sample. */
  get least(): number | undefined {
    return this.#samples[0]?.value;
  }
}

/** Decides when one viewer's next update may leave. Has no timers: the caller asks. */
export class CongestionWindow {
  readonly #flights: Flight[] = [];
  readonly #roundTrip = new WindowedLeast(ROUND_TRIP_MEMORY_MS);
  readonly #rate = new LinkRate();
  readonly #loss = new PacketLoss();
  #inFlightBytes = 0;
  #ackedAtMs = Number.NEGATIVE_INFINITY;
  #probedAtMs = Number.NEGATIVE_INFINITY;
  #lastRoundTripMs: number | undefined;

  /** Number of unacknowledged bytes. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** The last measured round trip in milliseconds. Undefined before the first answer. */
  get lastRoundTripMs(): number | undefined {
    return this.#lastRoundTripMs;
  }

  /**
   * The link's own round trip in milliseconds, without queues: the lowest of the last ROUND_TRIP_MEMORY_MS. 0 before
   * the first answer.
   */
  get roundTripMs(): number {
    return this.#roundTrip.least ?? 0;
  }

  /**
   * Rate of the link in bytes per millisecond. Until an update has been limited by the link, this is the highest rate
   * that was seen, and the link may carry more. Undefined before the first answer.
   */
  get rate(): number | undefined {
    return this.#rate.highest;
  }

  /** Rate of the link in bytes per millisecond. Undefined until an update has been limited by the link. */
  get limitingRate(): number | undefined {
    return this.#rate.limiting;
  }

  /** Whether the link loses packets, as far as the kernel tells. */
  get isLossy(): boolean {
    return this.#loss.isLossy;
  }

  /**
   * Time when the next update may leave, as far as is known now. It is not after `nowMs` if the update may leave at
   * once. Undefined if the caller has to wait for an answer.
   */
  roomAtMs(nowMs: number): number | undefined {
    if (this.#inFlightBytes <= LEAST_WINDOW_BYTES) return nowMs;
    if (this.#rate.expected === undefined) return undefined;
    const firstDrainedAtMs = this.#drainedAtMs(this.#idleSinceMs, this.#flights[0]!);
    // The answer to the oldest update is late: the link has become slower than its known rate.
    if (nowMs > firstDrainedAtMs + this.roundTripMs + QUEUE_MS) return undefined;
    return this.#freeAtMs - QUEUE_MS;
  }

  /** Whether the next update may leave. */
  hasRoom(nowMs: number): boolean {
    const atMs = this.roomAtMs(nowMs);
    return atMs !== undefined && atMs <= nowMs;
  }

  /**
   * Time when the oldest unacknowledged update has been under way for the link's own round trip. Undefined if none is.
   */
  get overdueAtMs(): number | undefined {
    const oldest = this.#flights[0];
    return oldest && (oldest.leftAtMs ?? oldest.sentAtMs) + this.roundTripMs;
  }

  /** Records that the socket has taken all bytes. An update that waits in the server is not under way yet. */
  left(atMs: number): void {
    for (const flight of this.#flights) flight.leftAtMs ??= atMs;
  }

  /**
   * Whether to send a fence before the next update, to measure the bare round trip. The caller reports that fence by
   * calling `sent` with 0 bytes. Nothing is under way then, so the answer meets no queue. It also tells when the
   * transfer of the update began.
   */
  wantsProbe(nowMs: number): boolean {
    return this.#flights.length === 0 && nowMs - this.#probedAtMs >= PROBE_INTERVAL_MS;
  }

  /** Records that an update, begun at `startedAtMs`, and the fence behind it have been passed to the socket. */
  sent(startedAtMs: number, sentAtMs: number, bytes: number): void {
    if (bytes === 0) this.#probedAtMs = sentAtMs;
    const drainedAtMs = this.#drainedAtMs(this.#freeAtMs, { startedAtMs, bytes });
    this.#flights.push({ startedAtMs, sentAtMs, bytes, drainedAtMs });
    this.#inFlightBytes += bytes;
  }

  /** Records that the oldest `count` fences will not be answered. Nothing is learnt from them. */
  forget(count: number): void {
    for (const { bytes } of this.#flights.splice(0, count)) this.#inFlightBytes -= bytes;
  }

  /** Records the answer to the oldest fence. Ignores an answer without a fence. */
  acknowledged(atMs: number): void {
    const flight = this.#flights.shift();
    if (!flight) return;
    this.#inFlightBytes -= flight.bytes;
    this.#lastRoundTripMs = atMs - flight.sentAtMs;
    this.#learnRoundTrip(atMs, flight);
    this.#rate.learn({
      ...flight,
      answeredAtMs: atMs,
      lastAnswerAtMs: this.#ackedAtMs,
      roundTripMs: this.roundTripMs,
      isLossy: this.isLossy,
    });
    this.#ackedAtMs = atMs;
  }

  /** Whether the packets that the kernel has sent and lost are to be counted again. */
  wantsPacketCounts(nowMs: number): boolean {
    return this.#loss.wantsCount(nowMs);
  }

  /** Records the packets that the kernel has sent and lost. Undefined if it does not tell. */
  packetsCounted(atMs: number, counts: PacketCounts | undefined): void {
    this.#loss.counted(atMs, counts);
  }

  /** Time when the link had carried all acknowledged bytes. */
  get #idleSinceMs(): number {
    return this.#ackedAtMs - this.roundTripMs;
  }

  /**
   * Time when the link will have carried all that is under way. By the latest answer, not by the estimates when the
   * updates were sent: their errors would add up.
   */
  get #freeAtMs(): number {
    return this.#flights.reduce((at, flight) => this.#drainedAtMs(at, flight), this.#idleSinceMs);
  }

  /** Time when the link will have carried a flight, if it is idle from `idleSinceMs` on. */
  #drainedAtMs(idleSinceMs: number, { startedAtMs, bytes }: Pick<Flight, 'startedAtMs' | 'bytes'>): number {
    const rate = this.#rate.expected;
    return Math.max(idleSinceMs, startedAtMs) + (rate ? bytes / rate : 0);
  }

  /**
   * Adds a sample of the link's own round trip. On a link that is never idle, each answer comes behind our own bytes,
   * so the time that those bytes take is subtracted. Otherwise a queue would count as part of the round trip, and would
   * be allowed to grow. The result is not below the known round trip: a rate from small updates is too low, and with it
   * too much is subtracted.
   */
  #learnRoundTrip(atMs: number, { sentAtMs, drainedAtMs }: Flight): void {
    const measuredMs = atMs - sentAtMs;
    const knownMs = this.#roundTrip.least ?? measuredMs;
    const bareMs = atMs - Math.max(sentAtMs, drainedAtMs);
    this.#roundTrip.add(atMs, Math.min(measuredMs, Math.max(knownMs, bareMs)));
  }
}
