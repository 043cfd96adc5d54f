import type { CursorImage, Desktop } from '../../desktop/desktop.ts';
import type { PlacedCursor } from '../../encode/make/draw-cursor.ts';
import type { Offset } from '../../pixels/motion.ts';
import type { Rect } from '../../pixels/rect.ts';

/** A viewer that is sent the pointer as a part of its picture. */
export interface CursorViewer {
  /** This part of the picture is to be sent again; what of it lies outside is nothing. */
  lack(rect: Rect): void;
}

/**
 * X tells of the pointer's shape by itself, of its place only when asked. Programs that move it, and the mouse of an
 * attached display, are followed as closely as this; after what viewers do it is asked at once.
 */
const LOOK_EVERY_MS = 33;
/**
 * One that has stood still for this long is asked less often: 30 questions a second cost 2 % of a core, which a desktop
 * that does nothing is not worth. Its next move by other than viewers may be seen this much later.
 */
const STILL_AFTER_MS = 1000;
const LOOK_AT_STILL_EVERY_MS = 250;

/** The pointer as it stands with its hot spot at a place of the screen. */
export function placeCursor(image: CursorImage, { x, y }: { x: number; y: number }): PlacedCursor {
  const { width, height, hotX, hotY, pixels } = image;
  return { x: x - hotX, y: y - hotY, width, height, pixels };
}

/**
 * The pointer as it is drawn into the picture of viewers that can't draw it themselves. Follows it while there
 * are such viewers, and lets them lack the places where it was and is.
 */
export class DrawnCursor {
  readonly #desktop: Desktop;
  readonly #leastMs: number;
  readonly #wake: () => void;
  readonly #viewers = new Set<CursorViewer>();
  #position: { x: number; y: number } | undefined;
  #placed: PlacedCursor | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #isLooking = false;
  /** The pointer was moved after it was asked for its place. */
  #isLate = false;

  /** Looks no oftener than every `leastMs`; `wake` is called when viewers lack something now. */
  constructor(desktop: Desktop, leastMs: number, wake: () => void) {
    this.#desktop = desktop;
    this.#leastMs = leastMs;
    this.#wake = wake;
  }

  /** What is to be drawn; undefined while that is not known, or for nobody. */
  get placed(): PlacedCursor | undefined {
    return this.#placed;
  }

  /** Draws the pointer for that viewer from now on, or no longer. */
  serve(viewer: CursorViewer, wanted: boolean): void {
    if (this.#viewers.has(viewer) === wanted) return;
    if (this.#placed) viewer.lack(this.#placed);
    if (wanted) this.#viewers.add(viewer);
    else this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#rest();
    else if (this.#viewers.size === 1 && wanted && !this.#isLooking) void this.#look();
  }

  /** The desktop's pointer has another shape. */
  shapeChanged(): void {
    if (this.#position) this.#place(this.#position);
  }

  /** A viewer has moved the pointer. */
  moved(): void {
    this.#isLate = true;
    if (this.#viewers.size > 0 && !this.#isLooking) this.#lookWhenDue(this.#leastMs);
  }

  /** A part of the picture has moved: a viewer that copies what it has takes the pointer along. */
  copied({ dx, dy }: Offset): void {
    const old = this.#placed;
    if (!old) return;
    for (const viewer of this.#viewers) {
      viewer.lack(old);
      viewer.lack({ ...old, x: old.x + dx, y: old.y + dy });
    }
  }

  /** Draws for nobody any more. */
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
    // A desktop that is lost keeps its picture, and the pointer in it, till it is back.
    const position = await this.#desktop.pointerPosition().catch(() => this.#position);
    this.#isLooking = false;
    if (this.#viewers.size === 0) return;
    if (position) this.#place(position);
    const isStill = this.#lookedAtMs - this.#changedAtMs > STILL_AFTER_MS;
    if (this.#isLate) this.#lookWhenDue(this.#leastMs);
    else this.#lookWhenDue(isStill ? LOOK_AT_STILL_EVERY_MS : LOOK_EVERY_MS);
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
