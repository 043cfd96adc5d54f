import type { ClientMessage } from '../protocol/client-messages.ts';
import type { Screen } from '../protocol/screens.ts';
import type { ServerMessage, ServerRect } from '../protocol/server-message-reader.ts';
import { RectDecoder } from './decoders/rect-decoder.ts';
import type { Unzstd } from './decoders/zstd.ts';
import { frameTiming } from './frame-timing.ts';
import type { CursorShape } from './render/cursor.ts';
import type { DrawOp } from './render/draw-op.ts';
import { FrameGate } from './render/frame-gate.ts';
import type { Size } from './render/geometry.ts';
import { Presenter } from './render/presenter.ts';
import { UpdateRequests } from './update-requests.ts';

/** What a connection shows. */
export interface ViewEvents {
  /** Draws the steps of one whole update now. */
  draw(ops: readonly DrawOp[]): void;
  /** Called when the first update of this connection has been drawn. */
  onFirstPicture(): void;
  onName(name: string): void;
  /** The desktop has this size now. */
  onSize(size: Size): void;
  onCursor(shape: CursorShape): void;
  /** Reports whether this server lets viewers resize the desktop. Called once per connection. */
  onResizable(canResize: boolean): void;
}

export interface UpdateReceiverOptions {
  readonly view: ViewEvents;
  readonly send: (message: ClientMessage) => void;
  /** Called when an update has been drawn, with the times from its first byte to its last one, and from there on. */
  readonly onDrawn: (receivingMs: number, drawingMs: number) => void;
  /** Called when the first update with pixels has been drawn, and the view knows of it. */
  readonly onFirstPicture: () => void;
  /** Called when an update cannot be shown. Later updates cannot be right either. */
  readonly onError: (error: unknown) => void;
}

/** An update whose rects are still arriving. */
interface ArrivingUpdate {
  readonly firstByteMs: number;
  readonly isTimed: boolean;
  readonly steps: (DrawOp | Promise<DrawOp>)[];
}

/** Collects the rects of updates, has them drawn, and reports them to the server. */
export class UpdateReceiver {
  readonly #options: UpdateReceiverOptions;
  readonly #decoder = new RectDecoder();
  readonly #presenter: Presenter;
  readonly #requests: UpdateRequests;
  #arriving: ArrivingUpdate | undefined;
  #isNextTimed = false;
  #size: Size = { width: 0, height: 0 };
  #screens: readonly Screen[] = [];
  #isResizableKnown = false;
  #knowsScancodes = false;
  #hasDrawn = false;

  constructor(options: UpdateReceiverOptions) {
    this.#options = options;
    const { send } = options;
    this.#requests = new UpdateRequests({ send, size: () => this.#size }, document.hidden);
    const gate = new FrameGate();
    this.#presenter = new Presenter({
      draw: (ops) => options.view.draw(ops),
      turn: (px) => gate.pass(px),
      onError: options.onError,
    });
  }

  /** Size of the desktop as of the last rect received. That update may not be drawn yet. */
  get size(): Size {
    return this.#size;
  }

  get screens(): readonly Screen[] {
    return this.#screens;
  }

  /** Whether the server supports QEMU's extended key events. */
  get knowsScancodes(): boolean {
    return this.#knowsScancodes;
  }

  /** Whether this connection ever drew pixels. An update may also bring only a size, a name or a cursor. */
  get hasDrawn(): boolean {
    return this.#hasDrawn;
  }

  /** Enables zstd rects. Call it before the server is asked for them. */
  supportZstd(unzstd: Unzstd): void {
    this.#decoder.unzstd = unzstd;
  }

  /** Requests the whole picture. */
  begin({ width, height }: Size): void {
    this.#size = { width, height };
    this.#options.view.onSize(this.#size);
    this.#presenter.present({ steps: [{ kind: 'resize', width, height }] }, () => {});
    this.#requests.begin();
  }

  /** The server supports continuous updates. */
  supportContinuousUpdates(): void {
    this.#requests.support();
  }

  /** The page was hidden, or is shown again. A hidden page is sent no updates. */
  setHidden(isHidden: boolean): void {
    this.#requests.setHidden(isHidden);
  }

  handle(message: ServerMessage, receivedMs: number): void {
    switch (message.type) {
      case 'reportFrameStats':
        this.#isNextTimed = true;
        break;
      case 'updateStart':
        this.#arriving = { firstByteMs: receivedMs, isTimed: this.#isNextTimed, steps: [] };
        this.#isNextTimed = false;
        break;
      case 'rect':
        this.#onRect(message);
        break;
      case 'updateEnd':
        this.#onUpdateEnd();
        break;
    }
  }

  close(): void {
    this.#presenter.close();
  }

  #onRect(rect: ServerRect): void {
    this.#learnFrom(rect);
    const step = this.#decoder.decode(rect);
    if (step === undefined) return;
    // The presenter handles the failure when the update's turn comes.
    if (step instanceof Promise) step.catch(() => {});
    this.#arriving!.steps.push(step);
  }

  #onUpdateEnd(): void {
    const { steps, firstByteMs, isTimed } = this.#arriving!;
    this.#arriving = undefined;
    const queuedMs = performance.now();
    const hasPicture = steps.some((step) => step instanceof Promise || step.kind !== 'resize');
    this.#presenter.present({ steps }, () => {
      if (isTimed) this.#report(firstByteMs, queuedMs);
      this.#requests.drawn();
      this.#options.onDrawn(queuedMs - firstByteMs, performance.now() - queuedMs);
      if (this.#hasDrawn || !hasPicture) return;
      this.#hasDrawn = true;
      this.#options.view.onFirstPicture();
      this.#options.onFirstPicture();
    });
  }

  /** Handles what a rect reports apart from pixels. */
  #learnFrom({ body, x, y, width, height }: ServerRect): void {
    const { view } = this.#options;
    switch (body.kind) {
      case 'qemuKey':
        this.#knowsScancodes = true;
        break;
      case 'desktopName':
        view.onName(body.name);
        break;
      case 'cursorWithAlpha':
        view.onCursor({ width, height, hotX: x, hotY: y, rgba: body.pixels });
        break;
      case 'extendedDesktopSize':
        this.#screens = body.screens;
        if (body.status === 0) this.#resize({ width, height });
        if (!this.#isResizableKnown) {
          this.#isResizableKnown = true;
          view.onResizable(true);
        }
        break;
      case 'desktopSize':
        this.#resize({ width, height });
        break;
    }
  }

  #resize({ width, height }: Size): void {
    if (width === this.#size.width && height === this.#size.height) return;
    this.#size = { width, height };
    this.#options.view.onSize(this.#size);
    this.#requests.resized();
  }

  #report(firstByteMs: number, queuedMs: number): void {
    const { allUs, renderUs } = frameTiming(firstByteMs, queuedMs, performance.now());
    // A server that saw PSEUDO_DESKWIRE takes both fields as microseconds. Milliseconds are too coarse for a frame.
    this.#options.send({ type: 'frameStats', totalTime: allUs, renderTime: renderUs });
  }
}
