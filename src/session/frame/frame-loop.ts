import type { Logger } from 'pino';
import { answerWithin } from '../../desktop/answer-within.ts';
import type { Capture, CapturedTop, Desktop } from '../../desktop/desktop.ts';
import { DesktopError } from '../../desktop/errors.ts';
import type { EncoderPool } from '../../encode/pool.ts';
import type { FrameCounters } from '../../stats/frame-counters.ts';
import { CapturePace } from './capture-pace.ts';
import type { FrameConsumers } from './frame-consumers.ts';
import { FrameRecord } from './frame-record.ts';
import { FrameSender } from './frame-sender.ts';
import { type Action, type Facts, nextAction } from './next-frame-action.ts';
import { type Armed, type Fresh, IDLE, type Phase, type Run } from './phase.ts';
import { PictureLock, type Release } from './picture-lock.ts';
import { FRAME_LIMIT_MS, Waiters } from './waiters.ts';

export interface FrameLoopOptions {
  readonly desktop: Desktop;
  readonly pool: EncoderPool;
  readonly consumers: FrameConsumers;
  readonly maxFps: number;
  readonly log: Logger;
  /** Counts the frames that are sent. */
  readonly counters?: FrameCounters;
}

/** Something may have been drawn that no capture has found yet. */
interface PendingDamage {
  readonly atMs: number;
  /** Time when a viewer was first ready for it. Frame times are counted from here. */
  noticedAtMs?: number;
}

/**
 * Makes frames: captures what was drawn, commits it to the shown picture and sends it to the viewers that are ready.
 * `nextAction` decides what comes next; this class gathers the facts and carries out the action, until it has to wait.
 *
 * Commits and readers of the shown picture (updates and screenshots) exclude each other, by a PictureLock. There is one
 * exception: while a capture that commits at once writes the lower rows, an update may read the upper rows.
 */
export class FrameLoop {
  readonly #desktop: Desktop;
  readonly #consumers: FrameConsumers;
  readonly #log: Logger;
  readonly #pace: CapturePace;
  readonly #lock = new PictureLock(() => this.wake());
  readonly #sender: FrameSender;
  #phase: Phase = IDLE;
  #damage: PendingDamage | undefined = { atMs: performance.now() };
  /** Callers that wait for a picture that is captured from now on. */
  #pictures = new Waiters<Fresh>();
  #sleep: NodeJS.Timeout | undefined;
  #wake: NodeJS.Immediate | undefined;
  #version = 0;
  #display: 'there' | 'lost' | 'closed' = 'there';

