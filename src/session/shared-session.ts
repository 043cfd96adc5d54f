import type { Logger } from 'pino';
import type { User, UserChanged } from '../accounts/user.ts';
import { answerWithin } from '../desktop/answer-within.ts';
import type { Capture, Desktop } from '../desktop/desktop.ts';
import { type PlannedCopies, planCopies } from '../encode/plan/copy-rects.ts';
import { EncoderPool } from '../encode/pool.ts';
import type { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Motion } from '../pixels/motion.ts';
import type { Size } from '../pixels/rect.ts';
import type { Bottleneck } from '../stats/bottleneck.ts';
import { assembleFrameStats, type FrameStats } from '../stats/frame-stats.ts';
import { createConnectionId } from './connection-id.ts';
import { SessionError } from './errors.ts';
import { FrameLoop } from './frame/frame-loop.ts';
import type { FrameRecord } from './frame/frame-record.ts';
import type { Taker } from './frame/taker.ts';
import { clientTimings, FrameMeasurement } from './measure/frame-measurement.ts';
import { UnwatchedFrame } from './measure/unwatched-frame.ts';
import type { VideoWishes } from './picture/video-settings.ts';
import { Activity } from './screen/activity.ts';
import { DrawnCursor } from './screen/drawn-cursor.ts';
import { ResizeWishes } from './screen/resizes.ts';
import { Sharpening } from './screen/sharpening.ts';
import { VideoWatch } from './screen/video-watch.ts';
import { Screenshots } from './screenshots.ts';
import type { ClientChoice, Connection, Screenshot, ScreenshotRequest, Session } from './session.ts';
import type { ViewerTransport } from './viewer/transport.ts';
import { Viewer } from './viewer/viewer.ts';

export interface SharedSessionOptions {
  readonly desktop: Desktop;
  readonly maxFps: number;
  /** When video mode begins and ends, and how it looks, for viewers that say nothing else. */
  readonly video: VideoWishes;
  /** Whether a user is an owner, for choosing the first owner's connection. */
  readonly isOwner: (user: string) => boolean;
  readonly log: Logger;
}

/** How long the desktop may take to clear its clipboard, in milliseconds. */
const CLIPBOARD_LIMIT_MS = 5_000;

/** One desktop and everybody who looks at it. Owns the encoder threads; the desktop belongs to the caller. */
export class SharedSession implements Session {
  readonly #desktop: Desktop;
  readonly #isOwner: (user: string) => boolean;
  readonly #log: Logger;
  readonly #pool: EncoderPool;
  readonly #loop: FrameLoop;
  readonly #activity = new Activity();
  readonly #sharpening: Sharpening;
  readonly #screenshots: Screenshots;
  readonly #drawnCursor: DrawnCursor;
  readonly #measurement: FrameMeasurement;
  readonly #video: VideoWishes;
  readonly #videoWatch: VideoWatch;
  /** In the order they came. */
  readonly #viewers = new Set<Viewer>();
  #unwatched: UnwatchedFrame | undefined;
  /** The frame that is captured next is to be a full one; owed any earlier, it might be sent without a capture. */
  #fullFrameDue = false;
  /** The desktop's size as viewers know it. */
  #toldSize: Size;
  readonly #resizes: ResizeWishes;
  #closed = false;

