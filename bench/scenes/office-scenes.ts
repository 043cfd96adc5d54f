import type { Rect, Size } from '../../src/pixels/rect.ts';
import type { Marker } from '../frame-number.ts';
import type { Dice } from './dice.ts';
import { stripAt, stripSize } from './markers.ts';
import { modulo } from './modulo.ts';
import { describeStyle, drawTextStyle, type TextStyle } from './text-style.ts';

/** What an editor shows in one frame. */
export interface EditorState {
  /** First line of the file on the screen. */
  readonly firstLine: number;
  /** Row of the screen where new lines were inserted. */
  readonly row: number;
  /** Number of new lines. Characters are typed into the last one. */
  readonly inserted: number;
  readonly typed: number;
}

/** An editor of source code: it is typed into, lines are inserted, and it scrolls by lines. */
export interface EditorScene {
  readonly kind: 'editor';
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  readonly style: TextStyle;
  /** The part with the code. Left of it is a list of files, above it a title, below it a status line. */
  readonly pane: Rect;
  /** States of successive frames, which repeat. */
  readonly states: readonly EditorState[];
}

/** A spreadsheet that scrolls by whole rows and columns. Its headers scroll one way only. */
export interface SheetScene {
  readonly kind: 'sheet';
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  readonly style: TextStyle;
  /** The part with cells, without headers. */
  readonly body: Rect;
  readonly rowHeaderPx: number;
  readonly rowPx: number;
  /** Widths of columns, which repeat to the right. */
  readonly columnsPx: readonly number[];
  /** First column and row on the screen in successive frames, which repeat. */
  readonly corners: readonly { readonly column: number; readonly row: number }[];
}

/** Lines of the editor's file and rows of the sheet before they repeat. */
export const FILE_LINES = 120;
export const SHEET_ROWS = 60;
/** Most lines inserted before the editor scrolls away. */
export const MOST_INSERTED = 4;
/** Most characters typed into a line. */
export const MOST_TYPED = 48;
/** Frames after which a schedule is long enough: 20 s at 30 per second. */
const SCHEDULE_FRAMES = 600;

export function drawEditor(dice: Dice, size: Size): EditorScene {
  const strip = stripSize(size);
  const barPx = 2 * strip.height;
  const left = dice.integer(60, Math.floor(size.width / 5));
  const pane = { x: left, y: barPx, width: size.width - left, height: size.height - 2 * barPx };
  const style: TextStyle = {
    ...drawTextStyle(dice),
    pitchPx: dice.integer(14, 24),
    edges: 'subpixel',
    letters: 'monospaced',
  };
  return {
    kind: 'editor',
    markerGroups: [
      [
        stripAt(size.width - strip.width - strip.height, strip.height / 2, size),
        stripAt(strip.height, size.height - 1.5 * strip.height, size),
      ],
    ],
    content: dice.integer(0, 2 ** 31),
    style,
    pane,
    states: drawEditorStates(dice, Math.floor(pane.height / style.pitchPx)),
  };
}

function drawEditorStates(dice: Dice, rows: number): EditorState[] {
  const states: EditorState[] = [];
  let firstLine = dice.integer(0, FILE_LINES - 1);
  while (states.length < SCHEDULE_FRAMES) {
    if (dice.chance(0.5)) {
      const row = dice.integer(1, rows - MOST_INSERTED - 1);
      const lines = dice.integer(1, MOST_INSERTED);
      for (let inserted = 1; inserted <= lines; inserted++) {
        const characters = dice.integer(6, MOST_TYPED);
        for (let typed = 0; typed <= characters; typed++) states.push({ firstLine, row, inserted, typed });
      }
    } else {
      const step = dice.pick([1, 3, 3, 3, rows]) * dice.pick([1, 1, -1]);
      for (let turns = dice.integer(5, 30); turns > 0; turns--) {
        firstLine = modulo(firstLine + step, FILE_LINES);
        states.push({ firstLine, row: 0, inserted: 0, typed: 0 });
      }
    }
  }
  return states;
}

export function drawSheet(dice: Dice, size: Size): SheetScene {
  const strip = stripSize(size);
  const rowPx = dice.integer(16, 30);
  const rowHeaderPx = dice.integer(36, 64);
  const top = dice.integer(4 * strip.height, 8 * strip.height) + rowPx;
  const bottom = 2 * strip.height;
  const body = {
    x: rowHeaderPx,
    y: top,
    width: size.width - rowHeaderPx,
    height: size.height - top - bottom,
  };
  const columnsPx = Array.from({ length: 10 }, () => dice.integer(40, 190));
  const theme = dice.chance(0.8) ? 'light' : 'dark';
  return {
    kind: 'sheet',
    markerGroups: [
      [
        stripAt(2 * strip.height, strip.height, size),
        stripAt(size.width - strip.width - strip.height, size.height - 1.5 * strip.height, size),
      ],
    ],
    content: dice.integer(0, 2 ** 31),
    style: { ...drawTextStyle(dice), pitchPx: rowPx - 1, theme },
    body,
    rowHeaderPx,
    rowPx,
    columnsPx,
    corners: drawCorners(dice, columnsPx.length),
  };
}

function drawCorners(dice: Dice, columns: number): SheetScene['corners'] {
  const corners: { column: number; row: number }[] = [];
  let [column, row] = [0, dice.integer(0, SHEET_ROWS - 1)];
  while (corners.length < SCHEDULE_FRAMES) {
    const isDown = dice.chance(0.7);
    const step = dice.pick([1, 1, 3]) * dice.pick([1, 1, -1]);
    for (let turns = dice.integer(8, 40); turns > 0; turns--) {
      if (isDown) row = modulo(row + step, SHEET_ROWS);
      else column = modulo(column + Math.sign(step), columns);
      corners.push({ column, row });
    }
  }
  return corners;
}

export const describeEditor = ({ style, pane }: EditorScene): string =>
  `${describeStyle(style)}, code from ${pane.x},${pane.y}`;

export const describeSheet = ({ style, rowPx, columnsPx }: SheetScene): string =>
  `${describeStyle(style)}, rows of ${rowPx} px, columns of ${Math.min(...columnsPx)} to ${Math.max(...columnsPx)} px`;
