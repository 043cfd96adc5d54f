import type { Dice } from '../../bench/scenes/dice.ts';
import { copiesOf, type Mark, type Overlay } from '../../src/encode/overlay/overlay.ts';
import { stampOf } from '../../src/encode/overlay/stamp.ts';
import { textStamp } from '../../src/encode/overlay/text-stamp.ts';
import type { Rect, Size } from '../../src/pixels/rect.ts';
import { contains, type Edge, type VisibleRegion, visibleRect } from '../../src/pixels/visible-region.ts';

let made = 0;

/** An overlay with a visible region, a mark, or both. Its ink is opaque in most places. */
export function randomOverlay(dice: Dice, screen: Size): Overlay {
  const hasRegion = dice.chance(0.75);
  return {
    key: `random${++made}`,
    visible: hasRegion ? randomRegion(dice, screen) : undefined,
    mark: !hasRegion || dice.chance(0.5) ? randomMark(dice, screen) : undefined,
  };
}

/** Edges of every kind. In a few cases they leave nothing visible. */
export function randomRegion(dice: Dice, { width, height }: Size): VisibleRegion {
  const edge = (side: number, isFar: boolean): Edge => {
    const inset = dice.integer(0, Math.floor(side * 0.45));
    if (dice.chance(0.3)) return { kind: 'percent', percent: Math.round((inset * 1000) / side) / 10 };
    if (dice.chance(0.5)) return { kind: 'inset', px: inset };
    return { kind: 'at', px: isFar && !dice.chance(0.05) ? side - inset : inset };
  };
  return {
    left: edge(width, false),
    top: edge(height, false),
    right: edge(width, true),
    bottom: edge(height, true),
  };
}

function randomMark(dice: Dice, { width, height }: Size): Mark {
  const text = dice.pick(['a', 'user 10.0.0.1', '12:34:56']);
  const stamp = dice.chance(0.3)
    ? stampOf({ width: 9, height: 5 }, new Uint8Array(45).fill(255))
    : textStamp(text, { sizePx: dice.integer(8, 30), angle: dice.integer(-90, 90), alpha: 255 });
  const place = (side: number): number => dice.integer(-side, side);
  return {
    stamp,
    location: dice.chance(0.5) ? { x: place(width), y: place(height) } : undefined,
    spacingPx: dice.chance(0.5) ? dice.integer(1, 40) : 0,
    red: dice.integer(0, 255),
    green: dice.integer(0, 255),
    blue: dice.integer(0, 255),
  };
}

/** What an overlay leaves of a pixel. */
export type Fate = 'concealed' | 'inked' | 'mixed' | 'open';

/** What an overlay does to each pixel of a screen, worked out pixel by pixel. */
export function fatesOf({ visible, mark }: Overlay, screen: Size): Fate[] {
  const region = visible && visibleRect(visible, screen);
  const inks = mark ? inksOf(mark, screen) : new Map<number, number>();
  return Array.from({ length: screen.width * screen.height }, (_, at) => {
    const place = { x: at % screen.width, y: Math.floor(at / screen.width) };
    if (region && !contains(region, place)) return 'concealed';
    const alpha = inks.get(at);
    if (alpha === undefined) return 'open';
    return alpha === 255 ? 'inked' : 'mixed';
  });
}

/** Opacity of each pixel of the screen that a mark changes. */
function inksOf(mark: Mark, screen: Size): Map<number, number> {
  const inks = new Map<number, number>();
  const { stamp } = mark;
  const { first, pitch } = copiesOf(mark, screen);
  const starts = (from: number, step: number | undefined, side: number): number[] => {
    if (step === undefined) return [from];
    const least = from - Math.ceil((from + 4096) / step) * step;
    return Array.from({ length: Math.ceil((side - least) / step) }, (_, i) => least + i * step);
  };
  for (const top of starts(first.y, pitch?.y, screen.height))
    for (const left of starts(first.x, pitch?.x, screen.width))
      inkCopy(inks, stamp, { ...first, x: left, y: top }, screen);
  return inks;
}

function inkCopy(inks: Map<number, number>, stamp: Mark['stamp'], place: Rect, screen: Size): void {
  for (let row = 0; row < stamp.height; row++) {
    const y = place.y + row;
    if (y < 0 || y >= screen.height) continue;
    for (let at = stamp.rows[row]!; at < stamp.rows[row + 1]!; at++) {
      const x = place.x + stamp.columns[at]!;
      if (x >= 0 && x < screen.width) inks.set(y * screen.width + x, stamp.alphas[at]!);
    }
  }
}
