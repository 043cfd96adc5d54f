import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { dropPages } from '../common/process-memory.ts';
import type { Packer } from '../pixels/kernels/packer.ts';
import { areaPx } from '../pixels/rect.ts';
import { encoderScratch, MOST_PACKERS, MOST_SCALERS, type SharedFrame } from '../pixels/shared-frame.ts';
import { ThreadError } from '../threads/errors.ts';
import type { Ticker } from '../threads/judge-thread.ts';
import { NativeGate } from '../threads/native-gate.ts';
import { type Hold, type ThreadStart, WorkerPool } from '../threads/worker-pool.ts';
import { EarlyRects } from './early-rects.ts';
import { encodeRect } from './make/encode-rect.ts';
import type { EncodedRect, EncodeJob } from './make/job.ts';
import type { Picture, PictureJob } from './make/picture.ts';
import type { Method } from './plan/plan-rects.ts';
import { WebpBudget } from './plan/webp-budget.ts';
import {
  type AnsweredRect,
  type EncodeThreadData,
  NOTHING,
  type PictureThreadData,
} from './threads/encode-messages.ts';
import { EncodedArena, type Place } from './threads/encoded-arena.ts';
import { createThreadPacker } from './threads/thread-packer.ts';

/**
 * Most encoder threads. A larger value gains nothing: a frame has about nine strips, each thread is a V8 of its own,
 * and each needs scratch to scale in.
 */
const MOST_THREADS = MOST_SCALERS;

/**
 * Pixels encoded without loss on the calling thread in one turn of its event loop. Handing a rect to another thread and
 * back takes 25 to 60 µs, and longer while the cores are busy. A larger value holds up the calling thread, a smaller
 * one delays small changes. Table: docs/encoding.md.
 */
const MOST_HERE_PX = 16 * 1024;

/**
 * Time of a pixel by method, where that of a pixel of Tight without loss is 1: bench/micro/small-rects.ts and
 * bench/micro/older-encodings.ts.
 */
const TIME_OF_PX: Partial<Record<Method['name'], number>> = { jpeg: 1 / 4, hextile: 4, zrle: 2, zlib: 2 };

/**
 * Milliseconds that an encoder thread may be silent while it has a rect. A rect takes 5-30 ms. A larger value means
 * that a thread that hangs stops the viewers' frames for longer; a smaller one that a thread is replaced only because
 * the machine is busy.
 */
const RECT_LIMIT_MS = 5_000;

/**
 * Milliseconds without a hold and without a rect after which the encoder threads end, and give back 12 MB each. A
 * smaller value starts them again, in 150 ms, for a viewer that reconnects; a larger one keeps their memory for longer.
 */
const RECT_IDLE_LIMIT_MS = 2_000;

/**
 * Milliseconds for which frames wait while the system has no descriptor or memory for an encoder thread. Viewers are
 * closed after that: a larger value keeps viewers that see nothing; a smaller one closes them in a short shortage.
 */
const RECT_START_PATIENCE_MS = 60_000;

/**
 * Cores at which threads do not start ahead of a viewer's first picture. To start them takes each of two cores 0.2 s, in
 * which the server cannot send the page its scripts, and a browser on the same machine cannot run them. The calling
 * thread encodes a picture of 1920×1080 in 30 to 50 ms.
 */
const FEW_CORES = 2;

/**
 * Milliseconds after a viewer has come at which threads start where there are few cores: a page has its first picture by
 * then. A larger value leaves the frames of a moving screen to the calling thread for longer.
 */
const START_AFTER_MS = 400;

/** The same as RECT_LIMIT_MS for the picture thread, which delays no frames: a base, and an addition per megapixel. */
const PICTURE_LIMIT_MS = 10_000;
const PICTURE_LIMIT_MS_PER_MPX = 1_000;

/**
 * Milliseconds without a job after which the picture thread ends, and gives back 50-150 MB of scratch. A smaller value
 * starts it again for each picture of a script that takes one now and then, in 150 ms.
 */
const PICTURE_IDLE_LIMIT_MS = 5_000;

/**
 * Encoder threads of a process, one after the other, that may keep a context of zstd. koffi leaves 50 KB and three
 * mappings behind when a thread that loaded it ends: 26 MB at most. With a larger value more memory may be lost; with a
 * smaller one, viewers that connect after many rests sooner cause the garbage collections of node:zlib.
 */
