import { answerWithin } from '../../desktop/answer-within.ts';
import type { CursorImage, Desktop } from '../../desktop/desktop.ts';
import type { PlacedCursor } from '../../encode/make/draw-cursor.ts';
import type { Offset } from '../../pixels/motion.ts';
import type { Rect } from '../../pixels/rect.ts';

/** A viewer whose picture contains the cursor. */
export interface CursorViewer {
  /** This part of the picture has to be sent again; parts of `rect` outside the picture are ignored. */
  lack(rect: Rect): void;
}

/**
 * Milliseconds between two questions to X for the pointer's position. X reports changes of the cursor's shape, and its
 * position only on request. A larger value shows moves by programs, and by the mouse of an attached display, later; a
 * smaller one takes more of a core. After a viewer has moved the pointer X is asked at once.
 */
const LOOK_EVERY_MS = 33;

/**
 * Milliseconds without a move after which X is asked less often. 30 questions a second cost 2 % of a core, on a desktop
 * that may be doing nothing else. A smaller value delays moves by programs after a shorter pause.
 */
const STILL_AFTER_MS = 1000;

/** Milliseconds between two questions while the pointer stands still, and after a question that failed. */
const LOOK_AT_STILL_EVERY_MS = 250;

/**
 * Milliseconds that the desktop may take to answer. A smaller value repeats questions to a busy X server; a larger one
 * leaves the cursor in its old place for longer after an answer was lost.
 */
const LOOK_LIMIT_MS = 5_000;

/** The cursor in the place where its hot spot is at a position of the screen. */
export function placeCursor(image: CursorImage, { x, y }: { x: number; y: number }): PlacedCursor {
  const { width, height, hotX, hotY, pixels } = image;
  return { x: x - hotX, y: y - hotY, width, height, pixels };
}

/**
 * The cursor as it is drawn into the picture of viewers that cannot draw it. While there are such viewers, follows the
 * pointer and has them lack the places where the cursor was and where it is.
 */
export class DrawnCursor {
  readonly #desktop: Pick<Desktop, 'cursor' | 'pointerPosition'>;
  readonly #leastMs: number;
  readonly #wake: () => void;
  readonly #viewers = new Set<CursorViewer>();
  #position: { x: number; y: number } | undefined;
  #placed: PlacedCursor | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  /** A viewer has moved the pointer since X was last asked. */
  #isLate = false;
  /** The desktop did not answer the last question. */
  #isRefused = false;

  /** Asks at most once every `leastMs`. Calls `wake` when viewers lack something new. */
  constructor(desktop: Pick<Desktop, 'cursor' | 'pointerPosition'>, leastMs: number, wake: () => void) {
    this.#desktop = desktop;
    this.#leastMs = leastMs;
    this.#wake = wake;
  }

  /** The cursor to draw. Undefined while no viewer needs it, or while its place is unknown. */
  get placed(): PlacedCursor | undefined {
    return this.#placed;
  }

  /** Draws the cursor for that viewer from now on, or stops. */
  serve(viewer: CursorViewer, wanted: boolean): void {
    if (this.#viewers.has(viewer) === wanted) return;
    if (this.#placed) viewer.lack(this.#placed);
    if (wanted) this.#viewers.add(viewer);
    else this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#rest();
    else if (this.#viewers.size === 1 && wanted && !this.#isLooking) this.#lookWhenDue(this.#leastMs);
  }

  /** The desktop's cursor has another shape. */
  shapeChanged(): void {
    if (this.#position) this.#place(this.#position);
  }

  /** A viewer has moved the pointer. */
  moved(): void {
    this.#isLate = true;
    if (this.#viewers.size > 0 && !this.#isLooking && !this.#isRefused) this.#lookWhenDue(this.#leastMs);
  }

  /** Parts of the picture have moved: viewers that copy their own pixels copy the cursor in them, too. */
  copied(moves: readonly Offset[]): void {
    const old = this.#placed;
    if (!old) return;
    for (const viewer of this.#viewers) {
      viewer.lack(old);
      for (const { dx, dy } of moves) viewer.lack({ ...old, x: old.x + dx, y: old.y + dy });
    }
  }

  /** Stops drawing for all viewers. */
  close(): void {
    this.#viewers.clear();
    this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#position = undefined;
    this.#placed = undefined;
  }

  #lookWhenDue(afterMs: number): void {
    clearTimeout(this.#timer);
    const waitMs = this.#lookedAtMs + afterMs - performance.now();
    if (waitMs <= 0) void this.#look();
    else this.#timer = setTimeout(() => void this.#look(), waitMs);
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    this.#isLate = false;
    this.#lookedAtMs = performance.now();
    const position = await this.#askPosition();
    this.#isLooking = false;
    if (this.#viewers.size === 0) return;
    if (position) this.#place(position);
    const isStill = this.#lookedAtMs - this.#changedAtMs > STILL_AFTER_MS;
    this.#isRefused = position === undefined;
    if (this.#isLate && position) this.#lookWhenDue(this.#leastMs);
    else this.#lookWhenDue(!position || isStill ? LOOK_AT_STILL_EVERY_MS : LOOK_EVERY_MS);
  }

  /** Undefined if the desktop does not answer. A lost desktop keeps its picture, with the cursor in its last place. */
  async #askPosition(): Promise<{ x: number; y: number } | undefined> {
    try {
      return await answerWithin(
        'the position of the pointer',
        LOOK_LIMIT_MS,
        this.#desktop.pointerPosition(),
      );
    } catch {
      return undefined;
    }
  }

  #place(position: { x: number; y: number }): void {
    this.#position = position;
    const { cursor } = this.#desktop;
    const old = this.#placed;
    const now = cursor && placeCursor(cursor, position);
    if (now?.x === old?.x && now?.y === old?.y && now?.pixels === old?.pixels) return;
    this.#placed = now;
    this.#changedAtMs = performance.now();
    for (const viewer of this.#viewers) {
      if (old) viewer.lack(old);
      if (now) viewer.lack(now);
    }
    this.#wake();
  }
}
