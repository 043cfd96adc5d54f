import type { Logger } from 'pino';
import type { Rights } from '../../accounts/user.ts';
import type { Desktop } from '../../desktop/desktop.ts';
import type { PlannedCopies } from '../../encode/plan/copy-rects.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../../pixels/rect.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import * as wire from '../../protocol/constants.ts';
import { cursorRect } from '../../protocol/cursor.ts';
import { RfbError } from '../../protocol/errors.ts';
import { ServerHandshake } from '../../protocol/handshake.ts';
import { checkPixelFormat } from '../../protocol/pixel-format.ts';
import * as say from '../../protocol/server-messages.ts';
import { NO_SETTINGS, parseEncodings, type ViewerSettings } from '../../protocol/settings-from-encodings.ts';
import { type Bottleneck, BottleneckMeter } from '../../stats/bottleneck.ts';
import type { OpenUpdate, SentPlan, ShownFrame, Taker, UpdatePlan } from '../frame/taker.ts';
import { ViewerFences } from '../link/fences.ts';
import { type Standing, ViewerFlow, type Waits } from '../link/flow.ts';
import { ViewerPicture } from '../picture/picture.ts';
import { drawsCursor } from '../picture/profile-of.ts';
import type { VideoMode } from '../picture/video-mode.ts';
import type { VideoWishes } from '../picture/video-settings.ts';
import { blankRects } from './blank.ts';
import { ViewerClipboard } from './clipboard.ts';
import { ViewerSize } from './desktop-size.ts';
import { type ClientReport, ClientReports } from './frame-reports.ts';
import { ViewerInput } from './input.ts';
import { answerKasm } from './kasm-answers.ts';
import { MessagePump } from './message-pump.ts';
import { Outbox } from './outbox.ts';
import type { ViewerTransport } from './transport.ts';

/** What a viewer tells its session. */
export interface ViewerEvents {
  /** Its wishes or its standing changed: it may be able to take a frame. */
  wake(): void;
  /** It asks for another size of the desktop. */
  resize(viewer: Viewer, size: Size): void;
  /** It put text on the clipboard. */
  clipboard(text: string): void;
  /** It moved the pointer, or had it moved. */
  pointed(): void;
  /** Whether it is to be sent the pointer as a part of its picture; may say the same again. */
  drawsCursor(viewer: Viewer, wanted: boolean): void;
  /** Its connection has ended. */
  gone(viewer: Viewer): void;
}

export interface ViewerIdentity {
  readonly id: string;
  readonly user: string;
  readonly rights: Rights;
  readonly connectedSince: Date;
  /** Shortest time from frame to frame, in milliseconds. */
  readonly limitMs: number;
  /** What the server has for video mode, where the viewer says nothing else. */
  readonly video: VideoWishes;
}

/** Probes that wait for the next update; a viewer sends one in a while. */
const MOST_LATENCY_PROBES = 64;

/** One connection of one user: what it asked for, what it lacks, what it may do. */
export class Viewer implements Taker {
  readonly id: string;
  readonly user: string;
  readonly connectedSince: Date;
  readonly flow = new ViewerFlow();

