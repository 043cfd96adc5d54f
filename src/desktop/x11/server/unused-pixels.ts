import { closeSync, openSync } from 'node:fs';
import { LEAST_PAGE_BYTES, punchHoles, type Span } from '../../../common/process-memory.ts';
import { type Size, sameSize } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../../pixels/shared-frame.ts';
import type { Resizer } from '../screen/resizer.ts';
import type { XConnection } from '../wire/connection.ts';
import { readXwdHeader, type XwdLayout } from '../wire/xwd-header.ts';

/**
 * Milliseconds from the last resize until memory is given back. With a larger value the memory stays for longer, with a
 * smaller one it is given back between the many resizes of a browser window that is dragged, and filled again.
 */
const REST_MS = 2000;

/**
 * Spans that are given back at a time, for which the X server is grabbed and the main thread is busy. Each takes 2 to
 * 17 µs. More delay programs and viewers, fewer make more round trips to the X server.
 */
const SPANS_AT_A_TIME = 64;

/** Milliseconds between them, for everything else. A larger value keeps memory for longer. */
const PAUSE_MS = 10;

/**
 * Bytes in a span at most. With a larger value a part of the memory takes the main thread longer, with a smaller one
 * there are more calls.
 */
const MOST_SPAN_BYTES = 64 * 1024;

/**
 * Gives back the memory of Xvfb's framebuffer file beside and below the desktop. Xvfb writes the whole file once, for
 * the largest size. It draws nothing there, and paints that part again when the desktop grows.
 *
 * The X server is grabbed for each part, so that no program makes the desktop grow meanwhile. The owner of the
 * connection stops this before it resizes the desktop itself.
 */
export class UnusedPixels {
  readonly #framebuffer: string;
  readonly #x: XConnection;
  readonly #resizer: Pick<Resizer, 'size'>;
  readonly #restMs: number;
  #timer: NodeJS.Timeout | undefined;
  /** The part that is being given back. */
  #part: Promise<void> = Promise.resolve();
  /** Spans to give back while the desktop has this size. */
  #left: { readonly size: Size; readonly spans: Span[] } | undefined;
  #isStopped = false;

  constructor(framebuffer: string, x: XConnection, resizer: Pick<Resizer, 'size'>, restMs = REST_MS) {
    this.#framebuffer = framebuffer;
    this.#x = x;
    this.#resizer = resizer;
    this.#restMs = restMs;
  }

  /** The desktop has a new size. */
  giveBackLater(): void {
    if (!this.#x.isOpen) return;
    this.#isStopped = false;
    this.#left = undefined;
    this.#schedule(this.#restMs);
  }

  /** Resolves when nothing is being given back any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#part;
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // Where this fails, the memory stays; a lost connection is reported elsewhere.
      this.#part = this.#giveBackPart().catch(() => undefined);
    }, delayMs).unref();
  }

  async #giveBackPart(): Promise<void> {
    const { client } = this.#x;
    client.GrabServer();
    try {
      const size = await this.#resizer.size();
      const fd = openSync(this.#framebuffer, 'r+');
      try {
        if (!this.#left || !sameSize(this.#left.size, size))
          this.#left = { size, spans: unusedSpans(readXwdHeader(fd), size) };
        punchHoles(fd, this.#left.spans.splice(0, SPANS_AT_A_TIME));
      } finally {
        closeSync(fd);
      }
    } finally {
      if (this.#x.isOpen) client.UngrabServer();
    }
    if (this.#left.spans.length > 0 && !this.#isStopped) this.#schedule(PAUSE_MS);
  }
}

/** The whole pages to the right of each row of the desktop, and those below its last row. */
export function unusedSpans({ pixelsAt, strideBytes, height }: XwdLayout, size: Size): Span[] {
  const usedBytes = size.width * BYTES_PER_PIXEL;
  const spans: Span[] = [];
  const add = (from: number, end: number): void => {
    const wholeEnd = Math.floor(end / LEAST_PAGE_BYTES) * LEAST_PAGE_BYTES;
    for (let at = Math.ceil(from / LEAST_PAGE_BYTES) * LEAST_PAGE_BYTES; at < wholeEnd; at += MOST_SPAN_BYTES)
      spans.push({ at, length: Math.min(MOST_SPAN_BYTES, wholeEnd - at) });
  };
  const rowAt = (y: number): number => pixelsAt + y * strideBytes;
  for (let y = 0; y < size.height; y++) add(rowAt(y) + usedBytes, rowAt(y + 1));
  add(rowAt(size.height), rowAt(height));
  return spans;
}
