import { BoundedMap } from '../common/bounded-map.ts';
import { answerWithin } from '../desktop/answer-within.ts';
import type { Desktop } from '../desktop/desktop.ts';
import { DesktopError } from '../desktop/errors.ts';
import type { PlacedCursor } from '../encode/make/draw-cursor.ts';
import type { PictureJob } from '../encode/make/picture.ts';
import type { EncoderPool } from '../encode/pool.ts';
import { ThreadError } from '../threads/errors.ts';
import type { Overlays } from './dlp/overlays.ts';
import { SessionError } from './errors.ts';
import type { FrameLoop } from './frame/frame-loop.ts';
import type { Fresh } from './frame/phase.ts';
import type { Release } from './frame/picture-lock.ts';
import { planScreenshot } from './plan-screenshot.ts';
import { placeCursor } from './screen/drawn-cursor.ts';
import type { Screenshot, ScreenshotRequest } from './session.ts';

/**
 * Bytes of pictures of the shown version that are kept for callers that ask for the same again. A larger value takes
 * memory until the screen changes or the session is at rest; a picture that alone is larger is made each time.
 */
const KEPT_BYTES = 16 << 20;

/**
 * Screenshots that may wait. A picture takes 10-300 ms, so the last one waits for 20 s at worst. A larger value keeps
 * callers waiting that have given up; a smaller one refuses scripts that ask for many different pictures at once.
 */
export const MOST_WAITING = 64;

/** Milliseconds that a screenshot may wait before it is refused. As with `MOST_WAITING`. */
export const WAIT_LIMIT_MS = 20_000;

/**
 * Milliseconds that the picture thread gets to copy the shown picture, which viewers' frames wait for. It takes 1-10
 * ms. A larger value stops frames for longer if the thread hangs; a smaller one fails screenshots on a busy machine.
 */
export const COPY_LIMIT_MS = 1_000;

/**
 * Milliseconds that the desktop gets to say where its pointer is. It is asked for pictures with the pointer, and always
 * while the picture thread starts: the API promises an answer within 5 s from a desktop that hangs, however long that
 * start takes. A larger value breaks that, a smaller one fails screenshots on a busy machine.
 */
const POINTER_LIMIT_MS = 4_000;

interface Waiting {
  readonly request: ScreenshotRequest;
  readonly sinceMs: number;
  readonly resolve: (screenshot: Screenshot) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Makes the screenshots of the API, one at a time, each of what the screen shows after the request came. While the
 * screen stands still, an equal request is answered by the picture that was made before. While one picture is being
 * encoded, the screen is captured for the next one.
 *
 * A screenshot keeps the shown picture unchanged only while the picture thread copies the pixels, never while it waits
 * for the thread. Requests for the same picture that wait at the same time share one.
 */
export class Screenshots {
  readonly #desktop: Desktop;
  readonly #loop: FrameLoop;
  readonly #pool: EncoderPool;
  readonly #overlays: Pick<Overlays, 'of'>;
  readonly #now: () => number;
  /** Oldest first. */
  readonly #waiting = new Set<Waiting>();
  #isServing = false;
  /** By what the picture shows, without the pointer: pictures of version `#keptVersion`. */
  #kept = new BoundedMap<string, Screenshot>(KEPT_BYTES, ({ bytes }) => bytes.length);
  #keptVersion = -1;

  constructor(
    desktop: Desktop,
    loop: FrameLoop,
    pool: EncoderPool,
    overlays: Pick<Overlays, 'of'>,
    now = () => performance.now(),
  ) {
    this.#desktop = desktop;
    this.#loop = loop;
    this.#pool = pool;
    this.#overlays = overlays;
    this.#now = now;
  }

