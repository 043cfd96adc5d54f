import type { Logger } from 'pino';
import type { MemoryShortage } from '../connections/memory-shortage.ts';

/**
 * Time between two looks at what waits for the viewers while something does, in milliseconds. In a larger one, many
 * viewers that stop reading at once take more memory; a smaller one wakes the process more often.
 */
const LOOK_EACH_MS = 250;
/** Bytes for all viewers together below which memory is not looked at. A smaller value looks at it more often. */
const LEAST_IN_ALL = 32 * 1024 * 1024;
/**
 * Bytes for all viewers together that are sent before the next look, if they come faster. With more, a burst to many
 * viewers that stop reading takes more memory; with fewer, the server looks more often while it sends much.
 */
const LOOK_AFTER_BYTES = 32 * 1024 * 1024;
/**
 * Bytes for one viewer below which it stays connected in any case: a compressed picture on a slow link. A larger value
 * leaves more memory to viewers that do not read; a smaller one ends slow ones with them.
 */
const LEAST_OF_ONE = 1024 * 1024;
/** Part of what waits for all viewers that is dropped at a time. A larger part ends viewers for which less would do. */
const DROPPED_PART = 1 / 2;

/** A viewer's connection, as far as this file needs it. */
export interface Receiver {
  /** Bytes that wait for the viewer. */
  readonly bufferedBytes: number;
  terminate(): void;
}

interface UnreadBytesOptions {
  readonly memory: Pick<MemoryShortage, 'look' | 'isShort'>;
  readonly log: Logger;
  readonly viewers: () => Iterable<Receiver>;
}

/**
 * Ends the viewers for which most waits when memory runs out. What waits for one of them is bounded, but one user may
 * have hundreds: without this, they could make the system end the server, and with it the viewers that do read.
 */
export class UnreadBytes {
  readonly #options: UnreadBytesOptions;
  /** Defined while something may wait: an idle server has nothing to wake up for. */
  #timer: NodeJS.Timeout | undefined;
  /** Viewers that were ended. What waits for one is dropped a moment later. */
  readonly #ended = new WeakSet<Receiver>();

  /** Bytes sent since the last look. */
  #sentBytes = 0;
  #isClosed = false;

  constructor(options: UnreadBytesOptions) {
    this.#options = options;
  }

  /** Notes bytes that were sent to a viewer. Looks when many were sent since the last look. */
  sent(bytes: number): void {
    this.#sentBytes += bytes;
    if (!this.#isClosed) this.#timer ??= setInterval(() => void this.look(), LOOK_EACH_MS).unref();
    if (this.#sentBytes >= LOOK_AFTER_BYTES) void this.look();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  /** Looks, and ends viewers if that is needed. Resolves when that is done. Never rejects. */
  async look(): Promise<void> {
    this.#sentBytes = 0;
    const { memory, log } = this.#options;
    const waiting = sumOf(this.#viewers());
    if (waiting === 0) this.#stop();
    if (waiting < LEAST_IN_ALL) return;
    await memory.look();
    const ended = memory.isShort ? mostUnread(this.#viewers()) : [];
    if (ended.length === 0) return;
    const bytes = sumOf(ended);
    for (const viewer of ended) {
      this.#ended.add(viewer);
      viewer.terminate();
    }
    log.warn(
      { viewers: ended.length, bytes },
      'Memory runs out. Viewers that do not read were disconnected.',
    );
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #viewers(): Receiver[] {
    return [...this.#options.viewers()].filter((viewer) => !this.#ended.has(viewer));
  }
}

/** The viewers for which most waits: so many that DROPPED_PART of everything waits for them. */
function mostUnread(viewers: readonly Receiver[]): Receiver[] {
  const found: Receiver[] = [];
  let leftBytes = sumOf(viewers) * DROPPED_PART;
  for (const viewer of viewers.toSorted((a, b) => b.bufferedBytes - a.bufferedBytes)) {
    if (leftBytes <= 0 || viewer.bufferedBytes < LEAST_OF_ONE) break;
    found.push(viewer);
    leftBytes -= viewer.bufferedBytes;
  }
  return found;
}

function sumOf(viewers: readonly Receiver[]): number {
  let bytes = 0;
  for (const { bufferedBytes } of viewers) bytes += bufferedBytes;
  return bytes;
}
