import { isWithin, overlaps, type Rect, type Size, wholeOf } from '../../pixels/rect.ts';
import { type VisibleRegion, visibleRect } from '../../pixels/visible-region.ts';

/**
 * The opacity of each pixel of a watermark. Only pixels with ink are kept, row by row, since most of a text is empty.
 * In shared memory, so that a job that names a stamp copies none of it to its thread.
 */
export interface Stamp extends Size {
  /** For each row the place of its first pixel in the other two arrays, and the place behind the last row. */
  readonly rows: Uint32Array;
  readonly columns: Uint16Array;
  /** 1-255. */
  readonly alphas: Uint8Array;
}

/** A watermark: where on a screen its stamp is, and in which colour. */
export interface Mark {
  readonly stamp: Stamp;
  /**
   * Pixels from the left and upper border; negative ones from the right and lower border. Undefined: the centre. On a
   * screen that is too small for its place, the mark is moved to the border.
   */
  readonly location: { readonly x: number; readonly y: number } | undefined;
  /** Pixels between copies, which then cover the screen. 0 for one copy. */
  readonly spacingPx: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/**
 * What is burnt into the pixels of one viewer or one picture, on a screen of any size: everything outside the visible
 * region is black, and the mark is over everything else. Stays in its place when the content under it moves.
 */
export interface Overlay {
  /** Equal for overlays that change pixels in the same way, and for no others. */
  readonly key: string;
  readonly visible: VisibleRegion | undefined;
  readonly mark: Mark | undefined;
}

/** The copies of a mark: the first one's place, and the distances to the next ones if they cover the screen. */
export interface Copies {
  readonly first: Rect;
  readonly pitch: { readonly x: number; readonly y: number } | undefined;
}

export function copiesOf({ stamp, location, spacingPx }: Mark, screen: Size): Copies {
  const { width, height } = stamp;
  const centre = { x: (screen.width - width) >> 1, y: (screen.height - height) >> 1 };
  const place = (from: number, screenPx: number, stampPx: number): number => {
    const rest = screenPx - stampPx;
    const at = from < 0 || Object.is(from, -0) ? rest + from : from;
    // A user who makes the desktop smaller must not have the mark outside of it.
    return Math.max(Math.min(0, rest), Math.min(Math.max(0, rest), at));
  };
  const x = location ? place(location.x, screen.width, width) : centre.x;
  const y = location ? place(location.y, screen.height, height) : centre.y;
  const pitch = spacingPx > 0 ? { x: width + spacingPx, y: height + spacingPx } : undefined;
  return { first: { x, y, width, height }, pitch };
}

/** Whether an overlay may change a pixel of this part of the screen. */
export function touches({ visible, mark }: Overlay, rect: Rect, screen: Size): boolean {
  if (visible && !isWithin(rect, visibleRect(visible, screen))) return true;
  return mark !== undefined && overlaps(markedRect(mark, screen), rect);
}

/** A rect that holds everything that a mark changes. */
export function markedRect(mark: Mark, screen: Size): Rect {
  const { first, pitch } = copiesOf(mark, screen);
  return pitch ? wholeOf(screen) : first;
}