  constructor({ desktop, pool, consumers, maxFps, log, counters }: FrameLoopOptions) {
    this.#desktop = desktop;
    this.#consumers = consumers;
    this.#log = log;
    this.#pace = new CapturePace(1000 / maxFps);
    const { intervalMs } = this.#pace;
    const passEnded = (): void => this.#look();
    this.#sender = new FrameSender({
      desktop,
      pool,
      consumers,
      lock: this.#lock,
      intervalMs,
      log,
      counters,
      // A capture that does not commit at once, since the picture is read, or has found what it was to find.
      isPictureWanted: () => this.#phase.kind === 'capturing' || this.#phase.kind === 'captured',
      passEnded,
    });
    desktop.on('damage', () => {
      this.#damage ??= { atMs: performance.now() };
      this.#look();
    });
    desktop.on('lost', () => this.#displayIs('lost'));
    desktop.on('back', () => this.#displayIs('there'));
  }

  /** Shortest time from frame to frame, in milliseconds. */
  get intervalMs(): number {
    return this.#pace.intervalMs;
  }

  /** Number that grows with every change of the shown picture. */
  get version(): number {
    return this.#version;
  }

  /** Whether something may have been drawn that the shown picture lacks. */
  get hasDamage(): boolean {
    return this.#damage !== undefined || (this.#phase.kind !== 'idle' && this.#phase.kind !== 'armed');
  }

  /** Whether no capture, commit or update is under way, and none is about to begin. */
  get isIdle(): boolean {
    const isResting = this.#phase.kind === 'idle' || this.#phase.kind === 'armed';
    return isResting && !this.#lock.isRead && !this.#sleep && !this.#wake;
  }

  /**
   * Has the loop look for something to do, at the end of this turn of the event loop. Called whenever a viewer may have
   * become ready or may lack something new. Any number of calls in a turn cost one look.
   */
  wake(): void {
    if (this.#display !== 'closed') this.#wake ??= setImmediate(() => this.#look());
  }

  /**
   * Resolves with whether the shown picture has all that was drawn before this call. It asks the desktop, because what
   * was drawn is reported a little later. Rejects with a DesktopError if the desktop does not answer in time, or if the
   * loop is closed.
   */
  async isCurrent(): Promise<boolean> {
    if (this.#display === 'closed') throw new DesktopError('DESKTOP_CLOSED');
    if (!this.#hasNothingNew) return false;
    await answerWithin('what was drawn', FRAME_LIMIT_MS, this.#desktop.drawingReported());
    return this.#hasNothingNew;
  }

  /**
   * Calls `read` once the shown picture has all that was drawn before this call: at once if it has that already, or else
   * after a capture. The picture stays unchanged until `read` calls `release`, or until its promise settles. Rejects
   * with a DesktopError if the capture fails, or begins later than FRAME_LIMIT_MS, or if the loop is closed.
   */
  async readFresh<T>(read: (fresh: Fresh) => Promise<T>): Promise<T> {
    const asOfMs = performance.now();
    const fresh = (await this.isCurrent()) ? this.#readNow(asOfMs) : undefined;
    const picture = fresh ?? (await this.#untilCaptured());
    try {
      return await read(picture);
    } finally {
      picture.release();
    }
  }

  /** Keeps the shown picture unchanged as soon as it is not written. Rejects as `isCurrent` does. */
  async readShown(untilMs = performance.now() + FRAME_LIMIT_MS): Promise<Release> {
    if (this.#display === 'closed') throw new DesktopError('DESKTOP_CLOSED');
    if (this.#phase.kind === 'armed') this.#callOff(this.#phase.armed);
    if (!this.#lock.isWritten) return this.#lock.read();
    const leftMs = Math.max(0, untilMs - performance.now());
    await answerWithin('the end of a capture', leftMs, this.#lock.untilReleased());
    return this.readShown(untilMs);
  }

  /** Captures as soon as the highest rate allows, even if nothing was drawn. */
  captureAnyway(): void {
    this.#damage ??= { atMs: performance.now() };
    this.wake();
  }

  nextFrame(signal: AbortSignal, begins: () => void = () => undefined): Promise<FrameRecord> {
    return this.#sender.nextFrame(signal, begins);
  }

  #untilCaptured(): Promise<Fresh> {
    if (this.#display === 'closed') throw new DesktopError('DESKTOP_CLOSED');
    this.wake();
    return this.#pictures.wait('a captured picture', FRAME_LIMIT_MS);
  }

  /** Whether no damage is known that the shown picture lacks. */
  get #hasNothingNew(): boolean {
    const phase = this.#phase;
    const isResting = phase.kind === 'idle' || (phase.kind === 'armed' && !phase.armed.capture.hasBegun);
    return isResting && this.#damage === undefined && this.#display === 'there';
  }

  /** Keeps the shown picture as it is for a reader, if there is nothing new. */
  #readNow(asOfMs: number): Fresh | undefined {
    if (!this.#hasNothingNew || this.#lock.isWritten) return undefined;
    if (this.#phase.kind === 'armed') this.#callOff(this.#phase.armed);
    return this.#phase.kind === 'idle' ? { release: this.#lock.read(), asOfMs } : undefined;
  }

  /** Ends the loop and refuses all waiters. */
  close(): void {
    this.#display = 'closed';
    clearImmediate(this.#wake);
    clearTimeout(this.#sleep);
    if (this.#phase.kind === 'armed') this.#callOff(this.#phase.armed);
    const error = new DesktopError('DESKTOP_CLOSED');
    if ('run' in this.#phase) this.#phase.run.pictures.rejectAll(error);
    this.#pictures.rejectAll(error);
    this.#sender.close(error);
  }

  #displayIs(display: 'there' | 'lost'): void {
    if (this.#display === 'closed') return;
    this.#display = display;
    if (display === 'there') {
      this.#damage ??= { atMs: performance.now() };
      this.#pace.recovered();
    }
    this.#look();
  }

  /** Acts until there is nothing to do but wait. Not called from within itself: `wake` is for callers of all kinds. */
  #look(): void {
    clearImmediate(this.#wake);
    clearTimeout(this.#sleep);
    this.#wake = undefined;
    this.#sleep = undefined;
    if (this.#display === 'closed') return;
    const now = performance.now();
    if (this.#damage && (this.#lock.isRead || this.#sender.ready().length > 0))
      this.#damage.noticedAtMs ??= now;
    this.#consumers.frameWaits(now, this.hasDamage);
    let hasSent = false;
    for (;;) {
      const action = nextAction(this.#phase.kind, this.#facts(now, hasSent));
      if (action.kind === 'send') hasSent = true;
      if (!this.#carryOut(action, now)) return;
    }
  }

  #facts(nowMs: number, hasSent: boolean): Facts {
    return {
      isLost: this.#display === 'lost',
      isRead: this.#lock.isRead,
      isWritten: this.#lock.isWritten,
      hasDamage: this.#damage !== undefined,
      isPictureWanted: !this.#pictures.isEmpty,
      hasWaiters: !this.#pictures.isEmpty || this.#sender.hasWaiters,
      untilDueMs: this.#pace.dueAtMs - nowMs,
      isWatched: () => this.#sender.ready().length > 0,
      isOwed: () => !hasSent && this.#sender.owed().length > 0,
    };
  }

  /** Returns whether there may be more to do. */
  #carryOut(action: Action, now: number): boolean {
    switch (action.kind) {
      case 'refuse':
        this.#pictures.rejectAll(new DesktopError('DESKTOP_LOST'));
        this.#sender.refuse(new DesktopError('DESKTOP_LOST'));
        return true;
      case 'callOff':
        if (this.#phase.kind === 'armed') this.#callOff(this.#phase.armed);
        return true;
      case 'capture':
        this.#capture(now);
        return true;
      case 'commit':
        if (this.#phase.kind === 'captured') void this.#commit(this.#phase.run, this.#phase.capture);
        return true;
      case 'send':
        this.#sender.resend(now);
        return true;
      case 'arm':
        this.#arm();
        return false;
      case 'sleep':
        this.#sleep = setTimeout(() => this.#look(), action.ms);
        return false;
      case 'rest':
        return false;
    }
  }

  #capture(now: number): void {
    const record = new FrameRecord(this.#damage?.noticedAtMs ?? now, now);
    record.damagedAtMs = this.#damage?.atMs ?? now;
    this.#damage = undefined;
    const pictures = this.#pictures;
    this.#pictures = new Waiters();
    const commitAtOnce = !this.#lock.isRead;
    const run = this.#begin({ record, pictures }, now, commitAtOnce);
    const captured = this.#desktop.capture({ commitAtOnce, onTop: (top) => this.#topCaptured(top, run) });
    void this.#follow(captured, () => run);
  }

  #arm(): void {
    const capture = this.#desktop.armCapture({
      notBeforeMs: this.#pace.dueAtMs,
      onTop: (top) => this.#topCaptured(top, this.#begun(armed)),
    });
    if (!capture) return;
    const armed: Armed = { capture };
    this.#phase = { kind: 'armed', armed };
    void this.#follow(capture.captured, () => {
      if (this.#phase.kind === 'armed' && this.#phase.armed === armed) this.#callOff(armed);
      return armed.run;
    });
  }

  /** Cancels an armed capture, unless it has begun. */
  #callOff(armed: Armed): void {
    if (armed.capture.callOff()) this.#phase = IDLE;
    else this.#begun(armed);
  }

  /** An armed capture has begun, some time ago. It serves no caller that asks for a picture only now. */
  #begun(armed: Armed): Run {
    if (!armed.run) {
      const { damagedAtMs } = armed.capture;
      const record = new FrameRecord(damagedAtMs, damagedAtMs);
      armed.run = this.#begin({ record, pictures: new Waiters() }, damagedAtMs, true);
      this.#consumers.frameWaits(damagedAtMs, true);
    }
    return armed.run;
  }

  #begin(run: Run, atMs: number, commitAtOnce: boolean): Run {
    this.#pace.began(atMs);
    if (commitAtOnce) run.endWrite = this.#lock.write();
    this.#phase = { kind: 'capturing', run };
    return run;
  }

  /** Carries on with what a capture finds. `begun` returns its run; undefined if it never began. */
  async #follow(captured: Promise<Capture>, begun: () => Run | undefined): Promise<void> {
    try {
      const capture = await captured;
      const run = begun()!;
      const { record } = run;
      record.size = capture.size;
      record.changedPx = capture.changed.areaPx;
      record.readUs = capture.readUs;
      record.compareUs = capture.compareUs;
      if (this.#display === 'closed') throw new DesktopError('DESKTOP_CLOSED');
      if (run.endWrite) this.#committed(run, capture);
      else this.#phase = { kind: 'captured', run, capture };
      // A change waits for the readers of the picture. Without one, it is as fresh as it can be.
      if (!run.endWrite && !capture.resized && capture.changed.isEmpty) this.#servePictures(run);
    } catch (error) {
      const run = begun();
      // It was armed, and the display went away before any damage came.
      if (!run) return;
      this.#captureFailed(error as Error, run);
    }
    this.#look();
  }

  #servePictures({ pictures, record }: Run): void {
    pictures.resolveAll(() => ({ release: this.#lock.read(), asOfMs: record.startedAtMs }));
  }

  async #commit(run: Run, capture: Capture): Promise<void> {
    this.#phase = { kind: 'committing', run, capture };
    run.endWrite = this.#lock.write();
    try {
      await this.#desktop.commit();
      this.#committed(run, capture);
    } catch (error) {
      this.#captureFailed(error as Error, run);
    }
    this.#look();
  }

  /**
   * The shown picture has changed: has the viewers know, sends the frame, and serves the callers that want the picture.
   */
  #committed(run: Run, capture: Capture): void {
    const { record, top } = run;
    this.#phase = IDLE;
    run.endWrite?.();
    this.#captureSucceeded();
    if (capture.resized || !capture.changed.isEmpty) this.#version++;
    if (top) capture.changed.takeTop(top.tileRows);
    if (capture.resized) this.#consumers.resized(capture);
    else this.#consumers.changed(capture.changed, record, capture.motion);
    if (top?.sendRest) top.sendRest();
    else this.#sender.sendFrame(record);
    this.#servePictures(run);
  }

  #captureFailed(error: Error, run: Run): void {
    this.#phase = IDLE;
    run.endWrite?.();
    const now = performance.now();
    this.#damage ??= { atMs: now };
    const failure =
      error instanceof DesktopError
        ? error
        : new DesktopError('DESKTOP_CAPTURE_FAILED', undefined, { cause: error });
    run.pictures.rejectAll(failure);
    run.top?.sendRest?.(failure);
    if (this.#display !== 'there') return;
    if (this.#pace.failures === 0)
      this.#log.warn({ err: error }, 'A capture failed; it is tried again, less and less often');
    this.#pace.failed(now);
  }

  #captureSucceeded(): void {
    const { failures } = this.#pace;
    if (failures > 0) this.#log.info({ failures }, 'Captures work again');
    this.#pace.recovered();
  }

  /** The upper part of a capture is done, while the rest is still being captured. */
  #topCaptured(top: CapturedTop, run: Run): void {
    this.#consumers.changed(top.changed, run.record);
    run.top = { tileRows: top.tileRows, sendRest: this.#sender.sendTop(top, run.record) };
  }
}
