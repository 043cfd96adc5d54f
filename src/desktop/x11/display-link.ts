import { setTimeout as delay } from 'node:timers/promises';
import { type Size, sameSize } from '../../pixels/rect.ts';
import type { SharedFrame } from '../../pixels/shared-frame.ts';
import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import type { CursorImage } from '../desktop.ts';
import type { DesktopScreen } from '../screen-layout.ts';
import { Clipboard, type ClipboardListeners } from './clipboard/clipboard.ts';
import { FrameThread } from './frame/frame-thread.ts';
import { XInput } from './input/x-input.ts';
import { CursorWatch } from './screen/cursor-watch.ts';
import { DpiTeller } from './screen/dpi-teller.ts';
import { Monitors } from './screen/monitors.ts';
import { Resizer } from './screen/resizer.ts';
import type { DisplayAddress, LinkLoss } from './server/display-host.ts';
import { UnusedPixels } from './server/unused-pixels.ts';
import { Wallpaper } from './shell/wallpaper.ts';
import { XConnection } from './wire/connection.ts';

export interface DisplayListeners {
  damage(): void;
  cursor(image: CursorImage): void;
  readonly clipboard: ClipboardListeners;
}

/**
 * Milliseconds that it may take to restore the display's mode before the connection is closed. A larger value delays
 * the end of the server on a display that does not answer; with a smaller one our modes may stay on a busy machine.
 */
const LEAVE_LIMIT_MS = 2000;

/** The objects of one life of a display: three connections and the frame thread. */
export class DisplayLink {
  readonly input: XInput;
  readonly frames: FrameThread;
  /** Resolves with the reason when the display is gone, or the frame thread can do no more. */
  readonly ended: Promise<Error>;
  readonly #x: XConnection;
  readonly #resizer: Resizer;
  /** Defined if the X server is our own. */
  readonly #monitors: Monitors | undefined;
  /** Undefined until programs are to be told the dots per inch. */
  #dpiTeller: DpiTeller | undefined;
  readonly #clipboard: Clipboard;
  /** Defined if the X server is our own. */
  readonly #unused: UnusedPixels | undefined;
  readonly #wallpaper: Wallpaper | undefined;

  static async open(
    address: DisplayAddress,
    kernels: WebAssembly.Module,
    frame: SharedFrame,
    listeners: DisplayListeners,
  ): Promise<DisplayLink> {
    const { display, cookie, framebuffer, modes, hasWallpaper } = address;
    const x = await XConnection.open({ display, cookie });
    let frames: FrameThread | undefined;
    let input: XInput | undefined;
    try {
      frames = await FrameThread.start({ kernels, frame, display, cookie, framebuffer }, listeners.damage);
      input = await XInput.open(x, { display, cookie });
      const resizer = await Resizer.open(x, modes);
      const monitors = modes.isOwnServer ? await Monitors.open(x) : undefined;
      const clipboard = await Clipboard.open(x, listeners.clipboard);
      await CursorWatch.open(x, listeners.cursor);
      const unused = framebuffer === undefined ? undefined : new UnusedPixels(framebuffer, x, resizer);
      const wallpaper = hasWallpaper ? await Wallpaper.show(x) : undefined;
      return new DisplayLink(x, frames, input, resizer, monitors, clipboard, unused, wallpaper);
    } catch (error) {
      await frames?.close();
      await input?.close();
      await x.close();
      throw error;
    }
  }

  private constructor(
    x: XConnection,
    frames: FrameThread,
    input: XInput,
    resizer: Resizer,
    monitors: Monitors | undefined,
    clipboard: Clipboard,
    unused: UnusedPixels | undefined,
    wallpaper: Wallpaper | undefined,
  ) {
    this.#x = x;
    this.frames = frames;
    this.input = input;
    this.#resizer = resizer;
    this.#monitors = monitors;
    this.#clipboard = clipboard;
    this.#unused = unused;
    this.#wallpaper = wallpaper;
    unused?.giveBackLater();
    this.ended = Promise.race([x.ended, frames.ended]);
  }

  /**
   * Gives the display this size, and divides it into these screens if its X server is our own. Not to be called while
   * another resize runs.
   */
  async resize(size: Size, dpi: number, screens: readonly DesktopScreen[]): Promise<Size> {
    await this.#unused?.stop();
    try {
      // Before the size, which programs are told of.
      await this.#monitors?.divide(size, screens, dpi);
      const reached = await this.#resizer.resize(size, dpi);
      if (!sameSize(reached, size)) await this.#monitors?.divide(reached, [], dpi);
      return reached;
    } finally {
      this.#unused?.giveBackLater();
    }
  }

  /** Returns the screens that a desktop of that size is divided into. None: it is one screen. */
  screensAt(size: Size): readonly DesktopScreen[] {
    return this.#monitors?.at(size) ?? [];
  }

  /** Tells the desktop's programs the dots per inch. Not to be called while another call runs. */
  async tellDpi(dpi: number): Promise<void> {
    this.#dpiTeller ??= await DpiTeller.open(this.#x);
    await this.#dpiTeller.tell(dpi);
  }

  setClipboard(content: ClipboardContent): Promise<void> {
    return this.#clipboard.set(content);
  }

  async pointerPosition(): Promise<{ x: number; y: number }> {
    const { rootX, rootY } = await this.#x.request<{ rootX: number; rootY: number }>((client, done) =>
      client.QueryPointer(this.#x.root, done),
    );
    return { x: rootX, y: rootY };
  }

  /** With `leaves`, a display that goes on without us is also left as we found it. */
  async close({ leaves }: { leaves: boolean }): Promise<LinkLoss> {
    // First the frame thread: it may hang with the X server grabbed, which then answers no other connection.
    const hasThreadEnded = await this.frames.close();
    // Input releases the keys and buttons that are down: they stay down if the connection ends before.
    await this.input.close();
    this.#clipboard.close();
    this.#wallpaper?.close();
    // A display that is gone needs no cleaning up.
    const leaving = leaves ? this.#resizer.leave() : Promise.resolve();
    await within(LEAVE_LIMIT_MS, leaving);
    // A server that hangs answers it no more: it ends with the connection.
    const stopped = this.#unused?.stop();
    await this.#x.close();
    await stopped;
    return { isThreadStuck: !hasThreadEnded };
  }
}

/** Waits for `work`, which may fail, for a limited time. */
async function within(limitMs: number, work: Promise<void>): Promise<void> {
  const cut = new AbortController();
  const late = delay(limitMs, undefined, { signal: cut.signal });
  await Promise.race([work, late]).catch(() => undefined);
  cut.abort();
  await Promise.allSettled([late]);
}