  /** Rejects with SessionError `SESSION_SCREENSHOTS_BUSY` if too many wait, or if this one has waited for too long. */
  take(request: ScreenshotRequest): Promise<Screenshot> {
    if (this.#waiting.size >= MOST_WAITING) {
      return Promise.reject(new SessionError('SESSION_SCREENSHOTS_BUSY'));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.add({ request, sinceMs: this.#now(), resolve, reject });
      if (!this.#isServing) void this.#serve();
    });
  }

  /** Drops the pictures that are kept of an older version. Called when the shown picture has changed. */
  shownChanged(): void {
    if (this.#keptVersion === this.#loop.version) return;
    this.#keptVersion = this.#loop.version;
    if (this.#kept.size > 0) this.forget();
  }

  /** Drops the pictures that are kept. */
  forget(): void {
    this.#kept = new BoundedMap(KEPT_BYTES, ({ bytes }) => bytes.length);
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#waiting.size > 0) await this.#serveRound(new Set(this.#waiting));
    this.#isServing = false;
  }

  /** Answers the requests of a round that have a kept picture, or that one picture has to be made for. Never rejects. */
  async #serveRound(round: ReadonlySet<Waiting>): Promise<void> {
    try {
      await this.#serveKept(round);
      if (![...round].some((waiting) => this.#waiting.has(waiting))) return;
      const starting = this.#pool.startPictureThread();
      const isPointerWanted = [...round].some(({ request }) => request.cursor);
      if (!starting && !isPointerWanted)
        await this.#loop.readFresh((fresh) => this.#serveShown(round, undefined, fresh));
      else await this.#serveWhenReady(round, starting);
    } catch (error) {
      // A desktop that does not answer would keep the requests that came meanwhile waiting for just as long.
      const refused = error instanceof DesktopError ? this.#waiting : round;
      for (const waiting of [...refused]) this.#answer(waiting, Promise.reject(toSessionError(error)));
    }
  }

  /**
   * Serves a round while the thread starts or is still encoding the picture before. The screen is captured meanwhile, and
   * read when the thread has nothing to do, so that no frame waits for that.
   */
  async #serveWhenReady(round: ReadonlySet<Waiting>, starting: Promise<unknown> | undefined): Promise<void> {
    const [cursor, asOfMs] = await Promise.all([
      cursorNow(this.#desktop),
      this.#loop.readFresh(async (fresh) => fresh.asOfMs),
      starting,
    ]);
    const release = await this.#loop.readShown();
    try {
      await this.#serveShown(round, cursor, { release, asOfMs });
    } finally {
      release();
    }
  }

  /** Answers the requests for pictures that are kept, if the screen has not changed since. Reads no pixels. */
  async #serveKept(round: ReadonlySet<Waiting>): Promise<void> {
    if (this.#kept.size === 0 || !(await this.#loop.isCurrent())) return;
    this.shownChanged();
    for (const waiting of round) {
      const kept = this.#keptFor(waiting.request);
      if (kept) this.#answer(waiting, Promise.resolve(kept));
    }
  }

  /** The kept picture of a request. Undefined also if the request is one that is refused. */
  #keptFor(request: ScreenshotRequest): Screenshot | undefined {
    if (request.cursor) return undefined;
    try {
      return this.#kept.get(this.#plan(request, undefined).key);
    } catch {
      return undefined;
    }
  }

  /** What a request asks for, and the key of its picture. Throws a SessionError for a request that is refused. */
  #plan(request: ScreenshotRequest, cursor: PlacedCursor | undefined): { job: PictureJob; key: string } {
    const overlay = this.#overlays.of(request.onlooker, new Date());
    const job = planScreenshot(this.#desktop.size, request, cursor, overlay);
    const key = JSON.stringify({ ...job, cursor: job.cursor && 'drawn', overlay: overlay?.key });
    return { job, key };
  }

  /**
   * Begins the picture that the oldest request of the round asks for, and resolves when its pixels have been read. Leaves
   * requests for other pictures to the next round. Requests that came after the round began, but before the picture was
   * captured, share it.
   */
  async #serveShown(
    round: ReadonlySet<Waiting>,
    cursor: PlacedCursor | undefined,
    { release, asOfMs }: Fresh,
  ): Promise<void> {
    this.shownChanged();
    const { promise: isRead, resolve: read } = Promise.withResolvers<void>();
    const done = (): void => {
      release();
      read();
    };
    let made: { readonly key: string; readonly picture: Promise<Screenshot> } | undefined;
    for (const waiting of [...this.#waiting]) {
      // The pointer may have moved since the round began.
      const isOfRound = round.has(waiting) || (waiting.sinceMs <= asOfMs && !waiting.request.cursor);
      if (!isOfRound) continue;
      try {
        if (this.#now() - waiting.sinceMs > WAIT_LIMIT_MS) throw new SessionError('SESSION_SCREENSHOTS_BUSY');
        const { job, key } = this.#plan(waiting.request, cursor);
        const kept = this.#kept.get(key);
        if (!kept) made ??= { key, picture: this.#make(job, key, done) };
        if (kept) this.#answer(waiting, Promise.resolve(kept));
        else if (made?.key === key) this.#answer(waiting, made.picture);
      } catch (error) {
        this.#answer(waiting, Promise.reject(error));
      }
    }
    if (made) await Promise.race([isRead, made.picture.catch(() => undefined)]);
  }

  #answer(waiting: Waiting, screenshot: Promise<Screenshot>): void {
    this.#waiting.delete(waiting);
    screenshot.then(waiting.resolve, waiting.reject);
  }

  async #make(job: PictureJob, key: string, release: Release): Promise<Screenshot> {
    const version = this.#loop.version;
    let isTorn = false;
    const late = setTimeout(() => {
      isTorn = true;
      release();
    }, COPY_LIMIT_MS);
    try {
      const { bytes, tag } = await this.#pool.encodePicture(job, () => {
        clearTimeout(late);
        release();
      });
      if (isTorn) throw new SessionError('SESSION_SCREENSHOT_FAILED', 'Copying its pixels took too long.');
      const screenshot = { bytes, tag, ...job.size };
      // A pointer moves without a new version of the screen, so pictures with it are not kept.
      if (!job.cursor && version === this.#loop.version) this.#kept.set(key, screenshot);
      return screenshot;
    } catch (error) {
      throw toSessionError(error);
    } finally {
      clearTimeout(late);
    }
  }
}

async function cursorNow(desktop: Desktop): Promise<PlacedCursor | undefined> {
  const answer = answerWithin('the position of the pointer', POINTER_LIMIT_MS, desktop.pointerPosition());
  const position = await answer;
  return desktop.cursor && placeCursor(desktop.cursor, position);
}

function toSessionError(error: unknown): Error {
  if (!(error instanceof ThreadError) || error.code === 'THREAD_NOT_STARTED') return error as Error;
  const code = error.code === 'THREADS_CLOSED' ? 'SESSION_CLOSED' : 'SESSION_SCREENSHOT_FAILED';
  return new SessionError(code, undefined, { cause: error });
}
