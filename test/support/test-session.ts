import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import type { DlpRules } from '../../src/config/dlp/dlp-settings.ts';
import { NO_DLP } from '../../src/config/dlp/read-dlp.ts';
import type { Capture, CaptureOptions } from '../../src/desktop/desktop.ts';
import {
  SyntheticDesktop,
  type SyntheticDesktopOptions,
} from '../../src/desktop/synthetic/synthetic-desktop.ts';
import type { EncoderPoolSeams } from '../../src/encode/pool.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import type { VideoSettings } from '../../src/session/picture/video-settings.ts';
import { SharedSession } from '../../src/session/shared-session.ts';
import { MemoryViewer, type MemoryViewerOptions } from './memory-viewer.ts';
import { pixelValue } from './rect-pixels.ts';
import { Patience } from './wait-for.ts';

/** Captures whose times a desktop keeps. */
const KEPT_CAPTURES = 100;

/** A desktop of known pixels that counts its captures, and can be slow. */
export class WatchedDesktop extends SyntheticDesktop {
  captures = 0;
  /** Extra time that each capture takes, in milliseconds. */
  captureMs = 0;
  /** Number of coming captures that fail before they have taken the damage. */
  failCaptures = 0;
  /** Number of coming captures that fail when they have reported the top of a large change. */
  failBelowTop = 0;
  /** Awaited by each commit before it begins. */
  beforeCommit: () => Promise<void> | void = () => undefined;
  /** Captures that have begun and not settled. */
  capturesUnderWay = 0;
  /**
   * When captures began and ended, and for how long each read and compared pixels; by performance.now(). The last ones
   * only, oldest first.
   */
  readonly captureTimes: { startedAtMs: number; tookMs: number; endedAtMs: number }[] = [];

  override async capture(options?: CaptureOptions): Promise<Capture> {
    this.captures++;
    this.capturesUnderWay++;
    try {
      return await this.#capture(options);
    } finally {
      this.capturesUnderWay--;
    }
  }

  async #capture(options: CaptureOptions | undefined): Promise<Capture> {
    if (this.failCaptures > 0) {
      this.failCaptures--;
      throw new Error('This capture was to fail.');
    }
    const startedAtMs = performance.now();
    const capturing = super.capture(options);
    // It is done when the call returns: the synthetic desktop works on the calling thread.
    const tookMs = performance.now() - startedAtMs;
    const capture = await capturing;
    if (this.captureMs > 0) await new Promise((resolve) => setTimeout(resolve, this.captureMs));
    if (this.failBelowTop > 0) {
      this.failBelowTop--;
      throw new Error('This capture was to fail below its top.');
    }
    if (this.captureTimes.push({ startedAtMs, tookMs, endedAtMs: performance.now() }) > KEPT_CAPTURES)
      this.captureTimes.shift();
    return capture;
  }

  override async commit(): Promise<void> {
    await this.beforeCommit();
    return super.commit();
  }
}

export interface TestSessionOptions extends SyntheticDesktopOptions {
  readonly maxFps?: number;
  /** Whether viewers can resize the desktop. By default they can. */
  readonly allowsResize?: boolean;
  readonly owners?: readonly string[];
  /** Settings of video mode. By default no screen counts as video. */
  readonly video?: Partial<VideoSettings>;
  /** Rules for all users. By default nothing is limited. */
  readonly dlp?: Partial<DlpRules>;
  /** Users to whom these rules do not apply. */
  readonly free?: readonly string[];
  /** Rules of single users in place of these. */
  readonly own?: Readonly<Record<string, Partial<DlpRules>>>;
  /** Silent by default. */
  readonly log?: Logger;
  /** Replacements for the encoder threads. */
  readonly encoders?: EncoderPoolSeams;
}

/** Settings with which no screen counts as video. */
export const NO_VIDEO: VideoSettings = {
  areaPercent: 100,
  timeMs: 5000,
  outTimeMs: 3000,
  qualityLevel: 5,
  maxSize: { width: 1920, height: 1080 },
  filter: 'area',
};

/** First picture of the desktop, which differs from the first picture of a viewer. */
const FIRST_COLOUR = 0x404040;