  constructor({ desktop, maxFps, video, isOwner, log }: SharedSessionOptions) {
    this.#desktop = desktop;
    this.#toldSize = desktop.size;
    this.#resizes = new ResizeWishes(desktop, () => this.#toldSize, log);
    this.#isOwner = isOwner;
    this.#log = log;
    this.#pool = new EncoderPool(desktop.frame);
    this.#loop = new FrameLoop({
      desktop,
      pool: this.#pool,
      maxFps,
      log,
      consumers: {
        ready: () => this.#ready(),
        owed: () => this.#owed(),
        frameWaits: (nowMs, hasChanged) => this.#holdUp(nowMs, hasChanged),
        changed: (tiles, record, motion) => this.#changed(tiles, record, motion),
        resized: (capture) => this.#resized(capture),
        isMoving: (tileX, tileY, nowMs) => this.#activity.isMoving(tileX, tileY, nowMs),
        drawnCursor: () => this.#drawnCursor.placed,
        isStill: (tileX, tileY, nowMs) => this.#activity.isStill(tileX, tileY, nowMs),
      },
    });
    this.#drawnCursor = new DrawnCursor(desktop, this.#loop.intervalMs, () => this.#loop.wake());
    this.#sharpening = new Sharpening(this.#activity, () => this.#loop.wake());
    this.#video = video;
    this.#videoWatch = new VideoWatch(this.#activity, {
      viewers: () => this.#viewers,
      hasDamage: () => this.#loop.hasDamage,
      wake: () => this.#loop.wake(),
    });
    this.#screenshots = new Screenshots(desktop, this.#loop, this.#pool);
    this.#measurement = new FrameMeasurement({
      viewers: () => this.#viewers,
      watch: () => this.#watch(),
      nextFrame: (signal) => this.#loop.nextFrame(signal),
    });
    desktop.on('cursor', () => this.#cursorChanged());
    desktop.on('clipboard', (text) => this.#clipboardChanged(text));
  }

  attach(transport: ViewerTransport, user: User, ip: string): void {
    if (this.#closed) {
      transport.close('The server is shutting down.');
      return;
    }
    const viewer = new Viewer(
      {
        id: createConnectionId(ip),
        user: user.name,
        rights: user,
        connectedSince: new Date(),
        limitMs: this.#loop.intervalMs,
        video: this.#video,
      },
      this.#desktop,
      transport,
      {
        wake: () => this.#loop.wake(),
        resize: (asker, size) => this.#resizes.ask(asker, size),
        clipboard: (text) => void this.#setClipboard(text),
        pointed: () => this.#drawnCursor.moved(),
        drawsCursor: (asker, wanted) => this.#drawnCursor.serve(asker, wanted),
        gone: (gone) => this.#gone(gone),
      },
      this.#log,
    );
    this.#viewers.add(viewer);
    this.#log.info({ connection: viewer.id, user: viewer.user }, 'A viewer connected');
  }

  /** Applies changed rights and passwords to the connections they concern. */
  usersChanged(changes: readonly UserChanged[]): void {
    for (const { name, user, passwordChanged } of changes) {
      for (const viewer of [...this.#viewers].filter((candidate) => candidate.user === name)) {
        if (!user) viewer.close('This user was removed.');
        else if (passwordChanged) viewer.close('The password was changed. Log in again.');
        else viewer.setRights(user);
      }
    }
  }

  connections(): Connection[] {
    return [...this.#viewers].map(({ id, user, connectedSince }) => ({ id, user, connectedSince }));
  }

  bottleneckStats(): Record<string, Record<string, Bottleneck>> {
    const now = performance.now();
    const users = new Map<string, [string, Bottleneck][]>();
    for (const viewer of this.#viewers) {
      const connections = users.get(viewer.user) ?? [];
      connections.push([viewer.id, viewer.bottleneck(now)]);
      users.set(viewer.user, connections);
    }
    // Object.fromEntries defines properties, so that a user named __proto__ is one like any other.
    return Object.fromEntries([...users].map(([user, list]) => [user, Object.fromEntries(list)]));
  }

  async frameStats(client: ClientChoice): Promise<FrameStats> {
    const chosen = this.#choose(client);
    const frame = await this.#measurement.measure();
    return assembleFrameStats(frame.timing, await clientTimings(frame, chosen));
  }

  screenshot(request: ScreenshotRequest): Promise<Screenshot> {
    return this.#screenshots.take(request);
  }

  async sendFullFrame(): Promise<void> {
    this.#lackAll();
    this.#loop.wake();
  }

  async clearClipboard(): Promise<void> {
    await answerWithin('clearing the clipboard', CLIPBOARD_LIMIT_MS, this.#desktop.setClipboard(undefined));
    for (const viewer of this.#viewers) viewer.clipboardChanged(undefined);
  }

  /** Whether no frame is being made or sent, and none waits for its time. */
  get isIdle(): boolean {
    return this.#loop.isIdle;
  }

  async close(reason: string): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#loop.close();
    this.#sharpening.close();
    this.#videoWatch.close();
    this.#drawnCursor.close();
    for (const viewer of [...this.#viewers]) viewer.close(reason);
    await this.#pool.close();
  }

  // What the frame loop asks.

  #ready(): Taker[] {
    const ready = this.#readyViewers().map(({ sender }) => sender);
    return ready.length === 0 && this.#unwatched ? [this.#unwatched] : ready;
  }

  #owed(): Taker[] {
    this.#sharpening.offer(this.#readyViewers());
    return this.#ready().filter((taker) => taker.lacksSomething);
  }

  #readyViewers(): Viewer[] {
    return [...this.#viewers].filter((viewer) => viewer.watches && viewer.standing === 'ready');
  }

  #holdUp(nowMs: number, damaged: boolean): void {
    for (const viewer of this.#viewers) {
      if (viewer.watches && (damaged || viewer.lacksSomething)) {
        viewer.flow.frameReady(nowMs, viewer.standing);
      }
    }
  }

  #changed(tiles: DirtyTiles, record: FrameRecord, motion: Motion | undefined): void {
    this.#screenshots.shownChanged();
    this.#toldSize = tiles.size;
    this.#unwatched?.damaged(tiles);
    const viewers = [...this.#viewers];
    const copies =
      motion && viewers.some(({ takesCopies }) => takesCopies) ? this.#planCopies(motion) : undefined;
    for (const viewer of viewers) {
      try {
        viewer.damaged(tiles, copies);
      } catch (error) {
        // It would lack this change for good. The others go on.
        this.#log.error({ err: error, connection: viewer.id }, 'A change could not be noted');
        viewer.close('A frame could not be encoded.');
      }
    }
    if (copies) this.#drawnCursor.copied(copies);
    this.#activity.changed(tiles, motion, record.damagedAtMs, performance.now());
    this.#followUp();
  }

  /** Undefined if it fails: what moved is then sent as pixels. */
  #planCopies(motion: Motion): PlannedCopies | undefined {
    try {
      return planCopies(motion);
    } catch (error) {
      this.#log.error({ err: error }, 'Copies could not be planned');
      return undefined;
    }
  }

  #resized({ changed, size }: Capture): void {
    this.#screenshots.shownChanged();
    this.#toldSize = size;
    this.#unwatched?.damaged(changed);
    for (const viewer of this.#viewers) viewer.resized(this.#resizes.reasonFor(viewer));
    this.#resizes.told();
    this.#activity.resized(size, performance.now());
    this.#followUp();
  }

  /** The viewers know of a change; what else follows from it. */
  #followUp(): void {
    this.#videoWatch.look(performance.now());
    this.#lackAllIfDue();
  }

  #lackAllIfDue(): void {
    if (this.#fullFrameDue) this.#lackAll();
    this.#fullFrameDue = false;
  }

  /** Everybody who watches is to be sent the whole screen. */
  #lackAll(): void {
    this.#unwatched?.lackAll();
    for (const viewer of this.#viewers) if (viewer.watches) viewer.lackAll();
  }

  #watch(): { makeFullFrame(): void; end(): void } {
    const unwatched = new UnwatchedFrame(this.#desktop.size);
    this.#unwatched = unwatched;
    return {
      makeFullFrame: () => {
        this.#fullFrameDue = true;
        this.#loop.captureAnyway();
      },
      end: () => {
        this.#unwatched = undefined;
        // Calls off what was armed for it.
        this.#loop.wake();
      },
    };
  }

  // What the viewers ask.

  async #setClipboard(text: string): Promise<void> {
    try {
      await this.#desktop.setClipboard(text);
    } catch (error) {
      this.#log.warn({ err: error }, 'The clipboard could not be set');
    }
  }

  #gone(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    this.#drawnCursor.serve(viewer, false);
    this.#resizes.forget(viewer);
    this.#log.info({ connection: viewer.id, user: viewer.user }, 'A viewer left');
    this.#loop.wake();
  }

  // What the desktop tells.

  #cursorChanged(): void {
    for (const viewer of this.#viewers) viewer.cursorChanged();
    this.#drawnCursor.shapeChanged();
    this.#loop.wake();
  }

  #clipboardChanged(text: string): void {
    for (const viewer of this.#viewers) viewer.clipboardChanged(text);
  }

  /** The viewers a caller wants to hear from. Throws SessionError SESSION_NO_SUCH_CLIENT. */
  #choose(client: ClientChoice): Viewer[] {
    const viewers = [...this.#viewers];
    switch (client.kind) {
      case 'none':
        return [];
      case 'all':
        return viewers;
      case 'auto': {
        const first =
          viewers.find((viewer) => viewer.user === client.owner) ??
          viewers.find((viewer) => this.#isOwner(viewer.user));
        return first ? [first] : [];
      }
      case 'one': {
        const one = viewers.find((viewer) => viewer.id === client.id);
        if (!one) throw new SessionError('SESSION_NO_SUCH_CLIENT', client.id);
        return [one];
      }
    }
  }
}
