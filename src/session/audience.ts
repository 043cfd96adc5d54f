import type { Logger } from 'pino';
import { afterReal } from '../common/after.ts';
import type { Capture, ClipboardChange, Desktop, WantedSize } from '../desktop/desktop.ts';
import { DesktopError } from '../desktop/errors.ts';
import type { PlacedCursor } from '../encode/make/draw-cursor.ts';
import { type PlannedCopies, planCopies } from '../encode/plan/plan-copies.ts';
import { type DirtyTiles, tileCount } from '../pixels/dirty-tiles.ts';
import type { Motion } from '../pixels/motion.ts';
import type { Size } from '../pixels/rect.ts';
import { type ClipboardContent, NO_CONTENT } from '../protocol/clipboard-content.ts';
import { isForBackground } from './frame/background-encoding.ts';
import type { FrameConsumers } from './frame/frame-consumers.ts';
import type { FrameRecord } from './frame/frame-record.ts';
import type { Taker } from './frame/taker.ts';
import { UnwatchedFrame } from './measure/unwatched-frame.ts';
import { Activity } from './screen/activity.ts';
import { DesktopClipboard } from './screen/desktop-clipboard.ts';
import { DrawnCursor } from './screen/drawn-cursor.ts';
import { Presence } from './screen/presence.ts';
import { ResizeRequests } from './screen/resize-requests.ts';
import { Sharpening } from './screen/sharpening.ts';
import { VideoWatch } from './screen/video-watch.ts';
import type { SessionEvents } from './session-events.ts';
import type { ReceivedContent } from './viewer/clipboard.ts';
import type { Viewer, ViewerEvents } from './viewer/viewer.ts';

/** Reason for viewers whose desktop cannot be started. The page connects again, which has it started again. */
export const DESKTOP_DOWN = 'The desktop has ended and cannot be started at the moment.';

/** The part of the session that the audience uses. */
export interface AudienceHost {
  /** Shortest time from frame to frame, in milliseconds. */
  readonly intervalMs: number;
  readonly events: SessionEvents;
  /** Whether something may have been drawn that the shown picture lacks. */
  hasDamage(): boolean;
  /** A viewer may be ready, or lack something new. */
  wake(): void;
  /** Captures as soon as the highest rate allows, even if nothing was drawn. */
  captureAnyway(): void;
  /** The shown picture has changed. */
  shownChanged(): void;
  /** A viewer came or left. */
  viewersChanged(count: number): void;
}

/**
 * All viewers of one desktop. Tells the frame loop which of them are ready, tells them what has changed, and carries
 * out their requests that concern all of them: the desktop's size, its clipboard, the drawn cursor.
 */
export class Audience implements FrameConsumers, ViewerEvents {
  /** The desktop's clipboard. */
  readonly desktopClipboard: DesktopClipboard;
  readonly #desktop: Desktop;
  readonly #log: Logger;
  readonly #host: AudienceHost;
  readonly #activity: Activity;
  readonly #sharpening: Sharpening;
  readonly #videoWatch: VideoWatch;
  readonly #drawnCursor: DrawnCursor;
  readonly #resizes: ResizeRequests;
  readonly #presence: Presence;
  readonly #viewers = new Set<Viewer>();
  /** Takes the next frame if no viewer is ready, so that it can be measured. */
  #unwatched: UnwatchedFrame | undefined;
  /**
   * Every viewer lacks the whole screen from the next capture on. Lacking it earlier, a viewer could be sent it without
   * a capture, and that frame would not be measured.
   */
  #isFullFrameDue = false;

