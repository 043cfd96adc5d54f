import type { Logger } from 'pino';
import type { CapturedTop, Desktop } from '../../desktop/desktop.ts';
import { DesktopError } from '../../desktop/errors.ts';
import type { EncoderPool } from '../../encode/pool.ts';
import { tileCount } from '../../pixels/dirty-tiles.ts';
import type { FrameCounters } from '../../stats/frame-counters.ts';
import { BackgroundEncoding, isForBackground } from './background-encoding.ts';
import type { FrameConsumers } from './frame-consumers.ts';
import { FrameRecord } from './frame-record.ts';
import { planPass } from './own-updates.ts';
import type { PictureLock, Release } from './picture-lock.ts';
import { PictureRects } from './picture-rects.ts';
import type { ShownFrame, Taker } from './taker.ts';
import { type Encoding, type PassBounds, runUpdatePass, TopFirstPass } from './update-pass.ts';
import { FRAME_LIMIT_MS, Waiters } from './waiters.ts';

export interface FrameSenderOptions {
  readonly desktop: Desktop;
  readonly pool: EncoderPool;
  readonly consumers: FrameConsumers;
  /** Read by each pass, until no encoder needs the picture any more. */
  readonly lock: PictureLock;
  /** Shortest time from frame to frame, in milliseconds. */
  readonly intervalMs: number;
  readonly log: Logger;
  /** Counts the frames that are sent. */
  readonly counters: FrameCounters | undefined;
  /** Whether a frame waits until the shown picture is not read any more. */
  isPictureWanted(): boolean;
  /** A pass is over: the picture may be written, or viewers may be ready again. */
  passEnded(): void;
}

/** Sends what follows the top of a frame. `failure`: the rest of it could not be captured. */
export type SendRest = (failure?: Error) => void;

/** Sends the shown picture to the viewers that are ready and lack something. */
export class FrameSender {
  readonly #options: FrameSenderOptions;
  readonly #rects: PictureRects;
  readonly #background: BackgroundEncoding;
  /** Callers that wait for the next frame that was captured and sent. */
  #frames = new Waiters<FrameRecord>();
  /** Called when that frame begins to be sent. */
  readonly #begins = new Set<() => void>();
  #isClosed = false;

  constructor(options: FrameSenderOptions) {
    this.#options = options;
    this.#rects = new PictureRects(options.pool, options.lock);
    const { threads } = options.pool;
    const isPictureWanted = (): boolean => options.isPictureWanted();
    this.#background = new BackgroundEncoding({ threads, isPictureWanted });
  }

  /** Takers that could be sent an update now, if they lack anything. */
  ready(): Taker[] {
    return this.#served(this.#options.consumers.ready());
  }

  /** Those of `ready()` that lack something. */
  owed(): Taker[] {
    return this.#served(this.#options.consumers.owed());
  }

  /** Whether a caller waits for the next frame. */
  get hasWaiters(): boolean {
    return !this.#frames.isEmpty;
  }

