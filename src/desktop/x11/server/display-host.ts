import type { Logger } from 'pino';
import type { ProgramEnvironment } from '../../../config/program-environment.ts';
import type { Size } from '../../../pixels/rect.ts';
import { DesktopError } from '../../errors.ts';
import { USUAL_DPI } from '../screen/dpi-settings.ts';
import { writeDpiResource } from '../screen/dpi-teller.ts';
import { MadeModes } from '../screen/made-modes.ts';
import { Resizer } from '../screen/resizer.ts';
import { ROOT_COLOUR } from '../shell/openbox-config.ts';
import { XConnection } from '../wire/connection.ts';
import type { DesktopUser } from './desktop-user.ts';
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
  /** Whether the desktop is ours, and not one that another program draws. */
  readonly hasWallpaper: boolean;
}

/** State that a lost link left. */
export interface LinkLoss {
  /** Whether its frame thread could not be ended. The thread may keep the X server grabbed for ever. */
  readonly isThreadStuck: boolean;
}

/** Provides a display, and brings it back when it was lost. */
export interface DisplayHost {
  /**
   * Starts the display, or brings it back after its link was lost. A display that still runs and answers is left as it
   * is. The former link must be closed. Rejects if the display is not back yet.
   */
  open(): Promise<DisplayAddress>;
  /** The link to the display was lost, and is closed. To be called before the display is opened again. */
  linkLost(loss: LinkLoss): void;
  /** Milliseconds to wait before the next attempt to bring it back. Undefined means to give up. */
  retryDelayMs(): number | undefined;
  /** Programs are told these dots per inch from now on. */
  rescale(size: Size, dpi: number): Promise<void>;
  /** Ends all that `open` started. */
  close(): Promise<void>;
}

export interface OwnHostOptions {
  readonly maxSize: Size;
  /** Returns the size for a start of the server. */
  readonly size: () => Size;
  /** Returns the dots per inch for a start of the server. The usual ones if left out. */
  readonly dpi?: () => number;
  readonly run: string | undefined;
  /** Whether programs can use OpenGL. */
  readonly gl?: boolean;
  /** The user that the X server and the programs run as; undefined for the server's own. */
  readonly user?: DesktopUser | undefined;
  /** Further variables of the programs. */
  readonly environment?: ProgramEnvironment | undefined;
  readonly log: Logger;
  /** Limits other than the usual ones, for tests. */
  readonly limits?: Partial<HostLimits>;
}

export interface HostLimits {
  /** ANSWER_LIMIT_MS if left out. */
  readonly answerMs: number;
  /** TRIES_UNANSWERED if left out. */
  readonly triesUnanswered: number;
}

/**
 * Milliseconds before each restart of Xvfb. After the last one it is given up, because restarts do not help. More or
 * longer waits delay that; shorter ones restart a server that fails for a moment too often.
 */
const RESTART_DELAYS_MS = [0, 200, 1000, 3000] as const;

/**
 * Milliseconds before each attempt to link to an Xvfb that still runs. The last one repeats without limit, because the
 * programs in it still run. Longer waits show the desktop later; shorter ones keep the server busy with attempts.
 */
const RELINK_DELAYS_MS = [0, 1000, 3000] as const;

/**
 * Milliseconds that a running X server has to take a connection after the link to it was lost. A larger value delays
 * the restart of a server that a hung thread of ours has grabbed; with a smaller one, a busy machine makes that
 * restart, and loses its programs, although the server answers.
 */
const ANSWER_LIMIT_MS = 5000;

/**
 * Attempts after which a running X server that takes no connection is restarted: ten minutes, at ANSWER_LIMIT_MS and
 * the last of RELINK_DELAYS_MS each. A program may have grabbed the server, such as one that lets the user select a
 * part of the screen, or one that a debugger has stopped. A restart ends all programs, and with more attempts a server
 * that hangs is restarted later. Attempts are counted, not time: see XConnection.
 */
const TRIES_UNANSWERED = 75;

/** Milliseconds after which an X server, or a link, counts as healthy: its next end counts as the first one. */
const HEALTHY_AFTER_MS = 60_000;

/** Provides a display of our own: Xvfb and the programs in it. */
export class OwnHost implements DisplayHost {
  readonly #options: OwnHostOptions;
  readonly #limits: HostLimits;
  readonly #modes = new MadeModes(true);
  #xvfb: Xvfb | undefined;
  /** Undefined until the X server is ready for programs. */
  #programs: Programs | undefined;
  /** When the X server was started, and when it was last opened. */
  #startedAt = Number.NEGATIVE_INFINITY;
  #openedAt = Number.NEGATIVE_INFINITY;
  /** Restarts of the X server, and attempts to open it while it ran, since it or its link was healthy. */
  #restarts = 0;
  #relinks = 0;
  /** Attempts in a row that the running X server did not answer. */
  #unanswered = 0;
  #isThreadStuck = false;

