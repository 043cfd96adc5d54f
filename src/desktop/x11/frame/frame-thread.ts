import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { readComparison } from '../../../pixels/motion.ts';
import type { Size } from '../../../pixels/rect.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import { endThread } from '../../../threads/end-thread.ts';
import type { ArmedCapture, ArmOptions, Capture, CapturedTop } from '../../desktop.ts';
import { DesktopError } from '../../errors.ts';
import { CaptureAnswer } from './capture-answer.ts';
import { CaptureTrigger } from './capture-trigger.ts';
import type { ErrorMessage, FrameEvent, FrameRequest, FrameThreadData } from './frame-messages.ts';
import type { CaptureResult } from './frame-source.ts';
import { LOOK_INTERVAL_MS, ThreadWatch } from './thread-watch.ts';

const WORKER = new URL(`./frame.worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Milliseconds that the thread may take to start and reach its display. Usual are 200; a larger value makes an attempt
 * to bring back a display that does not answer last longer, a smaller one fails on a busy machine.
 */
const START_LIMIT_MS = 20_000;

const toError = ({ code, detail }: ErrorMessage): DesktopError => new DesktopError(code, detail);

/** A capture of the frame thread; its size may differ from the size before. */
export type ThreadCapture = Omit<Capture, 'resized'>;

export type ThreadArmedCapture = Omit<ArmedCapture, 'captured'> & {
  readonly captured: Promise<ThreadCapture>;
};

/** A request that is not answered yet. */
interface Request {
  readonly resolve: (capture: ThreadCapture | undefined) => void;
  readonly reject: (error: Error) => void;
  readonly onTop: ((top: CapturedTop) => void) | undefined;
}

/** The main thread's end of the frame thread, for one life of a display. */
export class FrameThread {
  /** Resolves once with the reason when the thread can do no more: its display is gone, or it died or hangs. */
  readonly ended: Promise<Error>;
  readonly #frame: SharedFrame;
  readonly #trigger = new CaptureTrigger();
  readonly #answer = new CaptureAnswer();
  readonly #worker: Worker;
  readonly #watch = new ThreadWatch();
  readonly #requests = new Map<number, Request>();
  readonly #end: (error: Error) => void;
  #looks: NodeJS.Timeout | undefined;
  #nextId = 1;
  #over: Error | undefined;
  #hangs = false;

  /** Resolves when the thread follows the display. `onDamage` may be called from then on. */
  static async start(
    data: Omit<FrameThreadData, 'trigger' | 'answer'>,
    onDamage: () => void,
  ): Promise<FrameThread> {
    let limit: NodeJS.Timeout | undefined;
    const { promise: ready, resolve: onReady } = Promise.withResolvers<undefined>();
    const thread = new FrameThread(data, onDamage, () => onReady(undefined));
    const late = new Promise<Error>((resolve) => {
      const error = new DesktopError('DESKTOP_LOST', 'the frame thread does not start');
      limit = setTimeout(() => resolve(error), START_LIMIT_MS);
    });
    const error = await Promise.race([ready, thread.ended, late]);
    clearTimeout(limit);
    if (!error) {
      thread.#startWatch();
      return thread;
    }
    await thread.close();
    throw error;
  }

  private constructor(
    data: Omit<FrameThreadData, 'trigger' | 'answer'>,
    onDamage: () => void,
    onReady: () => void,
  ) {
    this.#frame = data.frame;
    const { promise: ended, resolve } = Promise.withResolvers<Error>();
    this.ended = ended;
    this.#end = (error) => {
      if (this.#over) return;
      this.#over = error;
      clearInterval(this.#looks);
      this.#answer.close();
      for (const { reject } of this.#requests.values()) reject(error);
      this.#requests.clear();
      resolve(error);
    };
    const workerData: FrameThreadData = {
      ...data,
      trigger: this.#trigger.buffer,
      answer: this.#answer.buffer,
    };
    // With tracking, Node closes the thread's files at its end by their numbers. On an attached display, the file that
    // went to the X server with MIT-SHM is closed by then, and its number may belong to a viewer's socket or the event
    // loop.
    this.#worker = new Worker(WORKER, {
      workerData,
      name: 'frame',
      trackUnmanagedFds: data.framebuffer !== undefined,
    });
    this.#worker.on('message', (event: FrameEvent) => {
      this.#watch.heard();
      if (event.kind === 'ready') onReady();
      else if (event.kind === 'damage') onDamage();
      else if (event.kind === 'lost') this.#end(toError(event.error));
      else if (event.kind !== 'pong') this.#answered(event);
    });
    void this.#answer.follow((id, capture) => {
      this.#watch.heard();
      this.#answered({ kind: 'captured', id, result: { ...capture, moved: [] } });
    });
    this.#worker.on('error', (cause) =>
      this.#end(new DesktopError('DESKTOP_LOST', 'the frame thread failed', { cause })),
    );
    this.#worker.once('exit', () => this.#end(new DesktopError('DESKTOP_LOST', 'the frame thread ended')));
  }

  /** `uncommitted` is the size of the last capture if it was not committed. */
  async capture(
    commitAtOnce: boolean,
    uncommitted: Size | undefined,
    onTop?: (top: CapturedTop) => void,
  ): Promise<ThreadCapture> {
    const { id, answer } = this.#expect(onTop);
    this.#send({ kind: 'capture', id, commitAtOnce, uncommitted });
    return (await answer)!;
  }

  /** As Desktop.drawingReported. */
  async drawingReported(): Promise<void> {
    const { id, answer } = this.#expect();
    this.#send({ kind: 'look', id });
    await answer;
  }

  /**
   * As Desktop.armCapture. Until it is called off or has captured, the caller sends no other request that captures or
   * commits.
   */
  arm({ notBeforeMs, onTop }: ArmOptions): ThreadArmedCapture {
    const trigger = this.#trigger;
    const { id, answer } = this.#expect(onTop);
    trigger.arm(id, notBeforeMs);
    return {
      captured: answer.then((capture) => capture!),
      get hasBegun() {
        return trigger.isTaken;
      },
      get damagedAtMs() {
        return trigger.takenAtMs;
      },
      callOff: () => {
        if (!trigger.callOff()) return false;
        this.#requests.delete(id);
        return true;
      },
    };
  }

  /** Commits the last capture, which had this size. */
  async commit(size: Size): Promise<void> {
    const { id, answer } = this.#expect();
    this.#send({ kind: 'commit', id, size });
    await answer;
  }

  /**
   * Ends the thread, and with it its connection and any grab of the X server. Rejects open requests. Resolves to false
   * if the thread hangs where it cannot be ended.
   */
  async close(): Promise<boolean> {
    this.#end(new DesktopError('DESKTOP_CLOSED'));
    return endThread(this.#worker, this.#hangs ? undefined : ({ kind: 'close' } satisfies FrameRequest));
  }

  #startWatch(): void {
    if (this.#over) return;
    this.#looks = setInterval(() => {
      const action = this.#watch.look();
      if (action === 'ping') this.#send({ kind: 'ping' });
      if (action !== 'hung') return;
      this.#hangs = true;
      this.#end(new DesktopError('DESKTOP_LOST', 'the frame thread hangs'));
    }, LOOK_INTERVAL_MS);
    this.#looks.unref();
  }

  #send(request: FrameRequest): void {
    if (!this.#over) this.#worker.postMessage(request);
  }

  #expect(onTop?: (top: CapturedTop) => void): { id: number; answer: Promise<ThreadCapture | undefined> } {
    const id = this.#nextId++;
    if (this.#over) return { id, answer: Promise.reject(this.#over) };
    const { promise: answer, resolve, reject } = Promise.withResolvers<ThreadCapture | undefined>();
    this.#requests.set(id, { resolve, reject, onTop });
    return { id, answer };
  }

  #answered(event: Extract<FrameEvent, { readonly id: number }>): void {
    const request = this.#requests.get(event.id);
    if (!request) return;
    if (event.kind === 'top') {
      // The boxes of the rows below mean nothing yet.
      const { changed } = readComparison(this.#frame, event.size, []);
      request.onTop?.({ tileRows: event.tileRows, changed: changed.takeTop(event.tileRows) });
      return;
    }
    this.#requests.delete(event.id);
    if (event.kind === 'failed') request.reject(toError(event.error));
    else if (event.kind === 'captured') request.resolve(this.#read(event.result));
    else request.resolve(undefined);
  }

  #read({ size, moved, readUs, compareUs }: CaptureResult): ThreadCapture {
    return { size, readUs, compareUs, ...readComparison(this.#frame, size, moved) };
  }
}
