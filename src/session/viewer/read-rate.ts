/**
 * Bytes that a portion from the socket counts in addition to its own: reading a WebSocket message of one byte costs the
 * main thread as much as some sixty bytes of RFB messages.
 */
const PORTION_COST_BYTES = 64;

/** Limit of the bytes that are read from a viewer. */
export interface ReadLimit {
  readonly bytesPerSecond: number;
  /** Bytes that may be read at once after a quiet time. */
  readonly burstBytes: number;
}

/**
 * For a viewer that may not write. It sends some 20 KB a second at most: requests, fences, and pointer movements that
 * are dropped. A larger value lets a flood take more of the main thread and of the garbage collector's memory.
 */
export const READER_LIMIT: ReadLimit = { bytesPerSecond: 512 * 1024, burstBytes: 256 * 1024 };

/** For a viewer that may write: a clipboard of 20 MiB takes less than a second. */
export const WRITER_LIMIT: ReadLimit = { bytesPerSecond: 32 << 20, burstBytes: 8 << 20 };

/**
 * Tells how long reading from a viewer has to pause so that it stays within its limit. A token bucket without clock.
 */
export class ReadRate {
  /** Bytes read beyond the rate. */
  #excessBytes = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  /** Counts a portion that was read. */
  read(bytes: number, nowMs: number, limit: ReadLimit): void {
    this.#excessBytes = this.#excessAt(nowMs, limit) + bytes + PORTION_COST_BYTES;
    this.#atMs = nowMs;
  }

  /** Milliseconds until more may be read; 0 if it may now. */
  pauseMs(nowMs: number, limit: ReadLimit): number {
    const overBytes = this.#excessAt(nowMs, limit) - limit.burstBytes;
    return overBytes <= 0 ? 0 : (overBytes / limit.bytesPerSecond) * 1000;
  }

  #excessAt(nowMs: number, { bytesPerSecond }: ReadLimit): number {
    return Math.max(0, this.#excessBytes - ((nowMs - this.#atMs) / 1000) * bytesPerSecond);
  }
}
