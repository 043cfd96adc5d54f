import type { Dice } from './dice.ts';

/** Look of text. */
export interface TextStyle {
  /** Distance of lines, in pixels. The letters fill four fifths of it. */
  readonly pitchPx: number;
  readonly theme: 'dark' | 'light';
  /** Crisp: two colours. Grey: shades between the two. Subpixel: also coloured fringes, as on a desktop's LCD. */
  readonly edges: 'crisp' | 'grey' | 'subpixel';
  /** Proportional letters begin at any column of pixels; monospaced ones in a grid. */
  readonly letters: 'monospaced' | 'proportional';
}

/** Range of `pitchPx`: from a terminal's smallest font to a headline. */
export const PITCH_PX = { least: 8, most: 40 };

export function drawTextStyle(dice: Dice): TextStyle {
  return {
    pitchPx: dice.integer(PITCH_PX.least, PITCH_PX.most),
    theme: dice.pick(['dark', 'light']),
    edges: dice.pick(['crisp', 'grey', 'subpixel']),
    letters: dice.pick(['monospaced', 'proportional']),
  };
}

export const describeStyle = ({ pitchPx, theme, edges, letters }: TextStyle): string =>
  `lines of ${pitchPx} px, ${theme}, ${edges} edges, ${letters}`;