  /**
   * Resolves with the next frame that is captured and sent from now on. Calls `begins` just before the first update of
   * it begins. Rejects if it cannot be sent, or after FRAME_LIMIT_MS. The promise stays unsettled once `signal` is
   * aborted.
   */
  async nextFrame(signal: AbortSignal, begins: () => void): Promise<FrameRecord> {
    if (this.#isClosed) throw new DesktopError('DESKTOP_CLOSED');
    this.#begins.add(begins);
    signal.addEventListener('abort', () => this.#begins.delete(begins));
    return this.#frames.wait('the next frame', FRAME_LIMIT_MS, signal);
  }

  /** Rejects the callers that wait for the next frame. */
  refuse(error: Error): void {
    this.#frames.rejectAll(error);
  }

  /** Sends a frame that was just committed. */
  sendFrame(record: FrameRecord): void {
    const takers = this.owed();
    if (takers.length > 0) this.#send(takers, record, true);
  }

  /** Sends what viewers lack of a picture that has been shown for a while. */
  resend(nowMs: number): void {
    const { desktop } = this.#options;
    const record = new FrameRecord(nowMs, nowMs);
    record.size = desktop.size;
    this.#send(this.owed(), record, false);
  }

  /**
   * Sends the upper part of a frame while the rest of it is captured. Returns what sends the rest, or as much of it as
   * there is if the capture failed; undefined if no viewer takes the top first.
   */
  sendTop({ tileRows }: CapturedTop, record: FrameRecord): SendRest | undefined {
    const { consumers, lock } = this.#options;
    // An update in the background may be interrupted, and is made in one part.
    const mayTake = (taker: Taker): boolean =>
      taker.takesTopFirst && !(consumers.hasForeground && isForBackground(taker));
    const owed = this.#isClosed ? [] : consumers.owed().filter(mayTake);
    if (owed.length === 0) return undefined;
    const shown = this.#shown();
    const { takers, time } = this.#plan(owed, shown);
    const frames = this.#takeWaiters();
    const over = this.#passOver(record, lock.readTop(), true, frames);
    const pass = new TopFirstPass(takers, tileRows, shown, this.#encoding(), record, time);
    return (failure) => {
      if (failure) frames?.rejectAll(failure);
      this.#follow(pass.finish(this.#shown()), over);
    };
  }

  /** Sends no new frame, and refuses the callers that wait for one. */
  close(error: Error): void {
    this.#isClosed = true;
    this.refuse(error);
  }

  #send(takers: readonly Taker[], record: FrameRecord, isCaptured: boolean): void {
    const { lock, log } = this.#options;
    let shown: ShownFrame;
    try {
      shown = this.#shown();
    } catch (error) {
      // Without this, the same viewers would be owed an update that fails again.
      log.error({ err: error }, 'A frame could not be encoded');
      for (const taker of takers) taker.failed(error as Error);
      if (isCaptured) this.refuse(error as Error);
      return;
    }
    const over = this.#passOver(
      record,
      lock.read(),
      isCaptured,
      isCaptured ? this.#takeWaiters() : undefined,
    );
    try {
      const { takers: chosen, time, background } = this.#plan(takers, shown);
      const pass = runUpdatePass(chosen, shown, this.#encoding(), record, { time, background });
      if (pass) this.#follow(pass, over);
      // The release has the loop look again, unless it does so anyway.
      else over();
    } catch (error) {
      over(error);
    }
  }

  /** The takers of one pass. A single user delays no other, and is sent everything. */
  #plan(
    takers: readonly Taker[],
    { colours }: ShownFrame,
  ): { readonly takers: readonly Taker[] } & PassBounds {
    const { users, hasForeground } = this.#options.consumers;
    if (!hasForeground) return users > 1 ? planPass(takers, colours, users, []) : { takers };
    const { foreground, background: chosen } = this.#background.choose(takers);
    const background = { encoding: this.#background, takers: new Set(chosen) };
    if (users > 1) return { ...planPass(foreground, colours, users, chosen), background };
    return { takers: [...foreground, ...chosen], background };
  }

  /** Takers for the background are served one after the other, and not while a frame waits for the picture. */
  #served(takers: Taker[]): Taker[] {
    const { consumers, isPictureWanted } = this.#options;
    if (!this.#background.isBusy && !(consumers.hasForeground && isPictureWanted())) return takers;
    return takers.filter((taker) => !isForBackground(taker));
  }

  /** The encoding of a pass. Viewers share rects, also those that are ready for them later. */
  #encoding(): Encoding {
    const isShared = this.#options.consumers.watchers > 1;
    return (job, count) => this.#rects.encode(job, isShared, count);
  }

  #follow(pass: Promise<void>, over: (error?: unknown) => void): void {
    void pass.then(() => over(), over).then(() => this.#options.passEnded());
  }

  /** Takes the callers that wait for a frame, before a pass with one begins. */
  #takeWaiters(): Waiters<FrameRecord> | undefined {
    if (!this.hasWaiters) return undefined;
    const frames = this.#frames;
    this.#frames = new Waiters();
    for (const tell of this.#begins) tell();
    this.#begins.clear();
    return frames;
  }

  /** Returns what must be called when a pass is over: it answers these callers, and releases the picture. */
  #passOver(
    record: FrameRecord,
    release: Release,
    isCaptured: boolean,
    frames: Waiters<FrameRecord> | undefined,
  ): (error?: unknown) => void {
    return (error) => {
      if (error === undefined) {
        if (isCaptured) record.countIn(this.#options.counters);
        frames?.resolveAll(() => record);
      } else {
        if (!this.#isClosed) this.#options.log.error({ err: error }, 'A frame could not be encoded');
        frames?.rejectAll(error as Error);
      }
      release();
    };
  }

  #shown(): ShownFrame {
    const { consumers, desktop, intervalMs, pool } = this.#options;
    const { frame, size } = desktop;
    const now = performance.now();
    return {
      size,
      webpPx: pool.webpPx(intervalMs),
      colours: new Uint16Array(frame.memory.buffer, frame.coloursAt, tileCount(size)),
      isMoving: (tileX, tileY) => consumers.isMoving(tileX, tileY, now),
      isStill: (tileX, tileY) => consumers.isStill(tileX, tileY, now),
      cursor: consumers.drawnCursor(),
    };
  }
}
