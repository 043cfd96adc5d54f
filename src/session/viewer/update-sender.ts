import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Rect } from '../../pixels/rect.ts';
import { RECTS_UNTIL_LAST } from '../../protocol/constants.ts';
import { lastRect, latencyAnswer, reportFrameStats, updateHeader } from '../../protocol/server-messages.ts';
import { type Bottleneck, BottleneckMeter } from '../../stats/bottleneck.ts';
import type { FrameCounters } from '../../stats/frame-counters.ts';
import type { StartTiming } from '../../stats/frame-stats.ts';
import { SendMeter, type SendRate } from '../../stats/send-meter.ts';
import type { NextUpdate, OpenUpdate, SentPlan, ShownFrame, Taker, UpdatePlan } from '../frame/taker.ts';
import { Fences } from '../link/fences.ts';
import { type Standing, ViewerFlow } from '../link/flow.ts';
import { KernelAcks } from '../link/kernel-acks.ts';
import type { ViewerPicture } from '../picture/viewer-picture.ts';
import type { FrameReports } from './frame-reports.ts';
import { Outbox, type OutboxOptions } from './outbox.ts';
import type { PortionLink } from './portions.ts';
import { MOST_RECTS, rectCounts } from './rect-counts.ts';
import { StartUp } from './start-up.ts';
import { ZlibBeginnings } from './zlib-beginnings.ts';

/** Latency probes that wait for the next update. A viewer sends one now and then; further ones are dropped. */
const MOST_LATENCY_PROBES = 64;

export interface UpdateSenderOptions extends Omit<OutboxOptions, 'link'> {
  readonly picture: ViewerPicture;
  readonly reports: FrameReports;
  /** Budget of the viewer's user. */
  readonly encoder: Taker['encoder'];
  /** Counts what is sent. */
  readonly counters?: FrameCounters | undefined;
  /** Shortest time from frame to frame, in milliseconds. */
  readonly limitMs: number;
  /** Whether the viewer has the right to read. */
  mayRead(): boolean;
  /** The viewer may be able to take an update now. */
  wake(): void;
  /** An update can not be continued, so the connection must end. */
  failed(): void;
}

/**
 * Which updates end with a LastRect: none, if the viewer does not support it; those whose number of rects is not known
 * when they begin, or too large for their header; or all.
 */
export type LastRectUse = 'never' | 'if needed' | 'always';

interface Sending {
  readonly startedAtMs: number;
  readonly sentBytesBefore: number;
  /** Time that the network held back this update, in milliseconds. */
  readonly heldMs: number;
  /** Whether a LastRect ends the update. */
  readonly endsWithLastRect: boolean;
  /** Rects that may follow the last header, and rect counts of the headers to come. */
  rectsLeft: number;
  readonly nextCounts: number[];
}

