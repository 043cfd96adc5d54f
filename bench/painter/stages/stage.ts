import { intersect, type Rect } from '../../../src/pixels/rect.ts';
import type { Picture } from '../picture.ts';

/** A part of one of a stage's pictures, and its place on the screen. */
export interface Put {
  /** Index of the picture. */
  readonly picture: number;
  /** The part, in the picture. */
  readonly part: Rect;
  /** Upper left corner on the screen. */
  readonly x: number;
  readonly y: number;
}

/** Pictures made beforehand, and what each frame shows of them. Frame numbers are painted over that. */
export interface Stage {
  readonly pictures: readonly Picture[];
  /** Returns everything that frame `number` shows, from back to front. */
  content(number: number): Put[];
  /** Returns what a program paints to get from the frame before to frame `number`. */
  changes(number: number): Put[];
}

/** Returns a put of a picture's part at (x, y). */
export const put = (picture: number, part: Rect, x: number, y: number): Put => ({ picture, part, x, y });

/** Returns what frame `number` shows in `place`, one word per pixel. */
export function compose(stage: Stage, number: number, place: Rect): Uint32Array {
  const shown = new Uint32Array(place.width * place.height);
  for (const { picture, part, x, y } of stage.content(number)) {
    const common = intersect(place, { x, y, width: part.width, height: part.height });
    if (!common) continue;
    const { pixels, width } = stage.pictures[picture]!;
    for (let row = 0; row < common.height; row++) {
      const from = (part.y + common.y - y + row) * width + part.x + common.x - x;
      const to = (common.y - place.y + row) * place.width + common.x - place.x;
      shown.set(pixels.subarray(from, from + common.width), to);
    }
  }
  return shown;
}