const MOST_ZSTD_KEEPERS = 512;

const script = (name: string): URL =>
  new URL(`./threads/${name}.worker${extname(import.meta.url)}`, import.meta.url);

/** Replacements for the real threads and the real time in tests. */
export interface EncoderPoolSeams {
  readonly rectScript?: URL;
  readonly mostZstdKeepers?: number;
  readonly pictureScript?: URL;
  readonly ticker?: Ticker;
}

/**
 * Encodes rects for viewers and pictures for the API.
 *
 * Rects go to one thread per core. These threads start with the first rect, or earlier by a hold. Small rects, such as
 * a caret or a line of text that is being typed, are encoded on the calling thread. Pictures go to a thread of their
 * own, so that a slow PNG never delays a frame; it starts with the first picture.
 */
export class EncoderPool {
  /** Most encoder threads that work at the same time. */
  readonly threads: number;
  readonly #frame: SharedFrame;
  /** Of the calling thread, which has the lane behind those of the encoder threads. */
  readonly #packer: Packer;
  readonly #rects: WorkerPool<EncodeJob, AnsweredRect>;
  readonly #pictures: WorkerPool<PictureJob | typeof NOTHING, Picture | typeof NOTHING>;
  /** By lane: the arena of the thread that has the lane now, or had it last. */
  readonly #arenas: EncodedArena[] = [];
  /** Places that are given back at the end of this turn of the event loop. */
  #toRelease: { readonly arena: EncodedArena; readonly place: Place }[] = [];
  readonly #webp: WebpBudget;
  /** Encoder threads that may still keep a context of zstd. */
  #zstdKeepersLeft: number;
  /** Pixels encoded on the calling thread in this turn. */
  #herePx = 0;
  readonly #early: EarlyRects;
  /** Whether threads start later. Until one has, the calling thread encodes. */
  #isEarly = false;
  #closed = false;

