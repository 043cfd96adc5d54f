import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { MOST_SCALERS, type SharedFrame } from '../pixels/shared-frame.ts';
import type { EncodedRect, EncodeJob } from './job.ts';
import type { Picture, PictureJob } from './picture.ts';
import { WorkerPool } from './worker-pool.ts';

/**
 * More threads than this gain nothing: a frame has about nine strips, and each thread is a V8 of its own. Each needs
 * scratch to scale in.
 */
const MOST_THREADS = MOST_SCALERS;

const script = (name: string): URL => new URL(`./${name}.worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Where encoding happens. Rects for viewers go to one thread a core; pictures for the API to a thread of
 * their own, started with the first one, so that a slow PNG never stands before a frame.
 */
export class EncoderPool {
  readonly #frame: SharedFrame;
  readonly #rects: WorkerPool<EncodeJob, EncodedRect>;
  #pictures: WorkerPool<PictureJob, Picture> | undefined;
  #closed = false;

  constructor(frame: SharedFrame, threads: number = Math.min(availableParallelism(), MOST_THREADS)) {
    this.#frame = frame;
    this.#rects = new WorkerPool(script('encode'), threads, (lane) => ({ frame, lane }));
  }

  encodeRect(job: EncodeJob): Promise<EncodedRect> {
    return this.#rects.run(job);
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
