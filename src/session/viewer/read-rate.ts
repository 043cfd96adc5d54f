/**
 * Bytes that each read from the socket, and each message in it, counts in addition to its own: reading a WebSocket
 * message of one byte costs the main thread as much as some sixty bytes of RFB messages.
 */
const PORTION_COST_BYTES = 64;

/**
 * Longest pause, in milliseconds. A larger value stops a viewer for longer after it has sent a large message; a smaller
 * one lets a flood of large messages take more of the main thread.
 */
const MAX_PAUSE_MS = 1000;

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

  /** Counts one read from the socket, and the messages that ended in it. */
  read(bytes: number, messages: number, nowMs: number, limit: ReadLimit): void {
    const costBytes = bytes + (1 + messages) * PORTION_COST_BYTES;
    this.#excessBytes = Math.min(this.#excessAt(nowMs, limit) + costBytes, mostExcessBytes(limit));
    this.#atMs = nowMs;
  }

  /** Milliseconds until more may be read; 0 if it may now. */
  pauseMs(nowMs: number, limit: ReadLimit): number {
    const overBytes = this.#excessAt(nowMs, limit) - limit.burstBytes;
    return Math.max(0, (overBytes / limit.bytesPerSecond) * 1000);
  }

  #excessAt(nowMs: number, limit: ReadLimit): number {
    // The limit may be lower than when the bytes were read.
    const bytes = Math.min(this.#excessBytes, mostExcessBytes(limit));
    return Math.max(0, bytes - ((nowMs - this.#atMs) / 1000) * limit.bytesPerSecond);
  }
}

const mostExcessBytes = ({ bytesPerSecond, burstBytes }: ReadLimit): number =>
  burstBytes + (MAX_PAUSE_MS / 1000) * bytesPerSecond;