  constructor(options: OwnHostOptions) {
    this.#options = options;
    this.#limits = { answerMs: ANSWER_LIMIT_MS, triesUnanswered: TRIES_UNANSWERED, ...options.limits };
  }

  async open(): Promise<DisplayAddress> {
    // After a fault of the link alone, such as of its frame thread, the programs go on.
    if (!(await this.#answers())) {
      if (this.#mayAnswerLater()) throw new DesktopError('DESKTOP_LOST', 'the X server does not answer');
      await this.#start();
    }
    this.#unanswered = 0;
    this.#isThreadStuck = false;
    this.#openedAt = performance.now();
    const { display, cookie, framebuffer } = this.#xvfb!;
    const hasWallpaper = this.#options.run === undefined;
    return { display, cookie, framebuffer, modes: this.#modes, hasWallpaper };
  }

  /** Whether the X server runs and takes a connection. One that hangs, or stays grabbed, does not. */
  async #answers(): Promise<boolean> {
    if (!this.#isRunning()) return false;
    this.#relinks++;
    const { display, cookie } = this.#xvfb!;
    try {
      await (await XConnection.open({ display, cookie, limitMs: this.#limits.answerMs })).close();
      return true;
    } catch {
      this.#unanswered++;
      return false;
    }
  }

  /** Whether to wait for a server that did not answer: a grab by a program ends, one by a stuck thread does not. */
  #mayAnswerLater(): boolean {
    return this.#isRunning() && !this.#isThreadStuck && this.#unanswered < this.#limits.triesUnanswered;
  }

  #isRunning(): boolean {
    return this.#programs !== undefined && this.#xvfb!.isRunning;
  }

  /** Starts the X server and the programs in it. Those of an earlier server are ended. */
  async #start(): Promise<void> {
    const { maxSize, size, dpi, run, gl = false, user, environment = {}, log } = this.#options;
    // Programs that did not notice the loss of their display would be in the way of the new ones.
    await this.#programs?.close();
    this.#programs = undefined;
    if (this.#xvfb) {
      this.#restarts++;
      await this.#xvfb.run();
    } else {
      this.#xvfb = await Xvfb.start({ maxSize, gl, user });
    }
    const { display, cookie, authority, dir } = this.#xvfb;
    await prepare({ display, cookie }, size(), dpi?.() ?? USUAL_DPI, this.#modes);
    this.#programs = await Programs.start({
      display,
      authority,
      dir,
      user,
      environment,
      run,
      size: size(),
      dpi: dpi?.() ?? USUAL_DPI,
      log,
    });
    this.#startedAt = performance.now();
  }

  linkLost({ isThreadStuck }: LinkLoss): void {
    this.#isThreadStuck ||= isThreadStuck;
    const now = performance.now();
    if (now - this.#startedAt > HEALTHY_AFTER_MS) this.#restarts = 0;
    if (now - this.#openedAt > HEALTHY_AFTER_MS) this.#relinks = 0;
  }

  retryDelayMs(): number | undefined {
    if (!this.#isRunning()) return RESTART_DELAYS_MS[this.#restarts];
    return RELINK_DELAYS_MS[this.#relinks] ?? RELINK_DELAYS_MS.at(-1);
  }

  async rescale(size: Size, dpi: number): Promise<void> {
    await this.#programs?.rescale(size, dpi);
  }

  async close(): Promise<void> {
    await this.#programs?.close();
    await this.#xvfb?.close();
  }
}

/** Gives a new display its size, its dots per inch and its background before any program sees it. */
async function prepare(
  address: { readonly display: string; readonly cookie: Uint8Array },
  size: Size,
  dpi: number,
  modes: MadeModes,
): Promise<void> {
  const x = await XConnection.open(address);
  try {
    await (await Resizer.open(x, modes)).resize(size, dpi);
    await writeDpiResource(x, dpi);
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
    return {
      display: this.#display,
      cookie: undefined,
      framebuffer: undefined,
      modes: this.#modes,
      hasWallpaper: false,
    };
  }

  linkLost(): void {}

  retryDelayMs(): number {
    return REATTACH_DELAY_MS;
  }

  async rescale(): Promise<void> {}

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
