import type { Logger } from 'pino';
import type { ArmedCapture, Capture, CapturedTop, Desktop } from '../../desktop/desktop.ts';
import { DesktopError } from '../../desktop/errors.ts';
import type { PlacedCursor } from '../../encode/make/draw-cursor.ts';
import type { EncoderPool } from '../../encode/pool.ts';
import { type DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import type { Motion } from '../../pixels/motion.ts';
import { FrameRecord } from './frame-record.ts';
import type { ShownFrame, Taker } from './taker.ts';
import { runUpdatePass, TopFirstPass } from './update-pass.ts';

/** What the loop feeds. */
export interface FrameConsumers {
  /** Takers that could be sent an update now, if they lack anything. Asked often: it must be cheap. */
  ready(): Taker[];
  /** Those of `ready()` that lack something. */
  owed(): Taker[];
  /**
   * Whoever lacks something and is not ready is being held up from now on; with `damaged` there is something
   * new for everybody.
   */
  holdUp(nowMs: number, damaged: boolean): void;
  /** The picture has changed there, as of the frame of that record; `motion` says what of that has moved. */
  changed(tiles: DirtyTiles, record: FrameRecord, motion?: Motion): void;
  /** The picture has another size, and all of it has changed. */
  resized(capture: Capture): void;
  /** Whether a tile of the picture keeps changing. */
  isMoving(tileX: number, tileY: number, nowMs: number): boolean;
  /** The pointer as it is to be drawn into the picture, where anybody wants that. */
  drawnCursor(): PlacedCursor | undefined;
  /** Whether a tile has held still for a while. */
  isStill(tileX: number, tileY: number, nowMs: number): boolean;
}

/**
 * A frame that comes this much before its time, as a share of the interval, is taken without delay: a program
 * painting at exactly the highest rate would else lose frames to the jitter of its timer.
 */
const EARLY_SHARE = 0.5;

/** Somebody who waits for a picture captured after they asked. Called while the shown picture holds still. */
interface FreshReader {
  read(): void;
  fail(error: Error): void;
}

/** Somebody who waits for the next frame to be sent. */
interface FrameWaiter {
  resolve(record: FrameRecord): void;
  reject(error: Error): void;
}

/** A capture that has begun. */
interface Run {
  readonly record: FrameRecord;
  /** Who asked before it began. */
  readonly readers: readonly FreshReader[];
  /** Begun with the upper part of the capture while the rest was still under way. */
  early?: EarlyPass;
}

/** A capture that is over, and not committed yet. */
interface Pending {
  readonly run: Run;
  readonly capture: Capture;
}

/** A capture that begins with the next damage, or has. */
interface Armed {
  readonly capture: ArmedCapture;
  /** Once it is known to have begun. */
  run?: Run;
}

interface EarlyPass {
  readonly tileRows: number;
  /** Goes on with the rest of the frame; undefined where nobody was there to begin with. */
  readonly finish: (() => void) | undefined;
}

/**
 * Decides when: captures follow damage at no more than the highest frame rate, and only while somebody is ready
 * for a frame; updates follow as soon as the picture holds still.
 *
 * A capture may overlap the encoding of the frame before it, but its changes are committed to the shown picture
 * only when nobody reads that: `#writing` (a commit, or a capture that commits at once) and `#readers` (update
 * passes and screenshots) exclude each other. The one exception is an early pass: it reads the upper rows of
 * a capture that commits at once, which are done, while the lower ones are being written.
 *
 * Between frames, when nobody reads, a capture is armed: it begins with the next damage by itself. Every `wake`
 * calls it off, so that all else is decided as if there were none, and arms another at its end.
 */
export class FrameLoop {
  readonly #desktop: Desktop;
  readonly #pool: EncoderPool;
  readonly #consumers: FrameConsumers;
  readonly #log: Logger;
  readonly #intervalMs: number;
  readonly #onFrame = new Set<FrameWaiter>();
  #damagedAtMs: number | undefined = performance.now();
  /** Since when there has been damage that anybody waits for: what nobody wants to see takes no time. */
  #noticedAtMs: number | undefined;
  #dueAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #capturing = false;
  #writing = false;
  #readers = 0;
  #pending: Pending | undefined;
  #armed: Armed | undefined;
  #fresh: FrameRecord | undefined;
  #freshReaders: FreshReader[] = [];
  #version = 0;
  #lost = false;
  #closed = false;

  constructor(options: {
    desktop: Desktop;
    pool: EncoderPool;
    consumers: FrameConsumers;
    maxFps: number;
    log: Logger;
  }) {
    this.#desktop = options.desktop;
    this.#pool = options.pool;
    this.#consumers = options.consumers;
    this.#log = options.log;
    this.#intervalMs = 1000 / options.maxFps;
    this.#desktop.on('damage', () => {
      this.#damagedAtMs ??= performance.now();
      this.wake();
    });
    this.#desktop.on('lost', () => {
      this.#lost = true;
      this.#disarm();
    });
    this.#desktop.on('back', () => {
      this.#lost = false;
      this.#damagedAtMs ??= performance.now();
      this.wake();
    });
  }

  /** Shortest time from frame to frame, in milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Goes up with every change of the shown picture. */
  get version(): number {
    return this.#version;
  }

  /** Whether something may have changed that no frame shows yet. */
  get hasDamage(): boolean {
    return this.#damagedAtMs !== undefined || this.#capturing || this.#pending !== undefined;
  }

  /** Whether no capture, commit or update is under way, and no frame waits for its time. */
  get isIdle(): boolean {
    return !this.#capturing && !this.#pending && !this.#writing && this.#readers === 0 && !this.#timer;
  }

  /** Looks what can be done now. To be called whenever damage, a viewer or a wish has come. */
  wake(): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#disarm();
    if (this.#damagedAtMs !== undefined && (this.#readers > 0 || this.#consumers.ready().length > 0))
      this.#noticedAtMs ??= now;
    this.#consumers.holdUp(now, this.#damagedAtMs !== undefined || this.#pending !== undefined);
    if (this.#pending && !this.#writing && this.#readers === 0) this.#commit(this.#pending);
    // Where captures take longer than the interval the next one is due already, and would always go first.
    if (this.#fresh && !this.#writing && !this.#pending) this.#send(now);
    if (!this.#pending && !this.#capturing && this.#wantsCapture()) this.#captureWhenDue(now);
    if (!this.#writing && !this.#pending) this.#send(now);
    this.#arm();
  }

  /**
   * Reads the shown picture as soon as it is one that was captured after this call. It holds still until `read`
   * calls `release`, which should be as soon as it has read all it needs, or until `read` settles.
   */
  readFresh<T>(read: (release: () => void) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#freshReaders.push({
        read: () => {
          const release = this.#holdStill();
          // The async function makes a throw a rejection, so that the picture is let go whatever happens.
          (async () => read(release))().finally(release).then(resolve, reject);
        },
        fail: reject,
      });
      this.wake();
    });
  }

  /** Captures as soon as it may, whether there is damage or not. */
  captureAnyway(): void {
    this.#damagedAtMs ??= performance.now();
    this.wake();
  }

  /** The next frame that was captured and sent; rejects where it could not be. `signal` gives up waiting. */
  nextFrame(signal: AbortSignal): Promise<FrameRecord> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#onFrame.add(waiter);
      signal.addEventListener('abort', () => this.#onFrame.delete(waiter), { once: true });
    });
  }

  /** Ends the loop; what waits for a fresh picture is refused. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#disarm();
    const error = new DesktopError('DESKTOP_CLOSED');
    for (const reader of this.#pending?.run.readers ?? []) reader.fail(error);
    this.#failWaiting(error);
  }

  #wantsCapture(): boolean {
    if (this.#lost) {
      this.#failWaiting(new DesktopError('DESKTOP_LOST'));
      return false;
    }
    if (this.#freshReaders.length > 0) return true;
    return this.#damagedAtMs !== undefined && this.#consumers.ready().length > 0;
  }

  #failWaiting(error: Error): void {
    for (const reader of this.#freshReaders.splice(0)) reader.fail(error);
    for (const waiter of this.#onFrame) waiter.reject(error);
    this.#onFrame.clear();
  }

  #captureWhenDue(now: number): void {
    const waitMs = this.#dueAtMs - now;
    if (waitMs <= 0) {
      this.#capture(now);
    } else {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.wake();
      }, waitMs);
    }
  }

  #capture(now: number): void {
    const record = new FrameRecord(this.#noticedAtMs ?? now, now);
    record.damagedAtMs = this.#damagedAtMs ?? now;
    const run: Run = { record, readers: this.#freshReaders.splice(0) };
    this.#damagedAtMs = undefined;
    this.#noticedAtMs = undefined;
    const commitAtOnce = this.#readers === 0;
    this.#begins(now, commitAtOnce);
    const onTop = (top: CapturedTop): void => this.#beginEarly(top, run);
    const captured = this.#desktop.capture({ commitAtOnce, onTop });
    void this.#follow(captured, () => run, commitAtOnce);
  }

  /** Where there is nothing else to do. */
  #arm(): void {
    if (this.#armed || this.#capturing || this.#writing || this.#pending || this.#readers > 0) return;
    if (this.#lost || this.#damagedAtMs !== undefined || this.#freshReaders.length > 0) return;
    if (this.#consumers.ready().length === 0) return;
    const capture = this.#desktop.armCapture({
      notBeforeMs: this.#dueAtMs,
      onTop: (top) => this.#beginEarly(top, this.#hasBegun(armed)),
    });
    if (!capture) return;
    const armed: Armed = { capture };
    this.#armed = armed;
    const begun = (): Run | undefined => {
      this.#disarm();
      return armed.run;
    };
    void this.#follow(capture.captured, begun, true);
  }

  /** Calls off a capture that has not begun. One that has is under way like any other. */
  #disarm(): void {
    if (!this.#armed) return;
    if (this.#armed.capture.callOff()) this.#armed = undefined;
    else this.#hasBegun(this.#armed);
  }

  /** A capture that was armed has begun, some time ago. Those who ask for a picture only now want another. */
  #hasBegun(armed: Armed): Run {
    if (!armed.run) {
      const { damagedAtMs } = armed.capture;
      armed.run = { record: new FrameRecord(damagedAtMs, damagedAtMs), readers: [] };
      this.#begins(damagedAtMs, true);
      this.#consumers.holdUp(damagedAtMs, true);
    }
    return armed.run;
  }

  #begins(atMs: number, commitAtOnce: boolean): void {
    this.#dueAtMs = Math.max(this.#dueAtMs, atMs - this.#intervalMs * EARLY_SHARE) + this.#intervalMs;
    this.#capturing = true;
    this.#writing = commitAtOnce;
  }

  /** Goes on with what a capture finds; `begun` gives its run, if it has begun. */
  async #follow(
    captured: Promise<Capture>,
    begun: () => Run | undefined,
    isCommitted: boolean,
  ): Promise<void> {
    try {
      const capture = await captured;
      const run = begun()!;
      this.#capturing = false;
      this.#armed = undefined;
      const { record } = run;
      record.size = capture.size;
      record.changedPx = capture.changed.areaPx;
      record.readUs = capture.readUs;
      record.compareUs = capture.compareUs;
      if (this.#closed) throw new DesktopError('DESKTOP_CLOSED');
      if (isCommitted) this.#committed({ run, capture });
      else this.#pending = { run, capture };
    } catch (error) {
      const run = begun();
      // Armed, and the display went away before any damage came.
      if (!run) return;
      this.#captureFailed(error as Error, run.readers);
      run.early?.finish?.();
    }
    this.wake();
  }

  /**
   * The upper part of a frame goes to whoever is ready while the rest is still being captured: encoders read
   * other rows than the ones that are being written.
   */
  #beginEarly({ tileRows, changed }: CapturedTop, run: Run): void {
    const { record } = run;
    this.#consumers.changed(changed, record);
    run.early = { tileRows, finish: undefined };
    const takers = this.#closed ? [] : this.#consumers.owed().filter((taker) => taker.takesTopFirst);
    if (takers.length === 0) return;
    const release = this.#holdStill();
    const pass = new TopFirstPass(takers, tileRows, this.#shown(), this.#pool, record);
    const finish = async (): Promise<void> => {
      await this.#answering(pass.finish(this.#shown()), record, true);
      release();
    };
    run.early = { tileRows, finish: () => void finish() };
  }

  #captureFailed(error: Error, readers: readonly FreshReader[]): void {
    this.#capturing = false;
    this.#armed = undefined;
    this.#writing = false;
    if (!this.#closed && !this.#lost) this.#log.warn({ err: error }, 'A capture failed');
    this.#damagedAtMs ??= performance.now();
    for (const reader of readers) reader.fail(error);
  }

  async #commit(pending: Pending): Promise<void> {
    this.#writing = true;
    try {
      await this.#desktop.commit();
      this.#pending = undefined;
      this.#committed(pending);
    } catch (error) {
      this.#pending = undefined;
      this.#captureFailed(error as Error, pending.run.readers);
    }
    this.wake();
  }

  /** Tells everybody; the caller wakes the loop then. Nothing may begin to write before all of them know. */
  #committed({ capture, run: { record, readers, early } }: Pending): void {
    this.#writing = false;
    this.#readers++;
    try {
      if (capture.resized || !capture.changed.isEmpty) this.#version++;
      if (early) capture.changed.takeTop(early.tileRows);
      if (capture.resized) this.#consumers.resized(capture);
      else this.#consumers.changed(capture.changed, record, capture.motion);
      if (early?.finish) early.finish();
      else this.#fresh = record;
      for (const reader of readers) reader.read();
    } finally {
      this.#readers--;
    }
  }

  #send(now: number): void {
    const captured = this.#fresh;
    this.#fresh = undefined;
    const takers = this.#consumers.owed();
    if (takers.length > 0)
      void this.#runPass(takers, captured ?? this.#resendRecord(now), captured !== undefined);
  }

  /** For takers that come late to a picture that has been there for a while. */
  #resendRecord(now: number): FrameRecord {
    const record = new FrameRecord(now, now);
    record.size = this.#desktop.size;
    return record;
  }

  async #runPass(takers: readonly Taker[], record: FrameRecord, captured: boolean): Promise<void> {
    const release = this.#holdStill();
    await this.#answering(runUpdatePass(takers, this.#shown(), this.#pool, record), record, captured);
    release();
  }

  /** Tells those who wait for a frame how it went with this one. Never rejects. */
  async #answering(pass: Promise<void>, record: FrameRecord, captured: boolean): Promise<void> {
    const waiters = captured ? [...this.#onFrame] : [];
    for (const waiter of waiters) this.#onFrame.delete(waiter);
    try {
      await pass;
      for (const waiter of waiters) waiter.resolve(record);
    } catch (error) {
      if (!this.#closed) this.#log.error({ err: error }, 'A frame could not be encoded');
      for (const waiter of waiters) waiter.reject(error as Error);
    }
  }

  #shown(): ShownFrame {
    const { frame, size } = this.#desktop;
    const now = performance.now();
    return {
      size,
      webpPx: this.#pool.webpPx(this.#intervalMs),
      colours: new Uint16Array(frame.memory.buffer, frame.coloursAt, tileCount(size)),
      isMoving: (tileX, tileY) => this.#consumers.isMoving(tileX, tileY, now),
      cursor: this.#consumers.drawnCursor(),
      isStill: (tileX, tileY) => this.#consumers.isStill(tileX, tileY, now),
    };
  }

  #holdStill(): () => void {
    this.#readers++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#readers--;
      this.wake();
    };
  }
}
