import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { readComparison } from '../../../pixels/motion.ts';
import type { Size } from '../../../pixels/rect.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import { endThread } from '../../../threads/end-thread.ts';
import type { ArmedCapture, ArmOptions, Capture, CapturedTop } from '../../desktop.ts';
import { DesktopError } from '../../errors.ts';
import { CaptureTrigger } from './capture-trigger.ts';
import type { ErrorMessage, FrameEvent, FrameRequest, FrameThreadData } from './frame-messages.ts';

const WORKER = new URL(`./frame.worker${extname(import.meta.url)}`, import.meta.url);

const toError = ({ code, detail }: ErrorMessage): DesktopError => new DesktopError(code, detail);

interface Waiting {
  readonly resolve: (event: FrameEvent) => void;
  readonly reject: (error: Error) => void;
}

/** The main thread's end of the frame thread, for one life of a display. */
export class FrameThread {
  /** Resolves once with the reason when the thread can do no more: its display or itself has ended. */
  readonly ended: Promise<Error>;
  readonly #frame: SharedFrame;
  readonly #trigger = new CaptureTrigger();
  readonly #worker: Worker;
  /** Requests are answered in order. */
  readonly #waiting: Waiting[] = [];
  #over: Error | undefined;
  #onTop: ((top: CapturedTop) => void) | undefined;
  #end: (error: Error) => void = () => undefined;

  /** Resolves when the thread follows the display; `onDamage` may be called from then on. */
  static async start(data: Omit<FrameThreadData, 'trigger'>, onDamage: () => void): Promise<FrameThread> {
    const thread = new FrameThread(data, onDamage);
    try {
      await thread.#expect();
      return thread;
    } catch (error) {
      await thread.close();
      throw error;
    }
  }

  private constructor(data: Omit<FrameThreadData, 'trigger'>, onDamage: () => void) {
    this.#frame = data.frame;
    this.ended = new Promise((resolve) => {
      this.#end = (error) => {
        if (this.#over) return;
        this.#over = error;
        for (const { reject } of this.#waiting.splice(0)) reject(error);
        resolve(error);
      };
    });
    const workerData: FrameThreadData = { ...data, trigger: this.#trigger.buffer };
    // Node would close the files of the thread at its end by number, and the one that went to the X server with
    // MIT-SHM is closed by then: its number may be a viewer's socket, or the event loop's own.
    this.#worker = new Worker(WORKER, { workerData, name: 'frame', trackUnmanagedFds: false });
    this.#worker.on('message', (event: FrameEvent) => {
      if (event.kind === 'damage') onDamage();
      else if (event.kind === 'top') this.#tellTop(event.size, event.tileRows);
      else if (event.kind === 'lost') this.#end(toError(event.error));
      else if (event.kind === 'failed') this.#waiting.shift()?.reject(toError(event.error));
      else this.#waiting.shift()?.resolve(event);
    });
    this.#worker.on('error', (cause) =>
      this.#end(new DesktopError('DESKTOP_LOST', 'frame thread', { cause })),
    );
    this.#worker.once('exit', () => this.#end(new DesktopError('DESKTOP_CLOSED')));
  }

  async capture(commitAtOnce: boolean, onTop?: (top: CapturedTop) => void): Promise<Capture> {
    this.#onTop = onTop;
    return this.#read(await this.#ask({ kind: 'capture', commitAtOnce }));
  }

  /** As Desktop.armCapture; nothing else may be asked for before it is called off or has captured. */
  arm({ notBeforeMs, onTop }: ArmOptions): ArmedCapture {
    const trigger = this.#trigger;
    this.#onTop = onTop;
    const answer = this.#over ? Promise.reject(this.#over) : this.#expect();
    const waiting = this.#waiting.at(-1);
    trigger.arm(notBeforeMs);
    return {
      captured: answer.then((event) => this.#read(event)),
      get damagedAtMs() {
        return trigger.takenAtMs;
      },
      callOff: () => {
        if (!trigger.callOff()) return false;
        if (waiting && this.#waiting.at(-1) === waiting) this.#waiting.pop();
        return true;
      },
    };
  }

  #read(event: FrameEvent): Capture {
    if (event.kind !== 'captured') throw new DesktopError('DESKTOP_LOST', 'frame thread out of step');
    const { size, resized, moved, readUs, compareUs } = event;
    return { size, resized, readUs, compareUs, ...readComparison(this.#frame, size, moved) };
  }

  async commit(): Promise<void> {
    await this.#ask({ kind: 'commit' });
  }

  /** Ends the thread; what it still owes is rejected. */
  async close(): Promise<void> {
    this.#end(new DesktopError('DESKTOP_CLOSED'));
    await endThread(this.#worker, { kind: 'close' } satisfies FrameRequest);
  }

  /** The rows below are still being compared: their boxes mean nothing yet. */
  #tellTop(size: Size, tileRows: number): void {
    const { changed } = readComparison(this.#frame, size, undefined);
    this.#onTop?.({ tileRows, changed: changed.takeTop(tileRows) });
    this.#onTop = undefined;
  }

  #ask(request: FrameRequest): Promise<FrameEvent> {
    if (this.#over) return Promise.reject(this.#over);
    this.#worker.postMessage(request);
    return this.#expect();
  }

  #expect(): Promise<FrameEvent> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}
