import type { Size } from '../../src/pixels/rect.ts';
import type { Marker } from '../frame-number.ts';
import type { Dice } from './dice.ts';
import { markersIn } from './markers.ts';
import { easedSteps } from './scroll-scene.ts';
import { describeStyle, drawTextStyle, type TextStyle } from './text-style.ts';

/** Pages of text over the whole screen, another one in each frame. */
export interface PagesScene {
  readonly kind: 'pages';
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  readonly style: TextStyle;
  readonly columns: 1 | 2;
}

/** A terminal over the whole screen that prints numbered lines. */
export interface TerminalScene {
  readonly kind: 'terminal';
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  readonly style: TextStyle;
  /** Lines printed from one frame to the next. Not an integer. */
  readonly linesPerFrame: number;
}

/** A web page with pictures, scrolled by wheel. Its header stays. */
export interface WebScene {
  readonly kind: 'web';
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  readonly style: TextStyle;
  readonly headerPx: number;
  readonly stepsPx: readonly number[];
  readonly startPx: number;
}

/** Lines that the terminal prints per second. */
export const LINES_PER_SECOND = 2000;

export function drawPages(dice: Dice, size: Size): PagesScene {
  return {
    kind: 'pages',
    markerGroups: [markersIn({ x: 0, y: 0, ...size }, size)],
    content: dice.integer(0, 2 ** 31),
    style: drawTextStyle(dice),
    columns: dice.pick([1, 2]),
  };
}

export function drawTerminal(dice: Dice, size: Size, fps: number): TerminalScene {
  const style = drawTextStyle(dice);
  return {
    kind: 'terminal',
    markerGroups: [markersIn({ x: 0, y: 0, ...size }, size)],
    content: dice.integer(0, 2 ** 31),
    // Fonts of terminals.
    style: { ...style, pitchPx: dice.integer(12, 24), letters: 'monospaced' },
    linesPerFrame: LINES_PER_SECOND / fps,
  };
}

/** Draws turns of the wheel: each moves the page by 53 to 160 px in a sixth to a third of a second. */
export function drawWeb(dice: Dice, size: Size): WebScene {
  const headerPx = dice.integer(40, 96);
  const turn = easedSteps(dice.integer(16, 44), dice.integer(5, 10));
  const turns = dice.integer(3, 8);
  const there = Array.from({ length: turns }, () => turn).flat();
  const isReading = dice.chance(0.5);
  return {
    kind: 'web',
    markerGroups: [markersIn({ x: 0, y: headerPx, ...size, height: size.height - headerPx }, size)],
    content: dice.integer(0, 2 ** 31),
    style: { ...drawTextStyle(dice), pitchPx: dice.integer(18, 28), edges: dice.pick(['grey', 'subpixel']) },
    headerPx,
    // Someone who reads scrolls on; someone who searches scrolls up again sometimes.
    stepsPx: isReading ? there : [...there, ...there, ...there.map((px) => -px)],
    startPx: dice.integer(0, 2000),
  };
}

export const describePages = ({ style, columns }: PagesScene): string =>
  `${describeStyle(style)}, ${columns === 2 ? 'two columns' : 'one column'}`;

export const describeTerminal = ({ style }: TerminalScene): string => describeStyle(style);

export const describeWeb = ({ style, headerPx, stepsPx }: WebScene): string =>
  `${describeStyle(style)}, header of ${headerPx} px, ${stepsPx.length} steps of up to ${Math.max(...stepsPx)} px`;
