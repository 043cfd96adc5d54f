import { bounds, intersect, type Rect, type Size, wholeOf } from '../../pixels/rect.ts';
import { copiesOf, type Mark, markedRect, type Overlay, type Stamp } from './overlay.ts';

/**
 * Copies of a mark whose changed parts are sent one by one. With more, the whole screen is sent. A larger value takes
 * longer for tiny copies, all of which are in few tiles anyway; a smaller one sends more pixels each second.
 */
const MOST_COPIES = 1024;

/**
 * Parts of the screen that change when the mark of one overlay gives way to that of another. If only some characters
 * differ, these are the boxes around those characters.
 */
export function markChanges(
  before: Overlay | undefined,
  after: Overlay | undefined,
  screen: Size,
): readonly Rect[] {
  const marks = [before?.mark, after?.mark];
  const [old, now] = marks;
  if (!old || !now || !isPlacedAlike(old, now))
    return marks.flatMap((mark) => (mark ? markedRect(mark, screen) : []));
  const part = differingPart(old.stamp, now.stamp);
  return part ? placesOf(part, now, screen) : [];
}

function isPlacedAlike(a: Mark, b: Mark): boolean {
  const places = [a, b].map(({ stamp, location, spacingPx, red, green, blue }) =>
    [stamp.width, stamp.height, location?.x, location?.y, spacingPx, red, green, blue].join(),
  );
  return places[0] === places[1];
}

/** The box around the pixels in which two stamps of one size differ. Undefined if there are none. */
function differingPart(a: Stamp, b: Stamp): Rect | undefined {
  let part: Rect | undefined;
  for (let y = 0; y < a.height; y++) {
    let [aStart, bStart, aEnd, bEnd] = [a.rows[y]!, b.rows[y]!, a.rows[y + 1]!, b.rows[y + 1]!];
    const isSame = (aAt: number, bAt: number): boolean =>
      a.columns[aAt] === b.columns[bAt] && a.alphas[aAt] === b.alphas[bAt];
    while (aStart < aEnd && bStart < bEnd && isSame(aStart, bStart)) {
      aStart++;
      bStart++;
    }
    while (aStart < aEnd && bStart < bEnd && isSame(aEnd - 1, bEnd - 1)) {
      aEnd--;
      bEnd--;
    }
    const columns = [
      ...(aStart < aEnd ? [a.columns[aStart]!, a.columns[aEnd - 1]!] : []),
      ...(bStart < bEnd ? [b.columns[bStart]!, b.columns[bEnd - 1]!] : []),
    ];
    if (columns.length === 0) continue;
    const x = Math.min(...columns);
    const row = { x, y, width: Math.max(...columns) + 1 - x, height: 1 };
    part = part ? bounds(part, row) : row;
  }
  return part;
}

/** Where a part of a stamp is on the screen, for each copy that shows it. */
function placesOf(part: Rect, mark: Mark, screen: Size): Rect[] {
  const { first, pitch } = copiesOf(mark, screen);
  const whole = wholeOf(screen);
  const placed = { ...part, x: first.x + part.x, y: first.y + part.y };
  if (!pitch) return [intersect(placed, whole) ?? []].flat();
  const columns = Math.ceil(screen.width / pitch.x) + 1;
  const rows = Math.ceil(screen.height / pitch.y) + 1;
  if (columns * rows > MOST_COPIES) return [whole];
  // The last copy that begins to the left of the screen, or at its border.
  const left = placed.x - Math.ceil(placed.x / pitch.x) * pitch.x;
  const top = placed.y - Math.ceil(placed.y / pitch.y) * pitch.y;
  const places: Rect[] = [];
  for (let y = top; y < screen.height; y += pitch.y)
    for (let x = left; x < screen.width; x += pitch.x) {
      const place = intersect({ ...placed, x, y }, whole);
      if (place) places.push(place);
    }
  return places;
}
