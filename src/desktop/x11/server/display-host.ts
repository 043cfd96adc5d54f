import type { Logger } from 'pino';
import type { Size } from '../../../pixels/rect.ts';
import { DesktopError } from '../../errors.ts';
import { MadeModes } from '../screen/made-modes.ts';
import { Resizer } from '../screen/resizer.ts';
import { XConnection } from '../wire/connection.ts';
import { ROOT_COLOUR } from './openbox-config.ts';
import { Programs } from './programs.ts';
import { Xvfb } from './xvfb.ts';

/** Address of a display, and what is known of it. */
export interface DisplayAddress {
  readonly display: string;
  readonly cookie: Uint8Array | undefined;
  /** Path of Xvfb's framebuffer if the X server is our own. */
  readonly framebuffer: string | undefined;
  /** RandR modes that were made on it. */
  readonly modes: MadeModes;
}

/** Provides a display, and brings it back when it was lost. */
export interface DisplayHost {
  /**
   * Starts the display, or brings it back after its link was lost. A display that still runs and answers is left as it
   * is. The former link must be closed.
   */
  open(): Promise<DisplayAddress>;
  /** Milliseconds to wait before attempt number `attempt`, from 0, to bring it back. Undefined means to give up. */
  retryDelayMs(attempt: number): number | undefined;
  /** Ends all that `open` started. */
  close(): Promise<void>;
}

export interface OwnHostOptions {
  readonly maxSize: Size;
  /** Returns the size for a start of the server. */
  readonly size: () => Size;
  readonly run: string | undefined;
  readonly log: Logger;
}

/**
 * Milliseconds before each restart of Xvfb. After the last one it is given up, because restarts do not help. More or
 * longer waits delay that; shorter ones restart a server that fails for a moment too often.
 */
const RESTART_DELAYS_MS = [0, 200, 1000, 3000] as const;

/**
 * Milliseconds that a running X server has to take a connection after the link to it was lost. With a smaller value a
 * busy machine loses its programs to a restart; with a larger one a server that hangs is restarted later.
 */
const ANSWER_LIMIT_MS = 5000;

/** Milliseconds after which a display counts as healthy: its next end counts as the first one. */
const HEALTHY_AFTER_MS = 60_000;

/** Provides a display of our own: Xvfb and the programs in it. */
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

/** Gives a new display its size and its background before any program sees it. */
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

/** Milliseconds between two attempts to reach an attached display. A larger value shows it later when it is back. */
const REATTACH_DELAY_MS = 1000;

/** Provides a display that another program runs. */
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

/** Resolves with the size of a display. Rejects if it can't be used. */
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
