import type { Rect, Size } from '../../src/pixels/rect.ts';
import type { Marker } from '../frame-number.ts';
import type { Dice } from './dice.ts';
import { markersIn, stripSize } from './markers.ts';
import { describeStyle, drawTextStyle, type TextStyle } from './text-style.ts';

/** Kinds of scrolling. What a kind leaves open is drawn. */
export type ScrollKind = 'scroll-lines' | 'scroll-smooth' | 'scroll-pane' | 'scroll-across';

/** Text that scrolls. */
export interface ScrollScene {
  readonly kind: 'scroll';
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  readonly style: TextStyle;
  readonly columns: 1 | 2;
  /** The part of the screen with the text. Beside it stands other text, still. */
  readonly pane: Rect;
  /** Height of a part at the pane's top that stays. */
  readonly headerPx: number;
  /** Place of a caret on the screen, on and off every half second. */
  readonly caret: Rect | undefined;
  readonly axis: 'down' | 'across';
  /** Pixels that the text moves by from one frame to the next, in turn. Negative: backwards. */
  readonly stepsPx: readonly number[];
  /** Position of the text in the first frame. */
  readonly startPx: number;
  /** Whether the program paints the whole screen for each frame, still parts too. */
  readonly paintsAll: boolean;
}

/** Limits of what is drawn, in pixels. */
const SCROLL_LIMITS = {
  lines: { least: 1, most: 3 },
  smoothPx: { least: 1, most: 9 },
  easedPx: { least: 6, most: 48 },
  acrossPx: { least: 1, most: 60 },
  headerPx: { least: 20, most: 120 },
} as const;

export function drawScroll(kind: ScrollKind, dice: Dice, size: Size): ScrollScene {
  const style = drawTextStyle(dice);
  const pane = kind === 'scroll-pane' ? drawPane(dice, size) : { x: 0, y: 0, ...size };
  const often = kind === 'scroll-pane' ? 0.75 : 0.25;
  const { least, most } = SCROLL_LIMITS.headerPx;
  const headerPx = dice.chance(often) ? Math.min(dice.integer(least, most), Math.floor(pane.height / 4)) : 0;
  const moving = { ...pane, y: pane.y + headerPx, height: pane.height - headerPx };
  return {
    kind: 'scroll',
    markerGroups: [markersIn(moving, size)],
    content: dice.integer(0, 2 ** 31),
    style,
    columns: dice.chance(often) ? 2 : 1,
    pane,
    headerPx,
    caret: dice.chance(often) ? drawCaret(dice, moving, style, size) : undefined,
    axis: kind === 'scroll-across' ? 'across' : 'down',
    stepsPx: drawSteps(kind, dice, style),
    startPx: dice.integer(0, 2000),
    paintsAll: dice.chance(0.5),
  };
}

function drawPane(dice: Dice, size: Size): Rect {
  const strip = stripSize(size);
  const leastWidth = Math.max(strip.width + 4 * strip.height, Math.floor(size.width * 0.4));
  const leastHeight = Math.floor(size.height * 0.6);
  const width = dice.integer(leastWidth, Math.max(leastWidth, Math.floor(size.width * 0.9)));
  const height = dice.integer(leastHeight, size.height);
  return {
    x: dice.integer(0, size.width - width),
    y: dice.integer(0, size.height - height),
    width,
    height,
  };
}

/** Draws a caret in the middle half of the pane, away from the frame numbers. */
function drawCaret(dice: Dice, pane: Rect, { pitchPx }: TextStyle, size: Size): Rect {
  const { height } = stripSize(size);
  return {
    x: pane.x + dice.integer(4, pane.width - 8),
    y: pane.y + dice.integer(3 * height, pane.height - 3 * height - pitchPx),
    width: dice.integer(1, 3),
    height: pitchPx,
  };
}

/** Draws one step, or steps that swell and fade like a browser's answer to a turn of the wheel. */
function drawSteps(kind: ScrollKind, dice: Dice, { pitchPx }: TextStyle): number[] {
  const { lines, smoothPx, easedPx, acrossPx } = SCROLL_LIMITS;
  const sign = dice.chance(0.3) ? -1 : 1;
  const byLines = kind === 'scroll-lines' || (kind === 'scroll-pane' && dice.chance(0.5));
  if (byLines) return [sign * pitchPx * dice.integer(lines.least, lines.most)];
  if (kind === 'scroll-across') return [sign * dice.integer(acrossPx.least, acrossPx.most)];
  if (dice.chance(0.5)) return [sign * dice.integer(smoothPx.least, smoothPx.most)];
  return easedSteps(dice.integer(easedPx.least, easedPx.most), dice.integer(5, 9)).map((px) => sign * px);
}

/** Returns `frames` steps of at least one pixel that rise to `mostPx` and fall. */
export function easedSteps(mostPx: number, frames: number): number[] {
  return Array.from({ length: frames }, (_, i) =>
    Math.max(1, Math.round(mostPx * Math.sin((Math.PI * (i + 0.5)) / frames))),
  );
}

/** Returns the text's position in frame `number`: the sum of the steps up to it. */
export function scrolledPx(
  { stepsPx, startPx }: Pick<ScrollScene, 'stepsPx' | 'startPx'>,
  number: number,
): number {
  const turn = stepsPx.reduce((sum, step) => sum + step, 0);
  const rest = stepsPx.slice(0, number % stepsPx.length).reduce((sum, step) => sum + step, 0);
  return startPx + Math.floor(number / stepsPx.length) * turn + rest;
}

export function describeScroll(scene: ScrollScene): string {
  const { style, pane, stepsPx, axis } = scene;
  return [
    describeStyle(style),
    `steps of ${stepsPx.join(' ')} px ${axis}`,
    `start ${scene.startPx}`,
    `${pane.width}x${pane.height} at ${pane.x},${pane.y}`,
    ...(scene.columns === 2 ? ['two columns'] : []),
    ...(scene.headerPx ? [`header of ${scene.headerPx} px`] : []),
    ...(scene.caret ? ['caret'] : []),
    ...(scene.paintsAll ? ['paints all'] : []),
  ].join(', ');
}