  readonly #desktop: Desktop;
  readonly #transport: ViewerTransport;
  readonly #events: ViewerEvents;
  readonly #log: Logger;
  readonly #limitMs: number;
  readonly #outbox: Outbox;
  readonly #input: ViewerInput;
  readonly #clipboard: ViewerClipboard;
  readonly #meter = new BottleneckMeter();
  readonly #reports = new ClientReports();
  readonly #pump: MessagePump;
  readonly #fences: ViewerFences;
  readonly #size: ViewerSize;
  #rights: Rights;
  #settings: ViewerSettings = NO_SETTINGS;
  readonly #picture: ViewerPicture;
  #pendingRects = new Map<'cursor' | 'qemu', Uint8Array>();
  #update:
    | { readonly startedAtMs: number; readonly sentBytesBefore: number; readonly isOpen: boolean }
    | undefined;
  #latencyProbes: number[] = [];
  #waits: Waits = { networkMs: 0, clientMs: 0 };
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
    this.connectedSince = identity.connectedSince;
    this.#rights = identity.rights;
    this.#limitMs = identity.limitMs;
    this.#desktop = desktop;
    this.#transport = transport;
    this.#events = events;
    this.#log = log;
    this.#outbox = new Outbox(transport);
    const send = (message: Uint8Array): void => {
      if (!this.#closed) this.#outbox.message(message);
    };
    this.#input = new ViewerInput(desktop.input);
    this.#clipboard = new ViewerClipboard({
      send,
      received: (text) => this.#rights.write && this.#events.clipboard(text),
    });
    this.#picture = new ViewerPicture(desktop.size, identity.video);
    this.#fences = new ViewerFences({ flow: this.flow, send, wake: () => this.#events.wake() });
    this.#size = new ViewerSize({
      size: () => desktop.size,
      send,
      cannotFollow: () =>
        this.close('The desktop changed its size, which this viewer can not follow. Connect again.'),
    });
    const handshake = new ServerHandshake(() => ({ ...desktop.size, name: `Deskwire ${desktop.display}` }));
    this.#pump = new MessagePump({
      handshake,
      send,
      // ServerInit said this size; what the desktop shows of it is still to come.
      shaken: () => this.lackAll(),
      handle: (message) => {
        const handled = this.#handle(message);
        this.#endIfOverfull();
        return handled;
      },
      refused: (error) => this.#fail(error),
    });
    transport.onData((bytes) => this.#pump.push(bytes));
    transport.onDrain(() => this.#events.wake());
    transport.onClose(() => this.#ended());
    transport.send(handshake.greeting());
  }

  // What the frame loop asks.

  /** Whether it can be sent pixels once there are any: it has shaken hands and may see them. */
  get watches(): boolean {
    return this.#pump.hasShakenHands && this.#rights.read && !this.#closed;
  }

  get standing(): Standing {
    return this.flow.standing(this.#outbox.bufferedBytes, performance.now());
  }

  /** Whether there is something that it has not been sent. */
  get lacksSomething(): boolean {
    return this.#pendingRects.size > 0 || this.#picture.lacksSomething;
  }

  get video(): VideoMode {
    return this.#picture.video;
  }

  /** Whether it can be told to copy what has moved. */
  get takesCopies(): boolean {
    return this.#settings.copyRect;
  }

  /** The desktop shows something new there, some of which may have moved. */
  damaged(changed: DirtyTiles, copies: PlannedCopies | undefined): void {
    this.#picture.changed(changed, copies);
  }

  /** This part of the picture is to be sent again. */
  lack(rect: Rect): void {
    this.#picture.add(rect);
  }

  /** Everything is to be sent again. */
  lackAll(): void {
    this.#picture.all(this.#desktop.size);
  }

  /** It is in video mode now, or no longer: then the screen is sent once more, sharp. */
  videoChanged(): void {
    const isOther = this.#picture.videoChanged();
    if (!this.video.isOn && isOther && this.watches) this.lackAll();
  }

  /** The desktop has another size now; `reason` as in ExtendedDesktopSize. */
  resized(reason: number): void {
    this.lackAll();
    if (this.#pump.hasShakenHands && !this.#closed) this.#size.changed(reason);
  }

  /** What it asked for left the desktop's size as it is; `status` as in ExtendedDesktopSize. */
  notResized(status: number): void {
    this.#size.refused(status);
  }

  /** Takes what it lacks: from now on the caller owes it these pixels. */
  take(shown: ShownFrame): UpdatePlan {
    return this.#picture.take(shown, this.flow.congestion.limitingRate);
  }

  takeTop(tileRows: number, shown: ShownFrame): UpdatePlan {
    return this.#picture.takeTop(tileRows, shown);
  }

  /** Whether some of what it has been sent is to be sharpened once it holds still. */
  get isBlurred(): boolean {
    return this.#picture.isBlurred;
  }

  /** Lets it lack a piece of what holds still and is blurred. */
  sharpen(isStill: (tileX: number, tileY: number) => boolean): boolean {
    const { congestion, continuous } = this.flow;
    // A rate that no update has found to be the link's limit was measured over whole round trips; and who asks for each
    // update waits for one before the next.
    const isPaced = continuous && congestion.limitingRate !== undefined;
    return this.#picture.sharpen(isStill, congestion.rate, isPaced ? 0 : congestion.roundTripMs);
  }

  /**
   * Those are not cut in pieces, so only on a link that carries a whole screen at once; and where the pointer is drawn, it
   * might move between their two parts.
   */
  get takesTopFirst(): boolean {
    if (!this.#settings.lastRect || this.#picture.profile.drawsCursor) return false;
    return this.#picture.carriesAll(this.flow.congestion.limitingRate);
  }

  begin(rects: number | undefined): OpenUpdate {
    const now = performance.now();
    this.#fences.updateBegins(now);
    this.#waits = this.flow.updateBegins(now);
    this.#update = { startedAtMs: now, sentBytesBefore: this.#outbox.sentBytes, isOpen: rects === undefined };
    const waitUs = Math.round(this.#waits.clientMs * 1000);
    if (this.#reports.updateBegins(waitUs)) this.#outbox.message(say.reportFrameStats());
    const extra = [...this.#pendingRects.values()];
    this.#pendingRects.clear();
    const count = rects === undefined ? wire.RECTS_UNTIL_LAST : extra.length + rects;
    this.#outbox.beginUpdate(say.updateHeader(count));
    for (const rect of extra) this.#outbox.updatePart(rect);
    return {
      part: (planned) => {
        this.#picture.sends(planned);
        return {
          rect: (bytes) => {
            if (!this.#closed) this.#outbox.updatePart(bytes);
          },
        };
      },
      end: (cpuMs, sent) => this.#updateEnds(cpuMs, sent),
    };
  }

  #updateEnds(cpuMs: number, sent: readonly SentPlan[]): void {
    const update = this.#update;
    this.#update = undefined;
    if (!update || this.#closed) return;
    const now = performance.now();
    if (update.isOpen) this.#outbox.updatePart(say.lastRect());
    this.#outbox.endUpdate();
    for (const id of this.#latencyProbes.splice(0)) this.#outbox.message(say.latencyAnswer(id));
    this.#fences.updateEnds(update.startedAtMs, now, this.#outbox.sentBytes - update.sentBytesBefore);
    for (const plan of sent) this.#picture.learn(plan);
    this.#meter.add({ atMs: now, cpuMs, heldMs: this.#waits.networkMs, limitMs: this.#limitMs });
  }

  failed(): void {
    this.close('A frame could not be encoded.');
  }

  // What the session asks.

  bottleneck(nowMs: number): Bottleneck {
    return this.#meter.read(nowMs, this.flow.silentSinceMs);
  }

  get canReport(): boolean {
    return this.watches && (this.#settings.ours || this.#settings.kasm);
  }

  /**
   * Has the viewer time its next update. Resolves with undefined where it does not answer within `timeoutMs`
   * or goes away.
   */
  reportNextUpdate(timeoutMs: number): Promise<ClientReport | undefined> {
    return this.#reports.ofNextUpdate(timeoutMs);
  }

  setRights(rights: Rights): void {
    const before = this.#rights;
    this.#rights = rights;
    if (this.#settings.ours) this.#outbox.message(say.rights(rights));
    if (before.write && !rights.write) this.#input.revoke();
    if (before.read && !rights.read) this.#blank();
    if (!before.read && rights.read) {
      this.lackAll();
      this.cursorChanged();
    }
    this.#sayWhoDrawsCursor();
    this.#events.wake();
  }

  cursorChanged(): void {
    const { cursor } = this.#desktop;
    const kind = this.#settings.cursor;
    if (cursor && kind && this.#rights.read) {
      this.#pendingRects.set('cursor', cursorRect(kind, cursor, this.#picture.format));
    }
  }

  /** The desktop's clipboard has other text, or none. Only those who may write are told. */
  clipboardChanged(text: string | undefined): void {
    if (this.#pump.hasShakenHands && this.#rights.write) this.#clipboard.offer(text);
    this.#endIfOverfull();
  }

  /** Ends the connection; the viewer is told why where it can show it. */
  close(reason: string): void {
    if (this.#closed) return;
    if (this.#settings.disconnectNotice && !this.#update) this.#outbox.message(say.disconnect(true, reason));
    this.#input.revoke();
    this.#transport.close(reason);
    this.#ended();
  }

  // What comes in.

  #fail(error: RfbError): void {
    this.#log.warn({ connection: this.id, code: error.code }, error.message);
    this.close(error.message);
  }

  #endIfOverfull(): void {
    if (!this.#closed && this.#outbox.isOverfull) this.#fail(new RfbError('RFB_NOT_READING'));
  }

  /** What the viewer says next waits for a promise that this returns. */
  #handle(message: ClientMessage): Promise<void> | undefined {
    switch (message.type) {
      case 'setPixelFormat':
        checkPixelFormat(message.format);
        this.#picture.wants(this.#settings, message.format);
        this.cursorChanged();
        return;
      case 'setEncodings':
        this.#setEncodings(message.encodings);
        return;
      case 'updateRequest':
        this.#size.picturesBegin();
        if (!message.incremental) this.#picture.add(message);
        this.flow.requested();
        this.#events.wake();
        return;
      case 'enableContinuousUpdates':
        this.#size.picturesBegin();
        this.flow.continuous = message.on;
        if (!message.on) this.#outbox.message(say.endOfContinuousUpdates());
        this.#events.wake();
        return;
      case 'fence':
        this.#fences.received(message.flags, message.payload);
        return;
      case 'key':
        if (this.#rights.write) this.#input.key(message);
        return;
      case 'pointer':
        if (!this.#rights.write) return;
        this.#input.pointer(message);
        this.#events.pointed();
        return;
      case 'relativeMouse':
        if (!this.#rights.write) return;
        this.#input.relativeMouse(message);
        this.#events.pointed();
        return;
      case 'clientCutText':
        if (this.#rights.write) this.#events.clipboard(message.text);
        return;
      case 'extendedClipboard':
        return this.#rights.write ? this.#clipboard.take(message) : undefined;
      case 'binaryClipboard':
        if (this.#rights.write) this.#clipboard.takeKasm(message);
        return;
      case 'setDesktopSize':
        if (this.#rights.write) this.#events.resize(this, message);
        else this.notResized(wire.RESIZE_PROHIBITED);
        return;
      case 'frameStats': {
        // Ours counts in microseconds, KasmVNC's page in milliseconds.
        const unitUs = this.#settings.ours ? 1 : 1000;
        this.#reports.answered({
          allUs: message.totalTime * unitUs,
          renderUs: message.renderTime * unitUs,
          pingUs: Math.round((this.flow.congestion.lastRoundTripMs ?? 0) * 1000),
        });
        return;
      }
      case 'setMaxVideoResolution': {
        const { width, height } = message;
        // Without a size it takes back what it said.
        this.#picture.maxVideoSize = width > 0 && height > 0 ? { width, height } : undefined;
        return;
      }
      case 'latencyProbe':
        if (this.#latencyProbes.length < MOST_LATENCY_PROBES) this.#latencyProbes.push(message.id);
        return;
      default: {
        const answer = answerKasm(message, this);
        if (answer) this.#outbox.message(answer);
        return;
      }
    }
  }

  #setEncodings(encodings: number[]): void {
    const before = this.#settings;
    const now = parseEncodings(encodings);
    this.#settings = now;
    this.#picture.wants(now, this.#picture.format);
    this.cursorChanged();
    this.#sayWhoDrawsCursor();
    this.flow.fences = now.fence;
    this.flow.reportsDrawn = now.ours;
    if (now.extendedClipboard) this.#clipboard.extend();
    if (now.kasm && !now.ours) this.#clipboard.useKasm();
    if (now.continuousUpdates && !before.continuousUpdates)
      this.#outbox.message(say.endOfContinuousUpdates());
    // Says that fences are understood here, and measures the bare round trip before the first picture.
    if (now.fence && !before.fence) this.#fences.probe();
    if (now.ours && !before.ours) this.#outbox.message(say.rights(this.#rights));
    if (now.qemuKey && !before.qemuKey) this.#pendingRects.set('qemu', say.qemuKeyRect());
    this.#size.wants(now);
    this.#events.wake();
  }

  #sayWhoDrawsCursor(): void {
    this.#events.drawsCursor(this, this.watches && drawsCursor(this.#settings));
  }

  /** Nothing of what was on the screen may stay on a viewer that may no longer see it. */
  #blank(): void {
    this.#picture.none();
    this.#pendingRects.delete('cursor');
    if (!this.#pump.hasShakenHands) return;
    const rects = blankRects(this.#desktop.size, this.#picture.profile);
    this.#outbox.message(Buffer.concat([say.updateHeader(rects.length), ...rects]));
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#pump.close();
    this.#fences.close();
    this.#input.release();
    this.#reports.close();
    this.#events.gone(this);
  }
}
