/** One direction of a link. An option that is left out does not limit. */
export interface LaneOptions {
  /** Rate of the bottleneck. */
  readonly bytesPerSecond?: number;
  /** Delay of every byte in addition to that. */
  readonly delayMs?: number;
  /**
   * Longest queue before the bottleneck, as the time that it takes to pass. When it is full, the sender must wait.
   */
  readonly queueMs?: number;
}

/** Queue of an ordinary router, in ms. */
const DEFAULT_QUEUE_MS = 1000;
/** Bytes pass the bottleneck in packets of at least this size, an Ethernet packet. */
const PACKET_BYTES = 1460;
/** Least time per packet, in ms. A fast link gets larger packets, so that there are not too many. */
const PACKET_MS = 1;

/**
 * One direction of a link, on the time that the caller passes in. Bytes wait before the bottleneck, pass it one
 * packet after another, are delayed, and arrive. The time when a byte arrives depends only on when it was pushed,
 * not on how often the lane is read.
 */
export class LinkLane {
  #bytesPerMs: number;
  readonly #delayMs: number;
  readonly #queueMs: number;
  #waiting: { bytes: Uint8Array; readonly sinceMs: number }[] = [];
  #waitingBytes = 0;
  #travelling: { readonly bytes: Uint8Array; readonly arrivesAtMs: number }[] = [];
  /** Time when the last packet was through the bottleneck. */
  #passedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ bytesPerSecond = Number.POSITIVE_INFINITY, delayMs = 0, queueMs }: LaneOptions = {}) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#delayMs = delayMs;
    this.#queueMs = queueMs ?? DEFAULT_QUEUE_MS;
  }

  /** Bytes that have not passed the bottleneck. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether no bytes are in flight. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#travelling.length === 0;
  }

  /** Whether the sender must wait. */
  get isFull(): boolean {
    return this.#waitingBytes > this.#bytesPerMs * this.#queueMs;
  }

  /** Sets the rate of the bottleneck from now on. */
  setRate(nowMs: number, bytesPerSecond: number): void {
    this.#advance(nowMs);
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  push(nowMs: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#waiting.push({ bytes, sinceMs: nowMs });
    this.#waitingBytes += bytes.length;
  }

  /** Returns what has arrived since the last call, in order. */
  take(nowMs: number): Uint8Array[] {
    this.#advance(nowMs);
    const after = this.#travelling.findIndex(({ arrivesAtMs }) => arrivesAtMs > nowMs);
    const count = after < 0 ? this.#travelling.length : after;
    return this.#travelling.splice(0, count).map(({ bytes }) => bytes);
  }

  #advance(nowMs: number): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const packet = first.bytes.subarray(0, Math.max(PACKET_BYTES, this.#bytesPerMs * PACKET_MS));
      const passedAtMs = Math.max(this.#passedAtMs, first.sinceMs) + packet.length / this.#bytesPerMs;
      if (passedAtMs > nowMs) return;
      this.#passedAtMs = passedAtMs;
      this.#travelling.push({ bytes: packet, arrivesAtMs: passedAtMs + this.#delayMs });
      this.#waitingBytes -= packet.length;
      first.bytes = first.bytes.subarray(packet.length);
      if (first.bytes.length === 0) this.#waiting.shift();
    }
  }
}
