import type { Size } from '../../pixels/rect.ts';
import type { Stamp } from './overlay.ts';
import { MOST_STAMP_PX, MOST_STAMP_SIDE_PX, stampOf } from './stamp.ts';
import { ADVANCE, LINE, type Segment, segmentsOfCharacter } from './stroke-font.ts';

/** Half the width of a stroke, in grid units. A larger value fills the holes of letters, a smaller one is paler. */
const STROKE_RADIUS = 0.42;

/** The least of that, in pixels. Thinner strokes of small texts would vanish in JPEG. */
const LEAST_RADIUS_PX = 0.6;

export interface TextStyle {
  /** Height of a line in pixels. */
  readonly sizePx: number;
  /** Counter-clockwise, in degrees. */
  readonly angle: number;
  /** Opacity, 0-255. */
  readonly alpha: number;
}

/**
 * Makes the stamp of a text of one line. A character that is not in ASCII is written as its code point, `<E9>`. A text that would be larger than a stamp may be is drawn smaller.
 */
export function textStamp(text: string, { sizePx, angle, alpha }: TextStyle): Stamp {
  const characters = [...spelled(text)];
  const radians = (angle * Math.PI) / 180;
  const turned = { cos: Math.cos(radians), sin: Math.sin(radians) };
  const plain = { width: Math.max(1, characters.length * ADVANCE), height: LINE };
  const unit = (sizePx / LINE) * shrinkage(boxOf(plain, turned, sizePx / LINE));
  const box = boxOf(plain, turned, unit);
  const size = { width: Math.ceil(box.width), height: Math.ceil(box.height) };
  const alphas = new Uint8Array(size.width * size.height);
  const radius = Math.max(LEAST_RADIUS_PX, STROKE_RADIUS * unit);
  // The text is turned around its centre, which is then that of the stamp.
  const place = (x: number, y: number): { x: number; y: number } => {
    const dx = (x - plain.width / 2) * unit;
    const dy = (y - plain.height / 2) * unit;
    return {
      x: size.width / 2 + dx * turned.cos + dy * turned.sin,
      y: size.height / 2 - dx * turned.sin + dy * turned.cos,
    };
  };
  for (const [i, character] of characters.entries()) {
    const left = i * ADVANCE + 1;
    for (const { x0, y0, x1, y1 } of segmentsOfCharacter(character) ?? []) {
      const from = place(left + x0, y0 + 1);
      const to = place(left + x1, y1 + 1);
      drawSegment(alphas, size, { x0: from.x, y0: from.y, x1: to.x, y1: to.y }, radius, alpha);
    }
  }
  return stampOf(size, alphas);
}

const spelled = (text: string): string =>
  [...text]
    .map((character) =>
      segmentsOfCharacter(character)
        ? character
        : `<${character.codePointAt(0)!.toString(16).toUpperCase()}>`,
    )
    .join('');

/** The box around a text that is turned, in pixels. */
function boxOf({ width, height }: Size, { cos, sin }: { cos: number; sin: number }, unit: number): Size {
  return {
    width: (Math.abs(width * cos) + Math.abs(height * sin)) * unit,
    height: (Math.abs(width * sin) + Math.abs(height * cos)) * unit,
  };
}

/** The factor by which a box becomes small enough for a stamp. */
function shrinkage({ width, height }: Size): number {
  const side = (MOST_STAMP_SIDE_PX - 1) / Math.max(width, height);
  return Math.min(1, side, Math.sqrt((MOST_STAMP_PX * 0.99) / (width * height)));
}

/**
 * Draws a line with round ends. Each pixel gets the largest opacity of all lines that touch it. Looks only at the pixels
 * of each row that are near the line, so that the time follows from the ink and not from the box.
 */
function drawSegment(alphas: Uint8Array, size: Size, line: Segment, radius: number, alpha: number): void {
  const { x0, y0 } = line;
  const dx = line.x1 - x0;
  const dy = line.y1 - y0;
  const length2 = dx * dx + dy * dy;
  const reach = radius + 1;
  const top = Math.max(0, Math.floor(Math.min(y0, line.y1) - reach));
  const bottom = Math.min(size.height, Math.ceil(Math.max(y0, line.y1) + reach));
  const boxLeft = Math.max(0, Math.floor(Math.min(x0, line.x1) - reach));
  const boxRight = Math.min(size.width, Math.ceil(Math.max(x0, line.x1) + reach));
  const halfSpan =
    Math.abs(dy) < 1e-6 ? Number.POSITIVE_INFINITY : (reach * Math.sqrt(length2)) / Math.abs(dy);
  for (let y = top; y < bottom; y++) {
    const middle = halfSpan === Number.POSITIVE_INFINITY ? 0 : x0 + ((y + 0.5 - y0) * dx) / dy;
    const left = Math.max(boxLeft, Math.floor(middle - halfSpan));
    const right = Math.min(boxRight, Math.ceil(middle + halfSpan));
    for (let x = left; x < right; x++) {
      const px = x + 0.5 - x0;
      const py = y + 0.5 - y0;
      const along = length2 === 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length2));
      const distance = Math.hypot(px - along * dx, py - along * dy);
      const cover = Math.max(0, Math.min(1, radius + 0.5 - distance));
      const at = y * size.width + x;
      alphas[at] = Math.max(alphas[at]!, Math.round(cover * alpha));
    }
  }
}
