/**
 * Updates that Deskwire's page may have received and not drawn. One is drawn while the next is decoded. With more, the
 * page shows older frames; with fewer, it idles between two.
 */
export const MOST_UNDRAWN = 2;

/**
 * Milliseconds for an update from which the page is slow. With a larger value, a page that is behind shows older frames;
 * with a smaller one, a page that waits for its display would count as slow.
 */
export const SLOW_MS = 40;

/**
 * Milliseconds by which the next update of a slow page begins before the page has drawn the last one, in addition to the
 * round trip: time to capture the screen and to encode the first part. With a larger value, the update waits in the page;
 * with a smaller one, the page waits for the update.
 */
const LEAD_MS = 10;

/** Most milliseconds that count for an update. A page in the background draws nothing. */
const MOST_MS = 200;

/** Share of the newest update in the mean. A larger one follows a page that becomes slow sooner, and its hiccups too. */
const NEWEST_SHARE = 0.25;

/**
 * Updates that the page has not reported as drawn. A page that is slow, such as one without a GPU that shows a film, is
 * sent its next update just before it has drawn the last one: a picture that waits in the page grows old, and one that is
 * captured later is newer. The clock is passed in.
 */
export class UndrawnUpdates {
  /** When they began, the oldest first. */
  #beganAtMs: number[] = [];
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  /** Mean time of an update, from when it began or the one before was drawn. */
  #meanMs: number | undefined;

  began(nowMs: number): void {
    // Viewers that report nothing are not limited by this.
    if (this.#beganAtMs.length >= MOST_UNDRAWN) this.#beganAtMs.shift();
    this.#beganAtMs.push(nowMs);
  }

  drawn(nowMs: number): void {
    const beganAtMs = this.#beganAtMs.shift();
    if (beganAtMs === undefined) return;
    const ms = Math.min(MOST_MS, nowMs - Math.max(beganAtMs, this.#drawnAtMs));
    this.#meanMs = this.#meanMs === undefined ? ms : this.#meanMs + (ms - this.#meanMs) * NEWEST_SHARE;
    this.#drawnAtMs = nowMs;
  }

  /** Time when the next update may begin, unless one is drawn before; infinite if it depends on that alone. */
  nextAtMs(roundTripMs: number): number {
    const [beganAtMs] = this.#beganAtMs;
    if (beganAtMs === undefined) return Number.NEGATIVE_INFINITY;
    if (this.#beganAtMs.length >= MOST_UNDRAWN) return Number.POSITIVE_INFINITY;
    if (this.#meanMs === undefined || this.#meanMs <= SLOW_MS) return Number.NEGATIVE_INFINITY;
    return Math.max(beganAtMs, this.#drawnAtMs) + this.#meanMs - roundTripMs - LEAD_MS;
  }
}
