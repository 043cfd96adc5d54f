import type { Size } from '../../src/pixels/rect.ts';
import type { Marker } from '../frame-number.ts';
import type { Dice } from './dice.ts';
import { markersIn } from './markers.ts';
import { LINES_PER_SECOND } from './page-scenes.ts';
import { describeStyle, drawTextStyle, type TextStyle } from './text-style.ts';

export type ProgramName = 'xterm' | 'chromium' | 'calc';

/** A real program over the whole screen: xterm prints, Chromium and LibreOffice Calc are scrolled by wheel. */
export interface ProgramScene {
  readonly kind: 'program';
  readonly program: ProgramName;
  /** Places of the painter's own windows above the program, which show the frame number. */
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  /** Programs draw their own edges. */
  readonly style: TextStyle;
  readonly linesPerSecond: number;
  readonly notchesPerSecond: number;
  /** Notches of the wheel down, and then up again. */
  readonly notches: number;
}

export function drawProgram(program: ProgramName, dice: Dice, size: Size): ProgramScene {
  return {
    kind: 'program',
    program,
    markerGroups: [markersIn({ x: 0, y: 0, ...size }, size)],
    content: dice.integer(0, 2 ** 31),
    style: { ...drawTextStyle(dice), pitchPx: dice.integer(13, 28) },
    linesPerSecond: LINES_PER_SECOND,
    notchesPerSecond: dice.integer(6, 20),
    notches: dice.integer(15, 60),
  };
}

export function describeProgram({ program, style, notchesPerSecond, notches }: ProgramScene): string {
  const look = describeStyle(style);
  return program === 'xterm' ? look : `${look}, ${notchesPerSecond} notches a second, ${notches} down and up`;
}