  constructor(
    frame: SharedFrame,
    threads: number = Math.min(availableParallelism(), MOST_THREADS),
    {
      rectScript = script('encode'),
      pictureScript = script('picture'),
      mostZstdKeepers = MOST_ZSTD_KEEPERS,
      ticker,
    }: EncoderPoolSeams = {},
  ) {
    this.#frame = frame;
    this.threads = threads;
    this.#zstdKeepersLeft = mostZstdKeepers;
    this.#packer = createThreadPacker(frame, MOST_PACKERS - 1);
    const clock = ticker ? { ticker } : {};
    this.#rects = new WorkerPool({
      script: rectScript,
      name: 'deskwire-encode',
      threads,
      start: (lane) => this.#startRectThread(lane),
      limitMs: () => RECT_LIMIT_MS,
      idleLimitMs: RECT_IDLE_LIMIT_MS,
      startPatienceMs: RECT_START_PATIENCE_MS,
      ...clock,
    });
    this.#pictures = new WorkerPool({
      script: pictureScript,
      name: 'deskwire-picture',
      threads: 1,
      start: () => {
        const gate = new NativeGate();
        return { workerData: { frame, gate: gate.memory } satisfies PictureThreadData, gate };
      },
      limitMs: pictureLimitMs,
      idleLimitMs: PICTURE_IDLE_LIMIT_MS,
      ...clock,
    });
    this.#webp = new WebpBudget(threads);
    this.#early = new EarlyRects((job) => this.#encodeHere(job));
  }

  /** Encoder threads that run, and rects that they have or that wait for them. */
  get load(): { readonly threads: number; readonly waiting: number; readonly running: number } {
    return this.#rects.load;
  }

  /**
   * Encodes a rect of the shown picture, which must not change before: a small one at once, others on the threads. The
   * bytes are valid until the end of the turn of the event loop in which they are returned or the promise settles.
   * Throws if the rect cannot be encoded; rejects with `THREAD_LOST` if two threads were lost with it.
   */
  encodeRect(job: EncodeJob): EncodedRect | Promise<EncodedRect> {
    if (this.#takeHere(job)) return this.#encodeHere(job);
    const isEarly = this.#isEarly && this.load.threads === 0 && canEncodeHere(job);
    return (isEarly ? this.#early.add(job) : undefined) ?? this.#encodeThere(job);
  }

  /** Starts the threads for rects, and keeps them until the hold is released. For as long as there are viewers. */
  hold(): Hold {
    return this.#rects.hold();
  }

  /**
   * Keeps the threads for rects while there are viewers. Where there are few cores they start later, and the calling
   * thread encodes the first picture.
   */
  holdForViewers(): Pick<Hold, 'release'> {
    if (this.threads > FEW_CORES || this.#rects.hasThreads) return this.#rects.hold();
    let hold: Hold | undefined;
    this.#isEarly = true;
    const timer = setTimeout(() => {
      hold = this.#rects.hold();
      // A rect that ends or hangs a thread must not come here.
      void hold.ready.then(() => {
        this.#isEarly = false;
      });
    }, START_AFTER_MS).unref();
    return {
      release: () => {
        clearTimeout(timer);
        this.#isEarly = false;
        hold?.release();
      },
    };
  }

  /**
   * Starts the threads for rects ahead of their first one, unless there are few cores. They end after
   * RECT_IDLE_LIMIT_MS without any.
   */
  warmUp(): void {
    if (this.threads > FEW_CORES) this.#rects.hold().release();
  }

  /** Pixels that can be encoded as WebP in a frame, if the next frame follows after `frameMs`. */
  webpPx(frameMs: number): number {
    return this.#webp.pxOf(frameMs);
  }

  /**
   * Makes a picture of the shown frame. Calls `onRead` when the picture thread has copied the pixels that it needs; the
   * shown picture must not change before. The copy is made when the thread is free, so callers that want the shown
   * picture to change soon start the thread first and ask for one picture at a time.
   */
  async encodePicture(job: PictureJob, onRead: () => void): Promise<Picture> {
    return (await this.#pictures.run(job, onRead)) as Picture;
  }

  /**
   * Resolves when the picture thread runs and has nothing to do; undefined if that is so already. It stays for
   * PICTURE_IDLE_LIMIT_MS.
   */
  startPictureThread(): Promise<unknown> | undefined {
    return this.#pictures.keepFreeThread() ? undefined : this.#pictures.run(NOTHING);
  }

  /** Gives back the memory of encoder threads that have ended. Does nothing while one runs. */
  giveBackMemory(): void {
    if (this.#rects.hasThreads) return;
    // The calling thread's scratch is among it, and keeps nothing from one call to the next.
    dropPages(encoderScratch(this.#frame));
    this.#arenas.length = 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#early.close(new ThreadError('THREADS_CLOSED'));
    await Promise.all([this.#rects.close(), this.#pictures.close()]);
  }

  #encodeHere(job: EncodeJob): EncodedRect {
    return encodeRect(this.#frame, job, { packer: this.#packer });
  }

  async #encodeThere(job: EncodeJob): Promise<EncodedRect> {
    const answer = await this.#rects.run(job);
    if (job.method.name === 'webp') this.#webp.took(areaPx(job.scaledTo ?? job.rect), answer.cpuUs);
    return { ...answer, bytes: this.#bytesOf(answer) };
  }

  #startRectThread(lane: number): ThreadStart {
    const arena = new EncodedArena();
    const gate = new NativeGate();
    this.#arenas[lane] = arena;
    const workerData: EncodeThreadData = {
      frame: this.#frame,
      lane,
      arena: arena.memory,
      gate: gate.memory,
      keepsZstd: this.#zstdKeepersLeft-- > 0,
    };
    return { workerData, gate };
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

  #takeHere(job: EncodeJob): boolean {
    const px = areaPx(job.rect) * (TIME_OF_PX[job.method.name] ?? 1);
    if (this.#closed || !canEncodeHere(job) || this.#herePx + px > MOST_HERE_PX) return false;
    if (this.#herePx === 0) {
      setImmediate(() => {
        this.#herePx = 0;
      });
    }
    this.#herePx += px;
    return true;
  }
}

/** WebP takes longer than the way to a thread and back, and its encoder is loaded on the threads only. */
const canEncodeHere = ({ method, scaledTo }: EncodeJob): boolean =>
  scaledTo === undefined && method.name !== 'webp';

function pictureLimitMs(job: PictureJob | typeof NOTHING): number {
  return PICTURE_LIMIT_MS + (job === NOTHING ? 0 : (areaPx(job.crop) / 1e6) * PICTURE_LIMIT_MS_PER_MPX);
}
