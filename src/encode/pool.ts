import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { areaPx } from '../pixels/rect.ts';
import { MOST_SCALERS, type SharedFrame } from '../pixels/shared-frame.ts';
import { encodeRect } from './make/encode-rect.ts';
import type { EncodedRect, EncodeJob } from './make/job.ts';
import type { Picture, PictureJob } from './make/picture.ts';
import { WebpBudget } from './plan/webp-budget.ts';
import type { AnsweredRect, EncodeThreadData } from './threads/encode-messages.ts';
import { EncodedArena, type Place } from './threads/encoded-arena.ts';
import { WorkerPool } from './threads/worker-pool.ts';

/**
 * More threads than this gain nothing: a frame has about nine strips, and each thread is a V8 of its own. Each needs
 * scratch to scale in.
 */
const MOST_THREADS = MOST_SCALERS;

/**
 * Pixels without loss that are encoded on the calling thread in one turn of its event loop: handing rects to
 * another thread and back takes longer than encoding these (half a millisecond), and more would hold the calling thread up.
 */
const MOST_HERE_PX = 16 * 1024;

/** So many pixels of a JPEG are encoded in the time of one without loss: bench/micro/small-rects.ts. */
const JPEG_PX_FOR_ONE = 4;

const script = (name: string): URL =>
  new URL(`./threads/${name}.worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Where encoding happens. Rects for viewers go to one thread a core, but for small ones, such as a caret or a line of
 * text being typed, which are encoded at once; pictures for the API to a thread of their own, started with the
 * first one, so that a slow PNG never stands before a frame.
 */
export class EncoderPool {
  readonly #frame: SharedFrame;
  readonly #rects: WorkerPool<EncodeJob, AnsweredRect>;
  /** By lane. */
  readonly #arenas: EncodedArena[] = [];
  /** Places in them that nobody reads any more once this turn is over. */
  #toRelease: { readonly arena: EncodedArena; readonly place: Place }[] = [];
  readonly #webp: WebpBudget;
  #pictures: WorkerPool<PictureJob, Picture> | undefined;
  /** Pixels encoded here in this turn. */
  #herePx = 0;
  #closed = false;

  constructor(frame: SharedFrame, threads: number = Math.min(availableParallelism(), MOST_THREADS)) {
    this.#frame = frame;
    this.#rects = new WorkerPool(script('encode'), threads, (lane): EncodeThreadData => {
      const arena = new EncodedArena();
      this.#arenas[lane] = arena;
      return { frame, lane, arena: arena.memory };
    });
    this.#webp = new WebpBudget(threads);
  }

  /** The bytes of the answer are to be taken in the turn of the event loop that it comes in. */
  async encodeRect(job: EncodeJob): Promise<EncodedRect> {
    if (this.#takeHere(job)) return encodeRect(this.#frame, job);
    const answer = await this.#rects.run(job);
    if (job.method.name === 'webp') this.#webp.took(areaPx(job.scaledTo ?? job.rect), answer.cpuUs);
    return { ...answer, bytes: this.#bytesOf(answer) };
  }

  #bytesOf({ bytes }: AnsweredRect): Uint8Array {
    if ('buffer' in bytes) return bytes;
    const { lane, place } = bytes;
    const arena = this.#arenas[lane]!;
    if (this.#toRelease.length === 0) setImmediate(() => this.#release());
    this.#toRelease.push({ arena, place });
    return arena.view(place);
  }

  #release(): void {
    for (const { arena, place } of this.#toRelease.splice(0)) arena.release(place);
  }

  /** Pixels that there is time for to encode as WebP, of a frame that the next one follows after `frameMs`. */
  webpPx(frameMs: number): number {
    return this.#webp.pxOf(frameMs);
  }

  #takeHere({ rect, method, scaledTo }: EncodeJob): boolean {
    const px = areaPx(rect) / (method.name === 'jpeg' ? JPEG_PX_FOR_ONE : 1);
    // WebP takes longer than the way to a thread and back, and its encoder is loaded on the threads alone.
    const isForThreads = scaledTo !== undefined || method.name === 'webp';
    if (this.#closed || isForThreads || this.#herePx + px > MOST_HERE_PX) return false;
    if (this.#herePx === 0) {
      setImmediate(() => {
        this.#herePx = 0;
      });
    }
    this.#herePx += px;
    return true;
  }

  /** `onRead` is called once the shown picture has been read and may change again. */
  encodePicture(job: PictureJob, onRead: () => void): Promise<Picture> {
    if (this.#closed) return Promise.reject(new Error('The encoder threads have ended.'));
    this.#pictures ??= new WorkerPool(script('picture'), 1, () => this.#frame);
    return this.#pictures.run(job, onRead);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#rects.close(), this.#pictures?.close()]);
  }
}
