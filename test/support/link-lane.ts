/** One direction of a link. What is left out does not limit. */
export interface LaneOptions {
  /** What the narrowest place carries. */
  readonly bytesPerSecond?: number;
  /** How long every byte travels besides. */
  readonly delayMs?: number;
  /** How much may wait before the narrowest place, as the time it takes to pass; then the sender is held back. */
  readonly queueMs?: number;
}

/** What an ordinary router lets wait. */
const DEFAULT_QUEUE_MS = 1000;
/** Bytes pass the narrowest place in packets of at least this size, an Ethernet's. */
const PACKET_BYTES = 1460;
/** A fast link's packets are made larger, so that none takes less than this and there are not too many. */
const PACKET_MS = 1;

/**
 * One direction of a link in whatever time it is told: bytes wait before the narrowest place, pass it one packet
 * after another, travel, and arrive. When a byte arrives follows from when it was pushed and nothing else, however
 * seldom anybody looks.
 */
export class LinkLane {
  #bytesPerMs: number;
  readonly #delayMs: number;
  readonly #queueMs: number;
  #waiting: { bytes: Uint8Array; readonly sinceMs: number }[] = [];
  #waitingBytes = 0;
  #travelling: { readonly bytes: Uint8Array; readonly arrivesAtMs: number }[] = [];
  /** When the last packet was through the narrowest place. */
  #passedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ bytesPerSecond = Number.POSITIVE_INFINITY, delayMs = 0, queueMs }: LaneOptions = {}) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#delayMs = delayMs;
    this.#queueMs = queueMs ?? DEFAULT_QUEUE_MS;
  }

  /** Bytes that have not passed the narrowest place. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether nothing is under way. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#travelling.length === 0;
  }

  /** Whether no more should be pushed for now. */
  get isFull(): boolean {
    return this.#waitingBytes > this.#bytesPerMs * this.#queueMs;
  }

  /** From now on the narrowest place carries so much. */
  setRate(nowMs: number, bytesPerSecond: number): void {
    this.#advance(nowMs);
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  push(nowMs: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#waiting.push({ bytes, sinceMs: nowMs });
    this.#waitingBytes += bytes.length;
  }

  /** What has arrived since the last call, in order. */
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