/** Sends updates to one viewer, as its requests, its link and its encodings allow. */
export class UpdateSender implements Taker {
  readonly outbox: Outbox;
  readonly flow = new ViewerFlow(() => this.#options.transport.kernelCounts()?.busyMs);
  readonly fences: Fences;
  lastRect: LastRectUse = 'never';
  /** Whether the viewer takes long messages in portions. */
  takesPortions = false;
  nextTile = 0;
  readonly #options: UpdateSenderOptions;
  readonly #meter: BottleneckMeter;
  readonly #sent: SendMeter;
  readonly #startUp: StartUp;
  /** Of a viewer without fences. */
  readonly #acks = new KernelAcks();
  readonly #zlib = new ZlibBeginnings();
  #isFrameReady = false;
  #makeCursor: (() => Uint8Array) | undefined;
  #announcements: Uint8Array[] = [];
  #sending: Sending | undefined;
  #latencyProbes: number[] = [];
  #closed = false;

  constructor(options: UpdateSenderOptions) {
    const now = performance.now();
    this.#options = options;
    this.#meter = new BottleneckMeter(now);
    this.#sent = new SendMeter(now);
    this.#startUp = new StartUp(now);
    this.outbox = new Outbox({ ...options, link: this.#portionLink() });
    options.transport.onDrain(() => this.flow.drained(performance.now()));
    this.fences = new Fences({
      flow: this.flow,
      bufferedBytes: () => this.outbox.bufferedBytes,
      send: (message) => this.outbox.message(message),
      wake: () => {
        options.wake();
        this.outbox.linkHasRoom();
      },
      arrivedAgoMs: () => options.transport.kernelCounts()?.receivedAgoMs ?? 0,
    });
  }

  get standing(): Standing {
    return this.flow.standing(this.outbox.bufferedBytes, performance.now());
  }

  /** Whether an update could begin now if the viewer requested one. */
  get hasRoom(): boolean {
    const { standing } = this;
    return standing === 'ready' || (standing === 'client' && !this.flow.continuous);
  }

  /** Records whether a frame is ready for the viewer. Called whenever that or its standing may have changed. */
  frameWaits(nowMs: number, isReady: boolean): void {
    this.#isFrameReady = isReady;
    if (isReady) this.flow.frameReady(nowMs, this.outbox.bufferedBytes);
    else this.flow.nothingReady();
  }

  get lacksSomething(): boolean {
    return (
      this.#makeCursor !== undefined || this.#announcements.length > 0 || this.#options.picture.lacksSomething
    );
  }

  get encoder(): Taker['encoder'] {
    return this.#options.encoder;
  }

  get encoding(): Taker['encoding'] {
    return this.#options.picture.profile.encoding;
  }

  get next(): NextUpdate {
    return this.#options.picture.next;
  }

  /**
   * Whether an update may begin with the top of a frame. Such an update is not cut to what the link carries, so it
   * needs a link that carries a whole screen at once. A cursor drawn into the picture might move between the two parts.
   */
  get takesTopFirst(): boolean {
    const { picture } = this.#options;
    if (this.lastRect === 'never' || picture.profile.drawsCursor) return false;
    const { limitingRate, isLossy } = this.flow.congestion;
    return picture.carriesAll(limitingRate, isLossy);
  }

  take(shown: ShownFrame): UpdatePlan {
    // The viewer may have lost the right to read after it was sent the top of this frame.
    if (!this.#options.mayRead()) this.#options.picture.none();
    const { picture } = this.#options;
    const { limitingRate, isLossy } = this.flow.congestion;
    const plan = picture.take(shown, limitingRate, isLossy);
    this.#startUp.taken(picture.lacksChanges);
    return plan;
  }

  takeTop(tileRows: number, shown: ShownFrame): UpdatePlan {
    return this.#options.picture.takeTop(tileRows, shown);
  }

  giveBack(tiles: DirtyTiles): void {
    this.#options.picture.giveBack(tiles);
  }

  begin(rectCount: number | undefined): OpenUpdate {
    const { reports, picture, transport } = this.#options;
    const nowMs = performance.now();
    const { congestion } = this.flow;
    if (congestion.wantsPacketCounts(nowMs)) congestion.packetsCounted(nowMs, transport.kernelCounts());
    const sentBytesBefore = this.outbox.sentBytes;
    this.fences.updateBegins(nowMs);
    const waits = this.flow.updateBegins(nowMs, this.#carriedAtMs(nowMs));
    if (reports.updateBegins(Math.round(waits.clientMs * 1000))) this.outbox.message(reportFrameStats());
    const extra = this.#takeExtraRects();
    const total = rectCount === undefined ? undefined : extra.length + rectCount;
    const endsWithLastRect = total === undefined || this.#endsWithLastRect(total);
    const [first = 0, ...nextCounts] = endsWithLastRect ? [RECTS_UNTIL_LAST] : rectCounts(total);
    this.#sending = {
      startedAtMs: nowMs,
      sentBytesBefore,
      heldMs: waits.networkMs,
      endsWithLastRect,
      rectsLeft: endsWithLastRect ? Number.POSITIVE_INFINITY : first,
      nextCounts,
    };
    this.outbox.beginUpdate(updateHeader(first));
    for (const rect of extra) this.#sendRect(rect);
    return {
      part: (rects) => {
        picture.sends(rects);
        return { rect: (bytes) => this.#sendRect(bytes) };
      },
      end: (cpuMs, sent) => this.#end(cpuMs, sent),
    };
  }

  failed(): void {
    this.#options.failed();
  }

  /** Sends an update of these rects, behind the one that is being sent. It uses up no request of the viewer. */
  wholeUpdate(rects: readonly Uint8Array[]): void {
    const parts = this.#endsWithLastRect(rects.length)
      ? [updateHeader(RECTS_UNTIL_LAST), ...rects, lastRect()]
      : [updateHeader(rects.length), ...rects];
    this.outbox.wholeUpdate(Buffer.concat(parts));
  }

  /** Ends the update that is being sent after its last whole rect. Returns false if that is impossible. */
  cutShort(): boolean {
    const sending = this.#sending;
    if (!sending) return true;
    if (!sending.endsWithLastRect) return false;
    this.#sending = undefined;
    this.outbox.updatePart(lastRect());
    this.outbox.endUpdate();
    return true;
  }

  /** The viewer asks for an update, or has drawn one. */
  requested(): void {
    const nowMs = performance.now();
    this.flow.requested(nowMs);
    this.fences.wakeWhenRoom(nowMs);
  }

  /** Sends this part of the picture again. One request may be answered by several updates. */
  resend(rect: Rect): void {
    this.#options.picture.add(rect);
    if (!this.flow.continuous) this.requested();
  }

  /** Sends a cursor rect, made by then, with the next update; none if undefined. */
  sendCursor(make: (() => Uint8Array) | undefined): void {
    this.#makeCursor = make;
  }

  /** Sends a rect without pixels with the next update. Called once for each feature. */
  announce(rect: Uint8Array): void {
    this.#announcements.push(rect);
  }

  /** Answers the probe after the next update. */
  probed(id: number): void {
    if (this.#latencyProbes.length < MOST_LATENCY_PROBES) this.#latencyProbes.push(id);
  }

  /** Adds a part of the picture that does not change and is blurred to what the viewer lacks. */
  sharpen(isStill: (tileX: number, tileY: number) => boolean): boolean {
    const { congestion, continuous } = this.flow;
    // A rate that no update has found to be the link's limit was measured over whole round trips. A viewer that
    // requests each update waits for a round trip before the next one.
    const isPaced = continuous && congestion.limitingRate !== undefined;
    return this.#options.picture.sharpen(isStill, congestion.rate, isPaced ? 0 : congestion.roundTripMs);
  }

  /** Updates and bytes of the last seconds. */
  sendRate(nowMs: number): SendRate {
    return this.#sent.read(nowMs, this.outbox.sentBytes);
  }

  bottleneck(nowMs: number): Bottleneck {
    return this.#meter.read(nowMs, {
      byNetworkSinceMs: this.flow.silentSinceMs(nowMs, this.#carriedAtMs(nowMs)),
      byEncodingSinceMs: this.#startUp.isOver(nowMs) ? this.#sending?.startedAtMs : undefined,
    });
  }

  /** What the frames of the viewer's start took. */
  get start(): Omit<StartTiming, 'client'> {
    return this.#startUp.timing;
  }

  /** Sends nothing more. */
  close(): void {
    this.#closed = true;
    this.outbox.close();
    this.fences.close();
  }

  /** What decides when a portion of a long message leaves. It counts as bytes under way, as an update does. */
  #portionLink(): PortionLink {
    const { congestion } = this.flow;
    return {
      takesPortions: () => this.takesPortions,
      hasRoom: () => !this.flow.fences || congestion.hasRoom(performance.now()),
      frameWaits: () => this.#isFrameReady && this.standing === 'ready',
      limitingRate: () => congestion.limitingRate,
      sent: (bytes) => this.fences.portionSent(performance.now(), bytes),
    };
  }

  /** When the link had carried the last update, by TCP, to a viewer whose fences do not tell. */
  #carriedAtMs(nowMs: number): number | undefined {
    if (this.flow.fences) return undefined;
    return this.#acks.carriedAtMs(nowMs, this.#options.transport.kernelCounts());
  }

  #endsWithLastRect(rects: number): boolean {
    return this.lastRect === 'always' || (rects > MOST_RECTS && this.lastRect === 'if needed');
  }

  #takeExtraRects(): Uint8Array[] {
    const rects = [...(this.#makeCursor ? [this.#makeCursor()] : []), ...this.#announcements];
    this.#makeCursor = undefined;
    this.#announcements = [];
    return rects;
  }

  #sendRect(bytes: Uint8Array): void {
    const sending = this.#sending;
    if (this.#closed || !sending) return;
    if (sending.rectsLeft === 0) {
      sending.rectsLeft = sending.nextCounts.shift() ?? 0;
      this.outbox.updatePart(updateHeader(sending.rectsLeft));
    }
    sending.rectsLeft--;
    this.outbox.updatePart(this.#zlib.of(bytes));
  }

  #end(cpuMs: number, sent: readonly SentPlan[]): void {
    const { picture, limitMs, transport } = this.#options;
    const sending = this.#sending;
    this.#sending = undefined;
    if (!sending || this.#closed) return;
    const nowMs = performance.now();
    if (sending.endsWithLastRect) this.outbox.updatePart(lastRect());
    this.outbox.endUpdate();
    for (const id of this.#latencyProbes.splice(0)) this.outbox.message(latencyAnswer(id));
    this.fences.updateEnds(sending.startedAtMs, nowMs, this.outbox.sentBytes - sending.sentBytesBefore);
    if (!this.flow.fences) this.#acks.updateEnds(nowMs, transport.kernelCounts());
    for (const plan of sent) picture.learn(plan);
    this.#count(sent, this.outbox.sentBytes - sending.sentBytesBefore);
    this.#sent.update(nowMs, this.outbox.sentBytes);
    this.#meter.add({
      atMs: nowMs,
      cpuMs: this.#startUp.takes(nowMs, cpuMs) ? undefined : cpuMs,
      heldMs: sending.heldMs,
      limitMs: Math.max(limitMs, this.flow.updateIntervalMs),
    });
  }

  #count(sent: readonly SentPlan[], totalBytes: number): void {
    const { counters } = this.#options;
    if (!counters) return;
    let otherBytes = totalBytes;
    for (const { rects } of sent) {
      for (const { encoder, bytes } of rects) {
        counters.sentTo(encoder, 1, bytes);
        otherBytes -= bytes;
      }
    }
    counters.sentTo('other', 0, Math.max(0, otherBytes));
  }
}
