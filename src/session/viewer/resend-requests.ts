import { TILE_SIZE } from '../../pixels/dirty-tiles.ts';
import { bounds, intersect, type Rect, type Size, wholeOf } from '../../pixels/rect.ts';

/**
 * Most pixels that are sent again at a time. All viewers' next frame waits until they are encoded: 20 ms for a photo
 * without loss. A larger value delays that frame further; a smaller one takes longer to send a whole screen.
 */
export const RESEND_BAND_PX = 256 * 1024;

/**
 * Shortest time between two bands, in milliseconds: a screen of 1920 × 1080 takes nine bands, a quarter of a second. A
 * smaller value lets one viewer keep the encoders busy; a larger one sends a whole screen later.
 */
export const RESEND_INTERVAL_MS = 30;

export interface ResendRequestsOptions {
  /** Milliseconds on any clock that only moves on. */
  now(): number;
  /** Size of the picture. */
  size(): Size;
  /** Whether the viewer lacks the whole picture anyway. */
  lacksAll(): boolean;
  /** Whether the next update can begin now. Bands wait otherwise, so that they do not become one large update. */
  hasRoom(): boolean;
  /** Has this part of the picture sent again. */
  resend(rect: Rect): void;
  /** `resend` was called later than asked. */
  wake(): void;
}

/**
 * A viewer's requests for parts of the picture that it already has: update requests that are not incremental. They are
 * granted in bands, from the top down, one band per interval. Requests that come meanwhile are merged, and granted in
 * bands after those.
 */
export class ResendRequests {
  readonly #options: ResendRequestsOptions;
  #grantedAtMs = Number.NEGATIVE_INFINITY;
  /** The part that is being granted. Its upper rows are cut off band by band. */
  #current: Rect | undefined;
  /** Requested while `#current` is being granted, and not inside of it. Granted after it. */
  #next: Rect | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ResendRequestsOptions) {
    this.#options = options;
  }

  ask(rect: Rect): void {
    const { now, size, lacksAll } = this.#options;
    const part = intersect(rect, wholeOf(size()));
    if (this.#isClosed || !part || lacksAll()) return;
    if (!this.#current) this.#current = part;
    else if (!contains(this.#current, part)) this.#next = this.#next ? bounds(this.#next, part) : part;
    if (this.#timer) return;
    const waitMs = this.#grantedAtMs + RESEND_INTERVAL_MS - now();
    if (waitMs <= 0) this.#grant();
    else this.#grantAfter(waitMs);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #grantAfter(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#grant();
      this.#options.wake();
    }, ms);
  }

  #grant(): void {
    const { now, lacksAll, hasRoom, resend } = this.#options;
    if (lacksAll()) {
      this.#current = undefined;
      this.#next = undefined;
    } else if (this.#current && hasRoom()) {
      const { band, rest } = cutBand(this.#current);
      this.#grantedAtMs = now();
      this.#current = rest ?? this.#next;
      if (!rest) this.#next = undefined;
      resend(band);
    }
    if (this.#current) this.#grantAfter(RESEND_INTERVAL_MS);
  }
}

/** Cuts off the upper rows of a rect: at most RESEND_BAND_PX, and if possible up to the end of a row of tiles. */
function cutBand(rect: Rect): { band: Rect; rest: Rect | undefined } {
  const { y, width, height } = rect;
  const mostRows = Math.max(1, Math.floor(RESEND_BAND_PX / width));
  if (height <= mostRows) return { band: rect, rest: undefined };
  const tileEnd = Math.floor((y + mostRows) / TILE_SIZE) * TILE_SIZE;
  const end = tileEnd > y ? tileEnd : y + mostRows;
  return {
    band: { ...rect, height: end - y },
    rest: { ...rect, y: end, height: y + height - end },
  };
}

function contains(outer: Rect, inner: Rect): boolean {
  const whole = bounds(outer, inner);
  return whole.width === outer.width && whole.height === outer.height;
}
