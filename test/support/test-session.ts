import { pino } from 'pino';
import type { Capture, CaptureOptions } from '../../src/desktop/desktop.ts';
import {
  SyntheticDesktop,
  type SyntheticDesktopOptions,
} from '../../src/desktop/synthetic/synthetic-desktop.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import type { VideoWishes } from '../../src/session/picture/video-settings.ts';
import { SharedSession } from '../../src/session/shared-session.ts';
import { MemoryViewer, type MemoryViewerOptions } from './memory-viewer.ts';
import { pixelValue } from './rect-pixels.ts';

/** A desktop of known pixels that counts who looks at it, and can be slow. */
export class WatchedDesktop extends SyntheticDesktop {
  captures = 0;
  /** How long each capture takes besides. */
  captureMs = 0;
  /** So many captures to come fail, before they have taken the damage. */
  failCaptures = 0;
  /** Awaited by each commit before it begins. */
  beforeCommit: () => Promise<void> | void = () => undefined;

  override async capture(options?: CaptureOptions): Promise<Capture> {
    this.captures++;
    if (this.failCaptures > 0) {
      this.failCaptures--;
      throw new Error('This capture was to fail.');
    }
    const capture = await super.capture(options);
    if (this.captureMs > 0) await new Promise((resolve) => setTimeout(resolve, this.captureMs));
    return capture;
  }

  override async commit(): Promise<void> {
    await this.beforeCommit();
    return super.commit();
  }
}

export interface TestSessionOptions extends SyntheticDesktopOptions {
  readonly maxFps?: number;
  readonly owners?: readonly string[];
  /** Such that no screen is taken for video, where not given. */
  readonly video?: Partial<VideoWishes>;
}

/** No screen is ever video. */
export const NO_VIDEO: VideoWishes = {
  areaPercent: 100,
  timeMs: 5000,
  outTimeMs: 3000,
  qualityLevel: 5,
  maxSize: { width: 1920, height: 1080 },
  filter: 'area',
};

/** What the desktop shows at first: nothing that a viewer shows by itself. */
const FIRST_COLOUR = 0x404040;

/** A session on such a desktop; `await using` ends it. */
export class TestSession implements AsyncDisposable {
  readonly desktop: WatchedDesktop;
  readonly session: SharedSession;
  readonly viewers: MemoryViewer[] = [];

  constructor({ maxFps = 60, owners = ['owner'], video, ...desktop }: TestSessionOptions) {
    this.desktop = new WatchedDesktop({ colour: FIRST_COLOUR, ...desktop });
    this.session = new SharedSession({
      desktop: this.desktop,
      maxFps,
      video: { ...NO_VIDEO, ...video },
      isOwner: (user) => owners.includes(user),
      log: pino({ level: 'silent' }),
    });
  }

  async connect(options?: MemoryViewerOptions): Promise<MemoryViewer> {
    const viewer = await MemoryViewer.connect(this.session, options);
    this.viewers.push(viewer);
    return viewer;
  }

  /** Waits till the viewer shows exactly what the desktop does. */
  async untilShown(viewer: MemoryViewer, format: PixelFormat = SERVER_PIXEL_FORMAT): Promise<void> {
    await viewer.until('the picture', () => this.difference(viewer, format) === undefined);
  }

  /** Where the viewer shows something else than the desktop, if anywhere. */
  difference(viewer: MemoryViewer, format: PixelFormat = SERVER_PIXEL_FORMAT): string | undefined {
    const { width } = viewer.size;
    const at = viewer.screen.findIndex(
      (pixel, i) => pixel !== pixelValue(this.desktop.colourAt(i % width, Math.floor(i / width)), format),
    );
    return at < 0 ? undefined : `at ${at % width},${Math.floor(at / width)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close('The test is over.');
    await this.desktop.close();
    for (const { failure } of this.viewers) if (failure) throw failure;
  }
}

/** Long enough for anything that would be sent to have come. */
export const settle = (ms = 150): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
