import type { Logger } from 'pino';
import { type Pass, rightsWith } from '../../accounts/pass.ts';
import type { Rights } from '../../accounts/user.ts';
import { limitRunningTime } from '../../common/running-time-limit.ts';
import type { ClipboardChange, Desktop, WantedSize } from '../../desktop/desktop.ts';
import type { Overlay } from '../../encode/overlay/overlay.ts';
import type { PlannedCopies } from '../../encode/plan/plan-copies.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { type Rect, type Size, wholeOf } from '../../pixels/rect.ts';
import { RfbError } from '../../protocol/errors.ts';
import { ServerHandshake } from '../../protocol/handshake.ts';
import { disconnect, userJoined, userLeft } from '../../protocol/server-messages.ts';
import type { Bottleneck } from '../../stats/bottleneck.ts';
import type { StartTiming } from '../../stats/frame-stats.ts';
import { logClipboardUses } from '../dlp/clipboard-log.ts';
import type { Standing, ViewerFlow } from '../link/flow.ts';
import { drawsCursor } from '../picture/profile-from-settings.ts';
import type { VideoMode } from '../picture/video-mode.ts';
import { ViewerPicture } from '../picture/viewer-picture.ts';
import { blankRects, partsOutside } from './blank.ts';
import type { ReceivedContent } from './clipboard.ts';
import { sharedCursorRect } from './cursor-rects.ts';
import { type FrameReport, FrameReports } from './frame-reports.ts';
import { handleMessage, type ViewerParts } from './message-handlers.ts';
import { HANDSHAKE_TIMEOUT_MS, MessagePump } from './message-pump.ts';
import { MAX_READER_MESSAGE_BYTES } from './message-rights.ts';
import { mainThreadTurns } from './message-turns.ts';
import { mostUpdateBytes, mostWaitingBytes } from './outbox-limit.ts';
import type { ViewerTransport } from './transport.ts';
import { UpdateSender } from './update-sender.ts';
import { showSentence, type ViewerFacts, viewerFacts } from './viewer-facts.ts';
import type { ViewerIdentity } from './viewer-identity.ts';
import { createViewerParts } from './viewer-parts.ts';

const NO_RIGHTS: Rights = { read: false, write: false, owner: false };

/** Events of a viewer, for its session. */
export interface ViewerEvents {
  /** The viewer has completed the handshake. Comes at most once, and before `gone`. */
  arrived(viewer: Viewer): void;
  /** The viewer may be able to take an update now. */
  wake(): void;
  /** The viewer asks for another size of the desktop. */
  resize(viewer: Viewer, size: WantedSize): void;
  /** The viewer may no longer write: what it asked of the desktop is not carried out. */
  revoked(viewer: Viewer): void;
  /** The viewer put something on the clipboard. */
  clipboard(viewer: Viewer, received: ReceivedContent): void;
  /** What was copied or marked in the desktop, the newest first. */
  copied(): readonly ClipboardChange[];
  /** The viewer sent a pointer message, absolute or relative. */
  pointed(): void;
  /** Whether the viewer needs the cursor as a part of its picture. May say the same again. */
  drawsCursor(viewer: Viewer, wanted: boolean): void;
  /** The connection has ended. */
  gone(viewer: Viewer): void;
}

/** One connection of one user: its identity, its rights, and the wires between its parts. */
export class Viewer {
  readonly id: string;
  readonly user: string;
  readonly pass: Pass | undefined;
  readonly address: string;
  readonly connectedSince: Date;
  /** Takes this viewer's updates. */
  readonly sender: UpdateSender;

  readonly #desktop: Desktop;
  readonly #transport: ViewerTransport;
  readonly #events: ViewerEvents;
  readonly #log: Logger;
  readonly #picture: ViewerPicture;
  readonly #parts: ViewerParts;
  readonly #pump: MessagePump;
  readonly #stopHandshakeLimit: () => void;
  #rights: Rights;
  /** Size of a framebuffer that cannot follow the desktop's size. */
  #framebuffer: Size | undefined;
  #closed = false;