/** Turns of the event loop in a row without work after which a session counts as quiet. */
const QUIET_TURNS = 5;
const QUIET_LIMIT_MS = 15_000;

/** A session on such a desktop; `await using` ends it. */
export class TestSession implements AsyncDisposable {
  readonly desktop: WatchedDesktop;
  readonly session: SharedSession;
  readonly viewers: MemoryViewer[] = [];

  constructor({
    maxFps = 60,
    allowsResize = true,
    owners = ['owner'],
    video,
    dlp,
    free = [],
    own = {},
    log,
    encoders,
    ...desktop
  }: TestSessionOptions) {
    this.desktop = new WatchedDesktop({ colour: FIRST_COLOUR, ...desktop });
    this.session = new SharedSession({
      desktop: this.desktop,
      maxFps,
      allowsResize,
      video: { ...NO_VIDEO, ...video },
      dlp: {
        forAll: { ...NO_DLP.forAll, ...dlp },
        byUser: new Map(
          [...free.map((user) => [user, {}] as const), ...Object.entries(own)].map(([user, rules]) => [
            user,
            { ...NO_DLP.forAll, ...rules },
          ]),
        ),
      },
      isOwner: (user) => owners.includes(user),
      log: log ?? pino({ level: 'silent' }),
      ...(encoders && { encoders }),
    });
  }

  async connect(options?: MemoryViewerOptions): Promise<MemoryViewer> {
    const viewer = await MemoryViewer.connect(this.session, options);
    this.viewers.push(viewer);
    return viewer;
  }

  /** Waits until the viewer shows exactly the desktop's pixels. */
  async untilShown(viewer: MemoryViewer, format: PixelFormat = SERVER_PIXEL_FORMAT): Promise<void> {
    await viewer.until('the picture', () => this.difference(viewer, format) === undefined);
  }

  /** Place where the viewer's picture differs from the desktop's. Undefined if there is none. */
  difference(viewer: MemoryViewer, format: PixelFormat = SERVER_PIXEL_FORMAT): string | undefined {
    const { width } = viewer.size;
    const at = viewer.screen.findIndex(
      (pixel, i) => pixel !== pixelValue(this.desktop.colourAt(i % width, Math.floor(i / width)), format),
    );
    return at < 0 ? undefined : `at ${at % width},${Math.floor(at / width)}`;
  }

  /**
   * Resolves when the session has handled everything that the viewers sent so far, has nothing left to capture,
   * commit or encode, and every viewer has received what it was sent. Call it instead of sleeping, to show that
   * nothing more comes:
   *
   *     const before = viewer.updates.length;
   *     room.desktop.paint(rect, colour);
   *     await room.quiet();
   *     assert.equal(viewer.updates.length, before);
   *
   * It exchanges one fence with each viewer that reads, which no `messages` list shows, but `wire.sent` does. It does
   * not wait for what only time brings: sharpening, the end of video mode, or room on a slow link. A viewer whose
   * wire is stalled is left out. Rejects after 15 s.
   */
  async quiet(): Promise<void> {
    await Promise.all(
      this.viewers.filter(({ wire }) => !wire.isOver && !wire.isStalled).map((viewer) => viewer.roundTrip()),
    );
    const patience = new Patience(QUIET_LIMIT_MS);
    for (let turns = 0; turns < QUIET_TURNS; ) {
      if (patience.isOver()) throw new Error(`The session was not quiet within ${QUIET_LIMIT_MS} ms.`);
      await nextTurn();
      turns = this.#isQuiet ? turns + 1 : 0;
    }
  }

  get #isQuiet(): boolean {
    const isDelivered = this.viewers.every(
      ({ wire }) => wire.isOver || wire.isStalled || wire.bufferedBytes === 0,
    );
    return isDelivered && this.session.isIdle && this.desktop.capturesUnderWay === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close('The test is over.');
    await this.desktop.close();
    for (const { failure } of this.viewers) if (failure) throw failure;
  }
}

/**
 * Lets `count` turns of the event loop pass, for tests that do several things close to each other. To show that nothing
 * comes, use `TestSession.quiet()`.
 */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}

/** Sleeps. Prefer `TestSession.quiet()`, `MemoryViewer.roundTrip()` or a wait for the event that is expected. */
export const settle = (ms = 150): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
