import { CongestionWindow } from './congestion.ts';

/**
 * Where a viewer stands: `ready` for a frame; `busy` being sent one; held back by the `network`; or by itself,
 * since the `client` has not asked for more or not drawn what it has.
 */
export type Standing = 'ready' | 'busy' | 'network' | 'client';

/**
 * Updates our page may have received and not drawn. One is being drawn while the next one is decoded; a third
 * would only wait there and grow old.
 */
const MOST_UNDRAWN = 2;

/** Without fences all we know of the link is what the socket would not take. */
const SOCKET_BACKLOG_BYTES = 64 * 1024;

/**
 * Updates of a few bytes tell nothing of a link, and an answer to each costs both sides more than the update: they
 * share a fence, up to so many bytes and for so long.
 */
const SHARED_FENCE_BYTES = 2 * 1024;
const SHARED_FENCE_MS = 100;

/** How long a frame that was ready had to wait, by who held it, in milliseconds. */
export interface Waits {
  readonly networkMs: number;
  readonly clientMs: number;
}

/**
 * When one viewer may be sent its next update: requests and continuous updates (RFC 6143 7.5.3, rfbproto
 * ContinuousUpdates), acknowledged bytes, and what our own page has drawn. Every call says the time.
 */
export class ViewerFlow {
  readonly congestion = new CongestionWindow();
  /** Whether updates are sent without being asked for. */
  continuous = false;
  /** Whether the viewer answers fences, of which one follows each update, or a few small ones. */
  fences = false;
  /** Whether the viewer sends one request for each update it has drawn, as our page does. */
  reportsDrawn = false;

  #requested = false;
  #undrawn = 0;
  #sending = false;
  #held: { readonly by: Standing; readonly countFromMs: number } | undefined;
  #networkMs = 0;
  #clientMs = 0;
  #silentSinceMs: number | undefined;
  #unfencedBytes = 0;
  #fencedAtMs = Number.NEGATIVE_INFINITY;

  /** A FramebufferUpdateRequest arrived. */
  requested(): void {
    this.#requested = true;
    this.#undrawn = Math.max(0, this.#undrawn - 1);
  }

  standing(bufferedBytes: number, nowMs: number): Standing {
    if (this.#sending) return 'busy';
    if (bufferedBytes > (this.fences ? SOCKET_BACKLOG_BYTES : 0)) return 'network';
    if (this.fences && !this.congestion.hasRoom(nowMs)) return 'network';
    if (!this.continuous) return this.#requested ? 'ready' : 'client';
    return this.reportsDrawn && this.#undrawn >= MOST_UNDRAWN ? 'client' : 'ready';
  }

  /** When the link will have room again, if it is the link that is waited for and time alone can tell. */
  roomAtMs(nowMs: number): number | undefined {
    return this.fences ? this.congestion.roomAtMs(nowMs) : undefined;
  }

  /** A frame is ready for a viewer that stands like this. Called whenever either may have changed. */
  frameReady(nowMs: number, standing: Standing): void {
    if (this.#held?.by === standing) return;
    this.#settle(nowMs);
    // A viewer that has taken all there was and does not ask for more is silent by itself.
    if (standing !== 'network') this.#silentSinceMs = undefined;
    if (standing !== 'network' && standing !== 'client') return;
    // Bytes under way for no longer than the link's own round trip hold nobody.
    const free = standing === 'network' ? (this.congestion.overdueAtMs ?? nowMs) : nowMs;
    this.#held = { by: standing, countFromMs: Math.max(nowMs, free) };
    if (standing === 'network') this.#silentSinceMs ??= nowMs;
  }

  /** Since when a frame has been ready and the network has let nothing through; undefined where none is. */
  get silentSinceMs(): number | undefined {
    return this.#silentSinceMs;
  }

  /** An update begins. Answers how long it had been waiting. */
  updateBegins(nowMs: number): Waits {
    this.#settle(nowMs);
    const waits = { networkMs: this.#networkMs, clientMs: this.#clientMs };
    this.#networkMs = 0;
    this.#clientMs = 0;
    this.#silentSinceMs = undefined;
    this.#sending = true;
    this.#requested = false;
    this.#undrawn++;
    return waits;
  }

  /** All of it was handed to the socket. Answers whether a fence has to follow. */
  updateEnds(startedAtMs: number, nowMs: number, bytes: number): boolean {
    this.#sending = false;
    if (!this.fences) return false;
    this.#unfencedBytes += bytes;
    if (this.#unfencedBytes < SHARED_FENCE_BYTES && nowMs - this.#fencedAtMs < SHARED_FENCE_MS) return false;
    // Those before it left some time ago: counted as if they had left with it, they would make any link seem fast.
    this.congestion.sent(startedAtMs, nowMs, bytes);
    this.#unfencedBytes = 0;
    this.#fencedAtMs = nowMs;
    return true;
  }

  #settle(nowMs: number): void {
    if (!this.#held) return;
    const ms = Math.max(0, nowMs - this.#held.countFromMs);
    if (this.#held.by === 'network') this.#networkMs += ms;
    else this.#clientMs += ms;
    this.#held = undefined;
  }
}
