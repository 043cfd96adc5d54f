import { areaPx } from '../pixels/rect.ts';
import type { EncodedRect, EncodeJob } from './make/job.ts';

/**
 * Pixels that may wait here: a picture of 2560×1440. A larger value lets the calling thread encode for longer; with a
 * smaller one, a first picture waits for threads to start.
 */
export const MOST_EARLY_PX = 4 * 1024 * 1024;

interface EarlyRect {
  readonly job: EncodeJob;
  readonly resolve: (rect: EncodedRect) => void;
  readonly reject: (error: unknown) => void;
}

/** Rects that the calling thread encodes before there are encoder threads: one in each turn of its event loop. */
export class EarlyRects {
  readonly #encode: (job: EncodeJob) => EncodedRect;
  readonly #waiting: EarlyRect[] = [];
  #waitingPx = 0;
  #turn: NodeJS.Immediate | undefined;

  constructor(encode: (job: EncodeJob) => EncodedRect) {
    this.#encode = encode;
  }

  /** Encodes a rect in a later turn. Undefined if too many pixels wait. */
  add(job: EncodeJob): Promise<EncodedRect> | undefined {
    const px = areaPx(job.rect);
    if (this.#waitingPx + px > MOST_EARLY_PX) return undefined;
    this.#waitingPx += px;
    this.#turn ??= setImmediate(() => this.#next());
    return new Promise((resolve, reject) => this.#waiting.push({ job, resolve, reject }));
  }

  /** Rejects what waits. */
  close(error: Error): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #next(): void {
    this.#turn = undefined;
    const { job, resolve, reject } = this.#waiting.shift()!;
    this.#waitingPx -= areaPx(job.rect);
    if (this.#waiting.length > 0) this.#turn = setImmediate(() => this.#next());
    try {
      resolve(this.#encode(job));
    } catch (error) {
      reject(error);
    }
  }
}
