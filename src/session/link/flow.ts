import { Pace } from '../../common/pace.ts';
import { CongestionWindow } from './congestion.ts';
import { UndrawnUpdates } from './undrawn-updates.ts';

/**
 * Whether a viewer can be sent an update. `ready`: it can. `busy`: it is being sent one. `network`: its link has no
 * room. `client`: the viewer has not requested an update, or has not drawn those that it was sent. `paced`: the next
 * update would come sooner than the viewer's frame rate allows.
 */
export type Standing = 'ready' | 'busy' | 'network' | 'client' | 'paced';

/** Bytes in the socket above which no update begins. Without fences the socket is all that is known of the link. */
const SOCKET_BACKLOG_BYTES = 64 * 1024;

/**
 * Small updates share a fence, up to this many bytes and for this many milliseconds. They tell nothing about the link,
 * and an answer to each costs both sides more than the update. Larger values tell later that a link is slow.
 */
const SHARED_FENCE_BYTES = 2 * 1024;
const SHARED_FENCE_MS = 100;

/** What holds back a frame that is ready. `socket`: bytes that were sent and have not left the server. */
type Holder = 'socket' | 'network' | 'client';

/** Time that a ready frame waited for the network and for the viewer, in milliseconds. */
export interface Waits {
  readonly networkMs: number;
  readonly clientMs: number;
}

const NO_WAIT = { socket: 0, network: 0, client: 0 };

/**
 * Decides when one viewer may be sent its next update, by its requests or continuous updates (RFC 6143 7.5.3, rfbproto
 * ContinuousUpdates), its fences, and what Deskwire's page has drawn. The clock is passed in.
 */
export class ViewerFlow {
  readonly congestion = new CongestionWindow();
  /** Whether updates are sent without requests. */
  continuous = false;
  /** Whether the viewer answers fences. One follows each update, or a few small ones. */
  fences = false;
  /** Whether the viewer sends a request for each update that it has drawn, as Deskwire's page does. */
  reportsDrawn = false;
  /**
   * Whether fences were given up as lost since the viewer was heard of last. Until then its link is what holds frames
   * back, whatever the viewer has requested.
   */
  isUnanswered = false;

  /** By the frame rate that the viewer set. */
  readonly #pace = new Pace(0);
  readonly #linkBusyMs: () => number | undefined;
  #requested = false;
  readonly #undrawn = new UndrawnUpdates();
  #sending = false;
  #held: { readonly by: Holder; readonly countFromMs: number } | undefined;
  /** Time up to which waits have been added to `#waitedMs`. */
  #countedUpToMs = Number.NEGATIVE_INFINITY;
  #waitedMs: Readonly<Record<Holder, number>> = NO_WAIT;
  /** `#linkBusyMs` when the frame began to wait for the socket. */
  #busyMsBefore: number | undefined;
  #silentSinceMs: number | undefined;
  #unfencedBytes = 0;
  #fencedAtMs = Number.NEGATIVE_INFINITY;

  /**
   * `linkBusyMs` returns the time for which the kernel has had bytes for the link since the connection began; undefined
   * if it does not tell.
   */
  constructor(linkBusyMs: () => number | undefined = () => undefined) {
    this.#linkBusyMs = linkBusyMs;
  }

  /** Shortest time from update to update on average, in milliseconds; 0 if the viewer sets no limit. */
  get updateIntervalMs(): number {
    return this.#pace.intervalMs;
  }

  set updateIntervalMs(ms: number) {
    this.#pace.intervalMs = ms;
  }

  /** Records a FramebufferUpdateRequest. */
  requested(nowMs: number): void {
    this.isUnanswered = false;
    this.#requested = true;
    this.#undrawn.drawn(nowMs);
  }

