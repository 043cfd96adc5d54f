import type { Logger } from 'pino';
import type { Size } from '../../../pixels/rect.ts';
import { DesktopError } from '../../errors.ts';
import { MadeModes } from '../screen/made-modes.ts';
import { Resizer } from '../screen/resizer.ts';
import { XConnection } from '../wire/connection.ts';
import { ROOT_COLOUR } from './openbox-config.ts';
import { Programs } from './programs.ts';
import { Xvfb } from './xvfb.ts';

/** How to reach a display. */
export interface DisplayAddress {
  readonly display: string;
  readonly cookie: Uint8Array | undefined;
  /** Xvfb's framebuffer file, where the server is ours. */
  readonly framebuffer: string | undefined;
  /** RandR modes that were made on it. */
  readonly modes: MadeModes;
}

/** Where a display comes from, and how it is brought back when it went away. */
export interface DisplayHost {
  /**
   * Starts the display, or brings it back after its link was lost. A display that still runs and answers is left as it
   * is. The former link must be closed.
   */
  open(): Promise<DisplayAddress>;
  /** How long to wait before the `attempt`th try (from 0) to bring it back; undefined: give up. */
  retryDelayMs(attempt: number): number | undefined;
  /** Ends what `open` has started. */
  close(): Promise<void>;
}

export interface OwnHostOptions {
  readonly maxSize: Size;
  /** The size to start with; asked again at every start. */
  readonly size: () => Size;
  readonly run: string | undefined;
  readonly log: Logger;
}

/** Waits before another start of Xvfb; after the last, something is wrong that a restart does not cure. */
const RESTART_DELAYS_MS = [0, 200, 1000, 3000] as const;

/**
 * Milliseconds that a running X server has to take a connection after the link to it was lost. With a smaller value a busy
 * machine loses its programs to a restart; with a larger one a server that hangs is restarted later.
 */
const ANSWER_LIMIT_MS = 5000;

/** A display that stayed this long is well: its next end counts as the first one again. */
const HEALTHY_AFTER_MS = 60_000;

/** A display of our own: Xvfb and the programs in it. */
export class OwnHost implements DisplayHost {
  readonly #options: OwnHostOptions;
  readonly #modes = new MadeModes(true);
  #xvfb: Xvfb | undefined;
  #programs: Programs | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;
  #restarts = 0;

  constructor(options: OwnHostOptions) {
    this.#options = options;
  }

  async open(): Promise<DisplayAddress> {
    const { maxSize, size, run, log } = this.#options;
    // Only the link was lost, such as by a fault of its frame thread: the programs go on.
    const isUp = this.#programs !== undefined && (await this.#answers());
    if (!isUp) {
      // Programs that did not notice the loss of their display would be in the way of the new ones.
      await this.#programs?.close();
      if (this.#xvfb) await this.#xvfb.run();
      else this.#xvfb = await Xvfb.start(maxSize);
    }
    const { display, cookie, framebuffer, authority, dir } = this.#xvfb!;
    if (!isUp) {
      await prepare(display, cookie, size(), this.#modes);
      this.#programs = await Programs.start({ display, authority, dir, run, log });
    }
    this.#startedAt = performance.now();
    return { display, cookie, framebuffer, modes: this.#modes };
  }

  /** Whether the X server runs and takes a connection. One that hangs, or stays grabbed, does not. */
  async #answers(): Promise<boolean> {
    if (!this.#xvfb?.isRunning) return false;
    const { display, cookie } = this.#xvfb;
    try {
      await (await XConnection.open({ display, cookie, limitMs: ANSWER_LIMIT_MS })).close();
      return true;
    } catch {
      return false;
    }
  }

  retryDelayMs(attempt: number): number | undefined {
    if (attempt === 0 && performance.now() - this.#startedAt > HEALTHY_AFTER_MS) this.#restarts = 0;
    return RESTART_DELAYS_MS[this.#restarts++];
  }

  async close(): Promise<void> {
    await this.#programs?.close();
    await this.#xvfb?.close();
  }
}

/** Gives a fresh display its size and its colour before any program sees it. */
async function prepare(display: string, cookie: Uint8Array, size: Size, modes: MadeModes): Promise<void> {
  const x = await XConnection.open({ display, cookie });
  try {
    await (await Resizer.open(x, modes)).resize(size);
    x.client.ChangeWindowAttributes(x.root, { backgroundPixel: ROOT_COLOUR });
    x.client.ClearArea(x.root, 0, 0, 0, 0, 0);
    await x.sync();
  } finally {
    await x.close();
  }
}

/** How often to look whether an attached display is there again. */
const REATTACH_DELAY_MS = 1000;

/** A display that somebody else runs. */
export class AttachedHost implements DisplayHost {
  readonly #display: string;
  readonly #modes = new MadeModes(false);

  constructor(display: string) {
    this.#display = display;
  }

  async open(): Promise<DisplayAddress> {
    return { display: this.#display, cookie: undefined, framebuffer: undefined, modes: this.#modes };
  }

  retryDelayMs(): number {
    return REATTACH_DELAY_MS;
  }

  async close(): Promise<void> {}
}

/** The size of a display that is there, or why it can't be used. */
export async function probeDisplay(display: string): Promise<Size> {
  const x = await XConnection.open({ display });
  try {
    const { screen } = x;
    const visual = screen.depths[screen.root_depth]?.[screen.root_visual];
    const isBgrx =
      x.client.display.image_byte_order === 0 &&
      x.client.display.format[screen.root_depth]?.bits_per_pixel === 32 &&
      visual?.red_mask === 0xff0000 &&
      visual.green_mask === 0xff00 &&
      visual.blue_mask === 0xff;
    if (!isBgrx) throw new DesktopError('DESKTOP_BAD_DEPTH', `${display} has ${screen.root_depth} bits`);
    const { width, height } = await x.request<Size>((client, done) => client.GetGeometry(x.root, done));
    return { width, height };
  } finally {
    await x.close();
  }
}