  constructor(
    identity: ViewerIdentity,
    desktop: Desktop,
    transport: ViewerTransport,
    events: ViewerEvents,
    log: Logger,
  ) {
    this.id = identity.id;
    this.user = identity.user;
    this.pass = identity.pass;
    this.address = identity.address;
    this.connectedSince = identity.connectedSince;
    this.#rights = rightsWith(identity.rights, identity.pass);
    this.#desktop = desktop;
    this.#transport = transport;
    this.#events = events;
    this.#log = log;
    this.#picture = new ViewerPicture(desktop.size, identity.video, identity.overlay);
    const reports = new FrameReports();
    this.sender = this.#createSender(identity, reports);
    this.#parts = createViewerParts({
      desktop,
      sender: this.sender,
      picture: this.#picture,
      reports,
      audit: identity.audit,
      limits: identity.limits,
      clipboardUsed: logClipboardUses(log, identity),
      rights: () => this.#rights,
      mayResize: identity.mayResize,
      wake: () => events.wake(),
      resize: (size) => events.resize(this, size),
      received: (content) => events.clipboard(this, content),
      copied: () => (this.#rights.write ? events.copied() : []),
      pointed: () => events.pointed(),
      cursorKindChanged: () => this.#cursorKindChanged(),
      crop: (framebuffer) => this.#crop(framebuffer),
    });
    const describe = () => {
      this.#parts.sizeNotice.init(desktop.size);
      return { ...desktop.size, name: `Deskwire ${desktop.display}` };
    };
    const handshake = new ServerHandshake(describe, identity.isSecured);
    this.#pump = new MessagePump({
      handshake,
      turns: mainThreadTurns,
      now: () => performance.now(),
      send: (message) => this.sender.outbox.message(message),
      shaken: () => {
        this.#stopHandshakeLimit();
        events.arrived(this);
        // The viewer knows the size from ServerInit, and has none of the pixels.
        this.lackAll();
      },
      mayWrite: () => this.#rights.write,
      mayKeep: (...asked) => this.#parts.clipboard.mayKeep(...asked),
      handle: (message) => handleMessage(this.#parts, message),
      handled: (keepsPortions) => this.#parts.clipboard.handled(keepsPortions),
      refused: (error) => this.#fail(error),
      pauseReading: (isPaused) => (isPaused ? transport.pauseReading() : transport.resumeReading()),
    });
    this.#stopHandshakeLimit = limitRunningTime(HANDSHAKE_TIMEOUT_MS, () =>
      this.close('The viewer did not complete the RFB handshake in time.'),
    );
    this.#limitMessages();
    transport.onData((bytes) => this.#pump.push(bytes));
    transport.onRead((bytes, messages) => this.#pump.read(bytes, messages));
    transport.onDrain(() => this.#events.wake());
    transport.onClose(() => this.#ended());
    identity.audit.opened();
    transport.send(handshake.greeting());
  }

  // Asked by the frame loop and what decides for it.

  get flow(): ViewerFlow {
    return this.sender.flow;
  }

  /** Whether the viewer has completed the handshake. */
  get hasArrived(): boolean {
    return this.#pump.hasShakenHands;
  }

  /** Whether the viewer may be sent pixels: it has completed the handshake and has the right to read. */
  get watches(): boolean {
    return this.#pump.hasShakenHands && this.#rights.read && !this.#closed;
  }

  get standing(): Standing {
    return this.sender.standing;
  }

  get lacksSomething(): boolean {
    return this.sender.lacksSomething;
  }

  get video(): VideoMode {
    return this.#picture.video;
  }

  /** Whether the viewer can be sent copies of its own pixels. */
  get takesCopies(): boolean {
    return this.#parts.capabilities.settings.copyRect && this.#picture.takesCopies;
  }

  /** The desktop has changed in these tiles. `copies` says what of that has moved. */
  damaged(changed: DirtyTiles, copies: PlannedCopies | undefined): void {
    this.#picture.changed(changed, copies);
  }

  /** The pointer that is drawn into this part of the picture has moved or changed. */
  lack(rect: Rect): void {
    this.#picture.changedIn(rect);
  }

  /** The watermark is another one, such as that of the next minute. */
  setMark(overlay: Overlay | undefined): void {
    if (this.#picture.setMark(overlay)) this.#events.wake();
  }

  /** Sends the whole picture again. */
  lackAll(): void {
    this.#picture.all(this.#desktop.size);
  }

  /** Video mode has begun or ended for this viewer. When it ends, the screen is sent once more, sharp. */
  videoChanged(): void {
    const isOther = this.#picture.videoChanged();
    if (!this.video.isOn && isOther && this.watches) this.lackAll();
  }

  /** The desktop has another size. `reason` is that of ExtendedDesktopSize. */
  resized(reason: number): void {
    this.lackAll();
    if (this.#pump.hasShakenHands && !this.#closed) this.#parts.sizeNotice.changed(reason);
  }

  /** The viewer's request left the desktop's size as it is. `status` is that of ExtendedDesktopSize. */
  notResized(status: number): void {
    this.#parts.sizeNotice.refused(status);
  }

  /** Whether some of the picture was sent with loss and will be sharpened once it holds still. */
  get isBlurred(): boolean {
    return this.#picture.isBlurred;
  }

  /** Adds a part of the picture that does not change and is blurred to what the viewer lacks. */
  sharpen(isStill: (tileX: number, tileY: number) => boolean): boolean {
    return this.sender.sharpen(isStill);
  }

  // Asked by the session.

  bottleneck(nowMs: number): Bottleneck {
    return this.sender.bottleneck(nowMs);
  }

  get start(): StartTiming {
    return { client: this.id, ...this.sender.start };
  }

  /** What an owner is told of the viewer. */
  facts(nowMs: number): ViewerFacts {
    return viewerFacts(this.#parts, this.#framebuffer ?? this.#desktop.size, nowMs);
  }

  /** Shows the user a sentence. Returns whether the viewer can. */
  say(text: string): boolean {
    return this.#pump.hasShakenHands && showSentence(this.#parts, text);
  }

  get canReport(): boolean {
    const { ours, kasm } = this.#parts.capabilities.settings;
    return this.watches && (ours || kasm);
  }

  /**
   * Has the viewer measure its next update. Resolves with undefined if the viewer does not answer within `timeoutMs` or
   * disconnects.
   */
  reportNextUpdate(timeoutMs: number): Promise<FrameReport | undefined> {
    return this.#parts.reports.ofNextUpdate(timeoutMs);
  }

  setRights(rights: Rights): void {
    const before = this.#rights;
    this.#rights = rightsWith(rights, this.pass);
    this.#parts.capabilities.rightsChanged();
    this.#limitMessages();
    this.#pump.rightsChanged();
    if (before.write && !rights.write) {
      this.#parts.input.revoke();
      this.#parts.clipboard.revoke();
      this.#events.revoked(this);
    }
    if (!before.write && this.#hasClipboard && this.#parts.clipboard.begin())
      this.#parts.audit.clipboardOffered();
    if (before.read && !rights.read) this.#blank();
    if (!before.read && rights.read) this.lackAll();
    if (before.read !== rights.read) this.#cursorKindChanged();
    this.#events.wake();
  }

  /** The desktop's cursor, or how the viewer is sent it, may have changed. */
  cursorChanged(): void {
    const { cursor } = this.#desktop;
    const kind = this.#parts.capabilities.settings.cursor;
    const isSent = cursor && kind && this.#rights.read;
    this.sender.sendCursor(isSent ? () => sharedCursorRect(kind, cursor, this.#picture.format) : undefined);
  }

  /** Something was copied or marked in the desktop. Only viewers that may write are told. */
  clipboardChanged(change: ClipboardChange): void {
    if (this.#hasClipboard && this.#parts.clipboard.offer(change)) this.#parts.audit.clipboardOffered();
  }

  /** The desktop's clipboard was cleared. */
  clipboardCleared(): void {
    if (this.#hasClipboard) this.#parts.clipboard.clear();
  }

  /** Another user has joined or left. Told to viewers that support it and may see the desktop. */
  userChanged(name: string, change: 'joined' | 'left'): void {
    const { ours, kasm } = this.#parts.capabilities.settings;
    if (!this.watches || !(ours || kasm)) return;
    this.sender.outbox.message(change === 'joined' ? userJoined(name) : userLeft(name), 'alone');
  }

  /**
   * Ends the connection. The viewer is told why if it supports that. `isFinal`: it would be refused if it connected
   * again.
   */
  close(reason: string, { isFinal = false } = {}): void {
    if (this.#closed) return;
    const { capabilities, input } = this.#parts;
    this.#events.revoked(this);
    if (capabilities.settings.disconnectNotice && this.sender.cutShort()) {
      this.sender.outbox.message(disconnect(isFinal, reason), 'alone');
    }
    // What the viewer sent before may still be inflated.
    this.#rights = NO_RIGHTS;
    input.revoke();
    this.#transport.close(reason);
    this.#ended();
  }

  get #hasClipboard(): boolean {
    return this.#pump.hasShakenHands && this.#rights.write;
  }

  #createSender({ limitMs, limits, encoder, counters }: ViewerIdentity, reports: FrameReports): UpdateSender {
    return new UpdateSender({
      picture: this.#picture,
      reports,
      limitMs,
      encoder,
      counters,
      transport: this.#transport,
      mostBytes: () => mostWaitingBytes(this.#rights),
      mostPictureBytes: () => mostUpdateBytes(this.#desktop.size),
      mayRead: () => this.#rights.read,
      clipboardBytes: limits.clipboardBytes,
      overfull: () => this.#fail(new RfbError('RFB_NOT_READING')),
      wake: () => this.#events.wake(),
      failed: () => this.close('A frame could not be encoded.'),
    });
  }

  /** A message of a viewer that may not write is not kept beyond what such a viewer needs. */
  #limitMessages(): void {
    this.#transport.limitMessages(this.#rights.write ? Number.POSITIVE_INFINITY : MAX_READER_MESSAGE_BYTES);
  }

  #fail(error: RfbError): void {
    this.#log.warn({ connection: this.id, user: this.user, code: error.code }, error.message);
    this.#parts.audit.failed(error.code);
    this.close(error.message);
  }

  /** The viewer may need the cursor in another form, or as a part of its picture. */
  #cursorKindChanged(): void {
    this.cursorChanged();
    this.#events.drawsCursor(this, this.watches && drawsCursor(this.#parts.capabilities.settings));
  }

  /** Paints the screen of a viewer that may no longer read black. */
  #blank(): void {
    this.#picture.none();
    if (!this.#pump.hasShakenHands) return;
    this.#paintBlack([wholeOf(this.#framebuffer ?? this.#desktop.size)]);
  }

  #paintBlack(parts: readonly Rect[]): void {
    const rects = parts.flatMap((part) => blankRects(part, this.#picture.profile));
    if (rects.length > 0) this.sender.wholeUpdate(rects);
  }

  /** Shows what fits of the desktop, in the upper left of a framebuffer that keeps its size. Undefined shows all. */
  #crop(framebuffer: Size | undefined): void {
    this.#framebuffer = framebuffer;
    this.#picture.framebuffer = framebuffer;
    this.lackAll();
    if (framebuffer) this.#paintBlack(partsOutside(framebuffer, this.#desktop.size));
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { sender, capabilities, clipboard, input, resends, kasm, reports, audit } = this.#parts;
    this.#stopHandshakeLimit();
    for (const part of [this.#pump, sender, capabilities, clipboard, resends, kasm, input, reports])
      part.close();
    audit.closed();
    this.#events.gone(this);
  }
}