  standing(bufferedBytes: number, nowMs: number): Standing {
    if (this.#sending) return 'busy';
    if (this.#isBackedUp(bufferedBytes)) return 'network';
    if (this.fences && !this.congestion.hasRoom(nowMs)) return 'network';
    if (!this.continuous && !this.#requested) return 'client';
    if (nowMs < this.#undrawnUntilMs) return 'client';
    return nowMs < this.#pace.dueAtMs ? 'paced' : 'ready';
  }

  /**
   * Time when the link will have room, as far as fences tell, and the viewer's frame rate allows an update. Undefined
   * if that depends on an answer, or if neither limits the viewer.
   */
  roomAtMs(nowMs: number): number | undefined {
    const { intervalMs, dueAtMs } = this.#pace;
    if (!this.fences) return intervalMs > 0 ? dueAtMs : undefined;
    const roomAtMs = this.congestion.roomAtMs(nowMs);
    const atMs = roomAtMs === undefined ? undefined : Math.max(roomAtMs, dueAtMs, this.#undrawnUntilMs);
    return atMs === Number.POSITIVE_INFINITY ? undefined : atMs;
  }

  /** Time until which the page has enough to draw. Infinite if only its report can tell. */
  get #undrawnUntilMs(): number {
    const isLimited = this.continuous && this.reportsDrawn;
    return isLimited ? this.#undrawn.nextAtMs(this.congestion.roundTripMs) : Number.NEGATIVE_INFINITY;
  }

  /**
   * Records that a frame is ready for the viewer, whose socket has these bytes left to send. Called whenever either may
   * have changed.
   */
  frameReady(nowMs: number, bufferedBytes: number): void {
    this.#settle(nowMs);
    const standing = this.standing(bufferedBytes, nowMs);
    const by = standing === 'client' && this.isUnanswered ? 'network' : standing;
    // A viewer that does not request updates is not held back by the network.
    if (by !== 'network') this.#silentSinceMs = undefined;
    if (by !== 'network' && by !== 'client') return;
    const holder = by === 'network' && bufferedBytes > 0 ? 'socket' : by;
    // Bytes that have been under way for less than the link's own round trip do not count as waiting.
    const free = holder === 'network' ? (this.congestion.overdueAtMs ?? nowMs) : nowMs;
    this.#held = { by: holder, countFromMs: Math.max(free, this.#countedUpToMs) };
    if (holder === 'socket') this.#busyMsBefore ??= this.#linkBusyMs();
    if (by === 'network') this.#silentSinceMs ??= nowMs;
  }

  /** Records that the socket has taken all that was sent. */
  drained(nowMs: number): void {
    this.congestion.left(nowMs);
  }

  /**
   * Records an answer to a fence, which arrived at `arrivedAtMs`, before the server had time to handle it: what has been
   * held back since then was not held back by the link.
   */
  answered(arrivedAtMs: number, nowMs: number): void {
    this.isUnanswered = false;
    if (this.#held === undefined || this.#held.by === 'client') return;
    this.#settle(arrivedAtMs);
    // Whether the frame waits for other answers is known when it is asked for next.
    this.#countedUpToMs = nowMs;
  }

  /** Records that no frame is ready for the viewer: one that was has become part of the picture without a change. */
  nothingReady(): void {
    this.#held = undefined;
    this.#forgetWaits();
  }

  /**
   * Time since which the network has held back a frame that is ready. Undefined if there is none. `carriedAtMs`: as for
   * `updateBegins`.
   */
  silentSinceMs(nowMs: number, carriedAtMs?: number): number | undefined {
    if (this.#silentSinceMs !== undefined || this.#held?.by !== 'client') return this.#silentSinceMs;
    const isCarrying = carriedAtMs !== undefined && carriedAtMs >= nowMs;
    return isCarrying ? this.#held.countFromMs - this.#waitedMs.client : undefined;
  }

  /**
   * Records that an update begins. Returns how long it waited. `carriedAtMs`: when the link of a viewer without fences
   * had carried the update before, as far as that is known. Until then the viewer could not request another one.
   */
  updateBegins(nowMs: number, carriedAtMs = Number.NEGATIVE_INFINITY): Waits {
    this.#settle(nowMs);
    this.#pace.came(nowMs);
    const { client, network } = this.#waitedMs;
    const readyAtMs = nowMs - client;
    const carryingMs = Math.min(client, Math.max(0, carriedAtMs - readyAtMs));
    const waits = {
      networkMs: network + this.#waitedForLinkMs() + carryingMs,
      clientMs: client - carryingMs,
    };
    this.#forgetWaits();
    this.#sending = true;
    this.#requested = false;
    this.#undrawn.began(nowMs);
    return waits;
  }

  /** Records that all of the update was passed to the socket. Returns whether a fence has to follow. */
  updateEnds(startedAtMs: number, nowMs: number, bytes: number): boolean {
    this.#sending = false;
    if (!this.fences) return false;
    this.#unfencedBytes += bytes;
    if (this.#unfencedBytes < SHARED_FENCE_BYTES && nowMs - this.#fencedAtMs < SHARED_FENCE_MS) return false;
    // Counts this update alone: earlier ones left before it, and would make the link seem faster than it is.
    this.congestion.sent(startedAtMs, nowMs, bytes);
    this.#unfencedBytes = 0;
    this.#fencedAtMs = nowMs;
    return true;
  }

  /** Whether the socket has more bytes left to send than may be there when an update begins. */
  #isBackedUp(bufferedBytes: number): boolean {
    return bufferedBytes > (this.fences ? SOCKET_BACKLOG_BYTES : 0);
  }

  /** Adds the wait up to now. A capture that began some time ago is noted late, with its earlier time. */
  #settle(nowMs: number): void {
    this.#countedUpToMs = Math.max(this.#countedUpToMs, nowMs);
    if (!this.#held) return;
    const { by, countFromMs } = this.#held;
    const ms = Math.max(0, nowMs - countFromMs);
    this.#waitedMs = { ...this.#waitedMs, [by]: this.#waitedMs[by] + ms };
    this.#held = undefined;
  }

  /**
   * The part of the wait for the socket in which the link had something to carry. In the rest, bytes waited for a turn of
   * the server's main thread, which may be busy or without a core.
   */
  #waitedForLinkMs(): number {
    const { socket } = this.#waitedMs;
    if (socket === 0 || this.#busyMsBefore === undefined) return socket;
    const busyMs = this.#linkBusyMs();
    return busyMs === undefined ? socket : Math.min(socket, busyMs - this.#busyMsBefore);
  }

  #forgetWaits(): void {
    this.#waitedMs = NO_WAIT;
    this.#busyMsBefore = undefined;
    this.#silentSinceMs = undefined;
  }
}
