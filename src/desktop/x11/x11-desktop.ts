import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { dropPages } from '../../common/process-memory.ts';
import type { ProgramEnvironment } from '../../config/program-environment.ts';
import { areaPx, type Size, sameSize } from '../../pixels/rect.ts';
import { createSharedFrame, type SharedFrame, unusedPixels } from '../../pixels/shared-frame.ts';
import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import { compileKernels } from '../../threads/compile-kernels.ts';
import type {
  ArmedCapture,
  ArmOptions,
  Capture,
  CaptureOptions,
  CursorImage,
  Desktop,
  DesktopEvents,
  DesktopInput,
  WantedSize,
} from '../desktop.ts';
import { DesktopError } from '../errors.ts';
import { type DesktopScreen, dividingScreens } from '../screen-layout.ts';
import { checkMaxSize, clampSize } from '../size-limits.ts';
import { DisplayLink } from './display-link.ts';
import type { ThreadCapture } from './frame/frame-thread.ts';
import { ReconnectingInput } from './input/reconnecting-input.ts';
import { type DpiChoice, scaledDpi, USUAL_DPI } from './screen/dpi-settings.ts';
import type { DesktopUser } from './server/desktop-user.ts';
import { AttachedHost, type DisplayHost, OwnHost, probeDisplay } from './server/display-host.ts';

export interface OwnDesktopOptions {
  readonly size: Size;
  readonly maxSize: Size;
  /** Shell command line of the program to start in it. Without it, our desktop with a panel is started. */
  readonly run?: string | undefined;
  /** Dots per inch that its programs are told. 96 if left out. */
  readonly dpi?: number | undefined;
  /** Whether its programs can use OpenGL. */
  readonly gl?: boolean;
  /** The user that the X server and its programs run as. Undefined: the server's own. */
  readonly user?: DesktopUser | undefined;
  /** Further variables of its programs. */
  readonly environment?: ProgramEnvironment;
  readonly log: Logger;
}

export interface AttachedDesktopOptions {
  /** Such as ":7". */
  readonly display: string;
  /** Largest size that is shown. If the display is larger at the start, that size is the largest. */
  readonly maxSize: Size;
  /** Dots per inch that its programs are told. Undefined: they are told nothing. */
  readonly dpi?: number | undefined;
  readonly log: Logger;
}

/** Starts an X server of our own with programs in it. */
export async function startOwnDesktop(options: OwnDesktopOptions): Promise<Desktop> {
  const { size, maxSize, run, dpi: base = USUAL_DPI, gl = false, user, environment, log } = options;
  checkMaxSize(maxSize);
  // Desktop environments bring an XSETTINGS manager of their own, which ends if there is one.
  const dpi = { base, isToldAtStart: run === undefined || base !== USUAL_DPI };
  const host = new OwnHost({
    ...{ maxSize, run, gl, user, environment, log },
    size: () => desktop.size,
    dpi: () => desktop.dpi,
  });
  const desktop: X11Desktop = new X11Desktop(host, clampSize(size, maxSize), maxSize, dpi, log);
  await desktop.open();
  return desktop;
}

/** Attaches to an X server that runs already. */
export async function attachDesktop(options: AttachedDesktopOptions): Promise<Desktop> {
  const { display, maxSize, dpi: base, log } = options;
  const size = await probeDisplay(display);
  const room = { width: Math.max(size.width, maxSize.width), height: Math.max(size.height, maxSize.height) };
  checkMaxSize(room);
  const dpi = base === undefined ? undefined : { base, isToldAtStart: true };
  const desktop = new X11Desktop(new AttachedHost(display), size, room, dpi, log);
  await desktop.open();
  return desktop;
}

/**
 * Milliseconds from giving up the X server until a client's request has it started again. With a larger value clients
 * wait longer for a desktop that could be started; a smaller one starts an X server that fails at once more often.
 */
const REVIVE_PAUSE_MS = 5000;

/**
 * A desktop on an X server. When the server is lost, it is started again or looked for, and linked anew; calls reject
 * with `DESKTOP_LOST` until then.
 */
class X11Desktop extends EventEmitter<DesktopEvents> implements Desktop {
  readonly maxSize: Size;
  readonly frame: SharedFrame;
  readonly #kernels = compileKernels();
  readonly #host: DisplayHost;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  /** Undefined while the display is lost. */
  #link: DisplayLink | undefined;
  #display = '';
  #size: Size;
  /** Undefined for a display whose programs are told no dots per inch. */
  readonly #dpiChoice: DpiChoice | undefined;
  #dpi: number;
  #isDpiDue: boolean;
  #cursor: CursorImage | undefined;
  #isDamaged = false;
  #isCapturing = false;
  /** The last capture, until it is committed. The frame thread learns of it with the next request. */
  #uncommitted: Capture | undefined;
  #resizing: Promise<unknown> = Promise.resolve();
  /** Defined while the display is being brought back. */
  #recovery: Promise<void> | undefined;
  /** When the display was given up, by performance.now(). Undefined if it is there or is being brought back. */
  #gaveUpAtMs: number | undefined;
  #closed: Promise<void> | undefined;