  constructor(desktop: Desktop, host: AudienceHost, log: Logger) {
    this.#desktop = desktop;
    this.#host = host;
    this.#log = log;
    const { memory, coloursAt } = desktop.frame;
    this.#activity = new Activity(new Uint16Array(memory.buffer, coloursAt, tileCount(desktop.maxSize)));
    const wake = (): void => host.wake();
    this.#sharpening = new Sharpening(this.#activity, wake);
    this.#drawnCursor = new DrawnCursor(desktop, host.intervalMs, wake);
    this.#resizes = new ResizeRequests(desktop, log);
    this.#presence = new Presence({
      after: afterReal,
      joined: (user) => this.#tellOthers(user, 'joined'),
      left: (user) => this.#tellOthers(user, 'left'),
    });
    this.desktopClipboard = new DesktopClipboard(desktop, log);
    this.#videoWatch = new VideoWatch(this.#activity, {
      viewers: () => this.#viewers,
      hasDamage: () => host.hasDamage(),
      wake,
    });
    desktop.on('cursor', () => this.#cursorChanged());
    desktop.on('lost', (error) => {
      this.desktopClipboard.lost();
      if (!(error instanceof DesktopError) || error.code !== 'DESKTOP_GAVE_UP') return;
      for (const viewer of this.viewers) viewer.close(DESKTOP_DOWN);
    });
    desktop.on('clipboard', (change) => this.#clipboardChanged(change));
    desktop.on('clipboardLost', () => this.desktopClipboard.lost());
  }

  /** In the order in which they connected. */
  get viewers(): readonly Viewer[] {
    return [...this.#viewers];
  }

  add(viewer: Viewer): void {
    this.#viewers.add(viewer);
    this.#host.viewersChanged(this.#viewers.size);
    this.#log.info({ connection: viewer.id, user: viewer.user }, 'A viewer connected');
  }

  /** Sends the whole screen to every viewer with read. */
  lackAll(): void {
    this.#unwatched?.lackAll();
    for (const viewer of this.#viewers) if (viewer.watches) viewer.lackAll();
  }

  /** Clears the desktop's clipboard, then those of the viewers. Rejects with a DesktopError. */
  async clearClipboard(): Promise<void> {
    await this.desktopClipboard.clear();
    this.#host.events.clipboard(NO_CONTENT);
    for (const viewer of this.#viewers) viewer.clipboardCleared();
  }

  /** Sets the desktop's clipboard for a caller of the API. Rejects with a DesktopError. */
  async setClipboardFor(content: ClipboardContent): Promise<void> {
    await this.desktopClipboard.put(content);
    this.#host.events.clipboard(content);
  }

  /** Resizes the desktop for a caller of the API. Resolves with its size afterwards. Rejects with a DesktopError. */
  resizeFor(size: WantedSize): Promise<Size> {
    return this.#resizes.request(size);
  }

  /** Has the next frame captured and encoded even if no viewer is ready, until `end` is called. */
  watch(): { makeFullFrame(): void; end(): void } {
    this.#unwatched = new UnwatchedFrame(this.#desktop.size);
    return {
      makeFullFrame: () => {
        this.#isFullFrameDue = true;
        this.#host.captureAnyway();
      },
      end: () => {
        this.#unwatched = undefined;
        // Still due if the capture failed. The next change is then no frame to measure.
        this.#isFullFrameDue = false;
        // Calls off a capture that was armed for it.
        this.#host.wake();
      },
    };
  }

  /** Ends every connection with `reason`. */
  close(reason: string): void {
    this.#sharpening.close();
    this.#videoWatch.close();
    this.#drawnCursor.close();
    this.#presence.close();
    for (const viewer of this.viewers) viewer.close(reason);
  }

  // FrameConsumers

  get watchers(): number {
    let count = 0;
    for (const viewer of this.#viewers) if (viewer.watches) count++;
    return count;
  }

  get users(): number {
    const users = new Set<string>();
    for (const { watches, user } of this.#viewers) if (watches) users.add(user);
    return users.size;
  }

  get hasForeground(): boolean {
    for (const { watches, sender } of this.#viewers) if (watches && !isForBackground(sender)) return true;
    return false;
  }

  ready(): Taker[] {
    const ready = this.#readyViewers().map(({ sender }) => sender);
    return ready.length === 0 && this.#unwatched ? [this.#unwatched] : ready;
  }

  owed(): Taker[] {
    const viewers = this.#readyViewers();
    this.#sharpening.offer(
      viewers.map((viewer) => ({
        isBlurred: viewer.isBlurred,
        sharpen: (isStill) => this.#attempt(viewer, () => viewer.sharpen(isStill)) ?? false,
      })),
    );
    if (viewers.length === 0) return this.#unwatched?.lacksSomething ? [this.#unwatched] : [];
    return viewers
      .filter((viewer) => viewer.watches && this.#attempt(viewer, () => viewer.lacksSomething))
      .map(({ sender }) => sender);
  }

  frameWaits(nowMs: number, hasChanged: boolean): void {
    for (const viewer of this.#viewers) {
      viewer.sender.frameWaits(nowMs, viewer.watches && (hasChanged || viewer.lacksSomething));
    }
  }

  changed(tiles: DirtyTiles, record: FrameRecord, motion?: Motion): void {
    this.#host.shownChanged();
    this.#host.events.changed(tiles);
    this.#resizes.shown(tiles.size);
    this.#unwatched?.damaged(tiles);
    const { viewers } = this;
    const copies =
      motion && viewers.some(({ takesCopies }) => takesCopies) ? this.#planCopies(motion) : undefined;
    // A viewer that may not read lacks the whole screen once it may.
    for (const viewer of viewers)
      if (viewer.watches) this.#attempt(viewer, () => viewer.damaged(tiles, copies));
    if (copies) this.#drawnCursor.copied(copies.moves);
    const nowMs = performance.now();
    this.#activity.changed(tiles, motion, record.damagedAtMs, nowMs);
    this.#afterChange(nowMs);
  }

  resized({ changed, size }: Capture): void {
    this.#host.shownChanged();
    this.#host.events.resized(size);
    this.#host.events.changed(changed);
    this.#unwatched?.damaged(changed);
    const reasons = this.#resizes.resized(size);
    for (const viewer of this.#viewers) viewer.resized(reasons(viewer));
    const nowMs = performance.now();
    this.#activity.resized(size, nowMs);
    this.#afterChange(nowMs);
  }

  isMoving(tileX: number, tileY: number, nowMs: number): boolean {
    return this.#activity.isMoving(tileX, tileY, nowMs);
  }

  isStill(tileX: number, tileY: number, nowMs: number): boolean {
    return this.#activity.isStill(tileX, tileY, nowMs);
  }

  drawnCursor(): PlacedCursor | undefined {
    return this.#drawnCursor.placed;
  }

  // ViewerEvents

  arrived(viewer: Viewer): void {
    this.#presence.connected(viewer.user);
    this.#host.events.joined(viewer);
  }

  wake(): void {
    this.#host.wake();
  }

  resize(viewer: Viewer, size: WantedSize): void {
    this.#resizes.ask(viewer, size);
  }

  revoked(viewer: Viewer): void {
    this.#resizes.revoke(viewer);
    this.desktopClipboard.revoke(viewer);
  }

  clipboard(viewer: Viewer, { content, isLatin1 }: ReceivedContent): void {
    if (this.desktopClipboard.set(content, viewer, isLatin1)) this.#host.events.clipboard(content, viewer);
  }

  copied(): readonly ClipboardChange[] {
    return this.desktopClipboard.changes;
  }

  pointed(): void {
    this.#drawnCursor.moved();
  }

  drawsCursor(viewer: Viewer, wanted: boolean): void {
    this.#drawnCursor.serve(viewer, wanted);
  }

  gone(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (viewer.hasArrived) {
      this.#presence.disconnected(viewer.user);
      this.#host.events.left(viewer);
    }
    this.#host.viewersChanged(this.#viewers.size);
    this.#drawnCursor.serve(viewer, false);
    this.#resizes.forget(viewer);
    this.#log.info({ connection: viewer.id, user: viewer.user }, 'A viewer left');
    this.#host.wake();
  }

  #tellOthers(user: string, change: 'joined' | 'left'): void {
    for (const viewer of this.#viewers) if (viewer.user !== user) viewer.userChanged(user, change);
  }

  #readyViewers(): Viewer[] {
    const ready = this.viewers.filter((viewer) => viewer.watches && viewer.standing === 'ready');
    if (ready.length === 0 || this.users < 2) return ready;
    const nowMs = performance.now();
    return ready.filter(({ sender }) => !sender.encoder || sender.encoder.waitMs(nowMs) === 0);
  }

  /**
   * Closes the viewer if its step fails: it would lack a change for good. The other viewers are served all the same.
   */
  #attempt<T>(viewer: Viewer, step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      this.#log.error({ err: error, connection: viewer.id }, 'A change could not be noted');
      viewer.close('A frame could not be encoded.');
      return undefined;
    }
  }

  /** Returns undefined if planning fails: the content that moved is then sent as pixels. */
  #planCopies(motion: Motion): PlannedCopies | undefined {
    try {
      return planCopies(motion);
    } catch (error) {
      this.#log.error({ err: error }, 'Copies could not be planned');
      return undefined;
    }
  }

  /** Video mode and a full frame that is due follow from a change, once every viewer has been told of it. */
  #afterChange(nowMs: number): void {
    this.#videoWatch.look(nowMs);
    if (!this.#isFullFrameDue) return;
    this.#isFullFrameDue = false;
    this.lackAll();
  }

  #clipboardChanged(change: ClipboardChange): void {
    if (!this.desktopClipboard.changed(change)) return;
    // Text is marked with every drag of the mouse, and stays where it is.
    if (change.how !== 'marked') this.#host.events.clipboard(change.content);
    for (const viewer of this.#viewers) viewer.clipboardChanged(change);
  }

  #cursorChanged(): void {
    for (const viewer of this.#viewers) viewer.cursorChanged();
    this.#drawnCursor.shapeChanged();
    this.#host.wake();
  }
}
