import { createRandom } from '../../bench/painter/random.ts';

/** One direction of a link that carries IP packets. An option that is left out does not limit. */
export interface PacketLaneOptions {
  /** Rate of the bottleneck, with the headers of the packets. */
  readonly bytesPerSecond?: number;
  /** Delay of every packet in addition to that. */
  readonly delayMs?: number;
  /** Longest queue before the bottleneck, as the time that it takes to pass. Packets that find it full are lost. */
  readonly queueMs?: number;
  /** Share of the packets that get lost after the bottleneck, at random. */
  readonly lossShare?: number;
  /** Equal seeds lose the same packets. */
  readonly seed?: number;
}

/** What happened to the packets so far. */
export interface PacketCounts {
  readonly carried: number;
  readonly carriedBytes: number;
  /** Lost at random. */
  readonly lost: number;
  /** Lost because the queue was full. */
  readonly overflowed: number;
  /** Longest time that a packet waited before the bottleneck, in milliseconds. */
  readonly longestQueueMs: number;
}

/** Queue of an ordinary router, in ms. */
const DEFAULT_QUEUE_MS = 200;

/**
 * One direction of a link that carries packets, on the time that the caller passes in. A packet waits for those before
 * it to pass the bottleneck, passes it, may get lost, and is delayed. The queue is bounded: what finds it full is
 * dropped, as in a router.
 */
export class PacketLane {
  readonly #bytesPerMs: number;
  readonly #delayMs: number;
  readonly #queueMs: number;
  readonly #lossShare: number;
  readonly #random: () => number;
  readonly #travelling: { readonly packet: Uint8Array; readonly arrivesAtMs: number }[] = [];
  /** Time when the last packet will be through the bottleneck. */
  #passedAtMs = Number.NEGATIVE_INFINITY;
  readonly #counts = { carried: 0, carriedBytes: 0, lost: 0, overflowed: 0, longestQueueMs: 0 };

  constructor({ bytesPerSecond, delayMs = 0, queueMs, lossShare = 0, seed = 1 }: PacketLaneOptions = {}) {
    this.#bytesPerMs = (bytesPerSecond ?? Number.POSITIVE_INFINITY) / 1000;
    this.#delayMs = delayMs;
    this.#queueMs = queueMs ?? DEFAULT_QUEUE_MS;
    this.#lossShare = lossShare;
    this.#random = createRandom(seed);
  }

  get counts(): PacketCounts {
    return { ...this.#counts };
  }

  /** Takes a packet that arrives before the bottleneck. */
  push(nowMs: number, packet: Uint8Array): void {
    const queuedMs = Math.max(0, this.#passedAtMs - nowMs);
    if (queuedMs > this.#queueMs) {
      this.#counts.overflowed++;
      return;
    }
    this.#counts.longestQueueMs = Math.max(this.#counts.longestQueueMs, queuedMs);
    this.#passedAtMs = nowMs + queuedMs + packet.length / this.#bytesPerMs;
    if (this.#random() < this.#lossShare) {
      this.#counts.lost++;
      return;
    }
    this.#travelling.push({ packet, arrivesAtMs: this.#passedAtMs + this.#delayMs });
  }

  /** Returns the packets that have arrived since the last call, in order. */
  take(nowMs: number): Uint8Array[] {
    const after = this.#travelling.findIndex(({ arrivesAtMs }) => arrivesAtMs > nowMs);
    const arrived = this.#travelling.splice(0, after < 0 ? this.#travelling.length : after);
    this.#counts.carried += arrived.length;
    this.#counts.carriedBytes += arrived.reduce((sum, { packet }) => sum + packet.length, 0);
    return arrived.map(({ packet }) => packet);
  }
}