  constructor(host: DisplayHost, size: Size, maxSize: Size, dpi: DpiChoice | undefined, log: Logger) {
    super();
    this.#host = host;
    this.#log = log;
    this.#size = size;
    this.#dpiChoice = dpi;
    this.#dpi = dpi?.base ?? USUAL_DPI;
    this.#isDpiDue = dpi?.isToldAtStart ?? false;
    this.maxSize = maxSize;
    this.frame = createSharedFrame(maxSize);
  }

  /** Opens the display. Called once, before the desktop is handed out. */
  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      await this.close();
      throw error;
    }
    // A display begins with damage, and reported it before the caller could listen.
    setImmediate(() => this.#tellDamage());
  }

  get display(): string {
    return this.#display;
  }

  get size(): Size {
    return this.#size;
  }

  get screens(): readonly DesktopScreen[] {
    return this.#link?.screensAt(this.#size) ?? [];
  }

  /** Dots per inch that programs are told. */
  get dpi(): number {
    return this.#dpi;
  }

  get cursor(): CursorImage | undefined {
    return this.#cursor;
  }

  async drawingReported(): Promise<void> {
    const link = this.#present();
    try {
      await link.frames.drawingReported();
    } catch (error) {
      // As with a capture.
      if (this.#link !== link) this.#present();
      throw error;
    }
  }

  async capture({ commitAtOnce = false, onTop }: CaptureOptions = {}): Promise<Capture> {
    const link = this.#present();
    if (this.#isCapturing) throw new DesktopError('DESKTOP_BUSY');
    this.#isCapturing = true;
    this.#isDamaged = false;
    const captured = link.frames.capture(commitAtOnce, this.#uncommitted?.size, onTop);
    return this.#finish(link, captured, commitAtOnce);
  }

  armCapture(options: ArmOptions): ArmedCapture | undefined {
    const link = this.#link;
    if (!link || this.#isCapturing || this.#isDamaged || this.#uncommitted) return undefined;
    this.#isCapturing = true;
    const armed = link.frames.arm(options);
    return {
      captured: this.#finish(link, armed.captured, true),
      get hasBegun() {
        return armed.hasBegun;
      },
      get damagedAtMs() {
        return armed.damagedAtMs;
      },
      callOff: () => {
        if (!armed.callOff()) return false;
        this.#isCapturing = false;
        return true;
      },
    };
  }

  /** Follows a capture to its end. */
  async #finish(link: DisplayLink, captured: Promise<ThreadCapture>, isCommitted: boolean): Promise<Capture> {
    try {
      const capture = await captured;
      const { size } = capture;
      const finished = { ...capture, resized: !sameSize(size, this.#size) };
      if (isCommitted) this.#settle(size);
      else this.#uncommitted = finished;
      return finished;
    } catch (error) {
      // The next capture has everything.
      this.#uncommitted = undefined;
      // A display that went away, or a desktop that was closed, ended the frame thread: reject with that reason.
      if (this.#link !== link) this.#present();
      throw error;
    } finally {
      this.#isCapturing = false;
    }
  }

  async commit(): Promise<void> {
    if (this.#closed) throw new DesktopError('DESKTOP_CLOSED');
    const capture = this.#uncommitted;
    // A display that went away leaves its last changes uncommitted: everything is new when it comes back.
    if (!capture || !this.#link) return;
    try {
      if (!capture.changed.isEmpty) await this.#link.frames.commit(capture.size);
    } catch (error) {
      if (this.#closed) throw error;
      return;
    }
    this.#settle(capture.size);
  }

  #settle(size: Size): void {
    // No capture runs now, so nothing writes there.
    if (areaPx(size) < areaPx(this.#size)) for (const rest of unusedPixels(this.frame, size)) dropPages(rest);
    this.#size = size;
    this.#uncommitted = undefined;
  }

  /** Resizes run one after the other: each consists of several steps. */
  async resize(size: WantedSize): Promise<Size> {
    this.#present();
    const turn = this.#resizing.then(async () => {
      const link = this.#present();
      const hasDpi = await this.#scaleTo(size.scalePercent, link);
      const wanted = clampSize(size, this.maxSize);
      const reached = await link.resize(wanted, this.#dpi, dividingScreens(size.screens ?? [], wanted));
      if (hasDpi) await this.#host.rescale(reached, this.#dpi);
      const { width, height } = this.maxSize;
      return { width: Math.min(reached.width, width), height: Math.min(reached.height, height) };
    });
    this.#resizing = turn.catch(() => undefined);
    return turn;
  }

  /** Returns whether programs have been told other dots per inch. */
  async #scaleTo(percent: number | undefined, link: DisplayLink): Promise<boolean> {
    if (percent === undefined || !this.#dpiChoice) return false;
    const dpi = scaledDpi(this.#dpiChoice.base, percent);
    if (dpi === this.#dpi) return false;
    this.#dpi = dpi;
    this.#isDpiDue = true;
    await link.tellDpi(dpi);
    return true;
  }

  openInput(): DesktopInput {
    return new ReconnectingInput(() => this.#link?.input);
  }

  async pointerPosition(): Promise<{ x: number; y: number }> {
    return this.#present().pointerPosition();
  }

  async setClipboard(content: ClipboardContent): Promise<void> {
    return this.#present().setClipboard(content);
  }

  revive(): boolean {
    if (this.#closed) return false;
    if (this.#gaveUpAtMs === undefined) return true;
    if (performance.now() - this.#gaveUpAtMs < REVIVE_PAUSE_MS) return false;
    this.#gaveUpAtMs = undefined;
    this.#log.info({ display: this.#display }, 'A client asks for the X server; it is started again');
    this.#recover(Promise.resolve(0));
    return true;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#closing.abort();
    await this.#recovery;
    const link = this.#link;
    this.#link = undefined;
    await link?.close({ leaves: true });
    await this.#host.close();
  }

  #present(): DisplayLink {
    if (this.#closed) throw new DesktopError('DESKTOP_CLOSED');
    if (!this.#link) throw new DesktopError('DESKTOP_LOST');
    return this.#link;
  }

  async #connect(): Promise<void> {
    const address = await this.#host.open();
    this.#display = address.display;
    const link = await DisplayLink.open(address, this.#kernels, this.frame, {
      damage: () => {
        this.#isDamaged = true;
        this.#tellDamage();
      },
      cursor: (image) => {
        this.#cursor = image;
        if (this.#link) this.emit('cursor', image);
      },
      clipboard: {
        changed: (change) => this.emit('clipboard', change),
        lost: () => this.emit('clipboardLost'),
      },
    });
    if (this.#isDpiDue) await link.tellDpi(this.#dpi).catch(() => undefined);
    if (this.#closed) {
      await link.close({ leaves: true });
      throw new DesktopError('DESKTOP_CLOSED');
    }
    this.#link = link;
    void link.ended.then((error) => this.#lost(link, error));
  }

  #tellDamage(): void {
    if (this.#isDamaged && this.#link) this.emit('damage');
  }

  #lost(link: DisplayLink, error: Error): void {
    if (this.#closed || this.#link !== link) return;
    this.#link = undefined;
    this.#isDamaged = false;
    this.#uncommitted = undefined;
    this.#log.warn({ err: error, display: this.#display }, 'The link to the X server was lost');
    this.#recover(
      link.close({ leaves: false }).then((loss) => {
        this.#host.linkLost(loss);
        return this.#host.retryDelayMs();
      }),
    );
    this.emit('lost', error);
  }

  /** Brings the display back. `firstDelayMs` is the wait before the first attempt; undefined means to give up. */
  #recover(firstDelayMs: Promise<number | undefined>): void {
    this.#recovery = this.#bringBack(firstDelayMs).finally(() => {
      this.#recovery = undefined;
    });
  }

  async #bringBack(firstDelayMs: Promise<number | undefined>): Promise<void> {
    for (let waitMs = await firstDelayMs; !this.#closed; waitMs = this.#host.retryDelayMs()) {
      if (waitMs === undefined) {
        this.#giveUp();
        return;
      }
      try {
        await delay(waitMs, undefined, { signal: this.#closing.signal });
        await this.#connect();
      } catch (error) {
        if (!this.#closed) this.#log.debug({ err: error }, 'The X server is not back yet');
        continue;
      }
      this.#log.info({ display: this.#display }, 'The X server is back');
      this.emit('back');
      // Later, so that a caller that waits for `back` can listen first.
      setImmediate(() => this.#tellDamage());
      return;
    }
  }

  #giveUp(): void {
    const error = new DesktopError('DESKTOP_GAVE_UP');
    this.#gaveUpAtMs = performance.now();
    this.#log.error({ err: error, display: this.#display }, error.message);
    this.emit('lost', error);
  }
}
