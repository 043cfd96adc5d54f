import type { Rect, Size } from '../../../src/pixels/rect.ts';
import {
  type EditorScene,
  type EditorState,
  FILE_LINES,
  MOST_INSERTED,
  MOST_TYPED,
  SHEET_ROWS,
  type SheetScene,
} from '../../scenes/office-scenes.ts';
import type { FontBits } from '../font.ts';
import { createPicture, type Picture } from '../picture.ts';
import { createRandom } from '../random.ts';
import { fill, TextBrush } from '../text-brush.ts';
import { repeat, writeLine, writeLines } from '../writing.ts';
import { type Put, put, type Stage } from './stage.ts';

/** Columns of text left of the code, for line numbers. */
const GUTTER_COLUMNS = 6;
const REGIONS = ['North', 'South-West', 'East coast', 'Lakes', 'Total', 'n/a', 'Upper valley', 'Islands'];

/** Makes a file of code and the lines that are typed into it. */
export function createEditorStage(scene: EditorScene, size: Size, font: FontBits): Stage {
  const { pane, states } = scene;
  const random = createRandom(scene.content);
  const brush = new TextBrush(font, scene.style);
  const { cellWidth, cellHeight, theme } = brush;
  const rows = Math.floor(pane.height / cellHeight);
  const gutterPx = GUTTER_COLUMNS * cellWidth;

  const frame = createPicture(size.width, size.height);
  fill(frame, { x: 0, y: 0, ...size }, theme.shade);
  fill(frame, pane, theme.paper);
  writeLines(frame, { x: 4, y: pane.y, width: pane.x - 12, height: pane.height }, brush, 'code', random);

  const file = createPicture(pane.width, FILE_LINES * cellHeight + pane.height);
  fill(file, { x: 0, y: 0, ...file }, theme.paper);
  for (let line = 0; line < FILE_LINES; line++) {
    const y = line * cellHeight;
    brush.write(file, 0, y, String(line + 1).padStart(4), 5);
    const place = { x: gutterPx, y, width: pane.width - gutterPx, height: cellHeight };
    writeLine(file, place, brush, 'code', random, line);
  }
  repeat(file, 'down', FILE_LINES * cellHeight);

  const typed = createPicture(pane.width, MOST_INSERTED * cellHeight);
  typed.pixels.fill(theme.shade);
  for (let line = 0; line < MOST_INSERTED; line++) {
    const place = { x: gutterPx, y: line * cellHeight, width: MOST_TYPED * cellWidth, height: cellHeight };
    writeLine(typed, place, brush, 'code', random, line, theme.shade);
  }
  const blank = createPicture(pane.width, cellHeight);
  blank.pixels.fill(theme.shade);
  const caret = createPicture(2, cellHeight);
  caret.pixels.fill(theme.inks[0]!);

  const stateOf = (number: number): EditorState => states[number % states.length]!;
  const lineAt = (row: number): number => pane.y + row * cellHeight;
  /** Rows of the file from `row` of the screen on, when `inserted` lines stand above them. */
  const fileRows = ({ firstLine }: EditorState, from: number, to: number, inserted: number): Put[] =>
    to <= from
      ? []
      : [
          put(
            1,
            {
              x: 0,
              y: (firstLine + from - inserted) * cellHeight,
              width: pane.width,
              height: (to - from) * cellHeight,
            },
            pane.x,
            lineAt(from),
          ),
        ];
  const typedLine = (line: number, row: number, characters: number): Put[] => {
    const width = gutterPx + characters * cellWidth;
    return [
      put(3, { x: 0, y: 0, width: pane.width, height: cellHeight }, pane.x, lineAt(row)),
      put(2, { x: 0, y: line * cellHeight, width, height: cellHeight }, pane.x, lineAt(row)),
    ];
  };
  const caretPut = ({ row, inserted, typed: characters }: EditorState): Put =>
    put(
      4,
      { x: 0, y: 0, width: 2, height: cellHeight },
      pane.x + gutterPx + characters * cellWidth,
      lineAt(row + inserted - 1),
    );
  const paneContent = (state: EditorState): Put[] => {
    const { row, inserted } = state;
    if (!inserted) return fileRows(state, 0, rows, 0);
    const lines = Array.from({ length: inserted }, (_, line) =>
      typedLine(line, row + line, line === inserted - 1 ? state.typed : MOST_TYPED),
    );
    return [
      ...fileRows(state, 0, row, 0),
      ...lines.flat(),
      ...fileRows(state, row + inserted, rows, inserted),
      caretPut(state),
    ];
  };
  return {
    pictures: [frame, file, typed, blank, caret],
    content: (number) => [put(0, { x: 0, y: 0, ...size }, 0, 0), ...paneContent(stateOf(number))],
    changes(number) {
      const [before, state] = [stateOf(number + states.length - 1), stateOf(number)];
      if (!isTypedInto(before, state)) return paneContent(state);
      const width = 2 * cellWidth;
      const from = { x: gutterPx + (state.typed - 1) * cellWidth, y: (state.inserted - 1) * cellHeight };
      const row = lineAt(state.row + state.inserted - 1);
      return [
        put(3, { x: 0, y: 0, width, height: cellHeight }, pane.x + from.x, row),
        put(2, { ...from, width: cellWidth, height: cellHeight }, pane.x + from.x, row),
        caretPut(state),
      ];
    },
  };
}

/** Whether the only change is one more character. */
const isTypedInto = (before: EditorState, after: EditorState): boolean =>
  before.firstLine === after.firstLine &&
  before.row === after.row &&
  before.inserted === after.inserted &&
  before.typed + 1 === after.typed;

/** Makes cells with numbers and words, and their headers. */
export function createSheetStage(scene: SheetScene, size: Size, font: FontBits): Stage {
  const { body, rowHeaderPx, rowPx, columnsPx, corners } = scene;
  const random = createRandom(scene.content);
  const brush = new TextBrush(font, scene.style);
  const { theme } = brush;
  const lefts = [0];
  for (const width of columnsPx) lefts.push(lefts.at(-1)! + width);
  const [periodX, periodY] = [lefts.at(-1)!, SHEET_ROWS * rowPx];

  const cells = createPicture(periodX + body.width, periodY + body.height);
  fill(cells, { x: 0, y: 0, ...cells }, theme.paper);
  const columnHeader = createPicture(periodX + body.width, rowPx);
  columnHeader.pixels.fill(theme.shade);
  columnsPx.forEach((width, column) => {
    const x = lefts[column]!;
    const isText = random() < 0.3;
    for (let row = 0; row < SHEET_ROWS; row++) {
      const place = { x, y: row * rowPx, width, height: rowPx };
      writeCell(
        cells,
        place,
        brush,
        isText ? REGIONS[Math.floor(random() * REGIONS.length)]! : (random() * 1e5).toFixed(2),
        !isText,
        random() < 0.8,
      );
    }
    writeCell(
      columnHeader,
      { x, y: 0, width, height: rowPx },
      brush,
      String.fromCharCode(65 + column),
      false,
      true,
      theme.shade,
    );
  });
  repeat(columnHeader, 'across', periodX);
  repeat(cells, 'across', periodX);
  repeat(cells, 'down', periodY);
  const rowHeader = createPicture(rowHeaderPx, periodY + body.height);
  rowHeader.pixels.fill(theme.shade);
  for (let row = 0; row < SHEET_ROWS; row++) {
    const place = { x: 0, y: row * rowPx, width: rowHeaderPx, height: rowPx };
    writeCell(rowHeader, place, brush, String(row + 1), true, true, theme.shade);
  }
  repeat(rowHeader, 'down', periodY);

  const frame = createPicture(size.width, size.height);
  fill(frame, { x: 0, y: 0, ...size }, theme.shade);
  const changes = (number: number): Put[] => {
    const corner = corners[number % corners.length]!;
    const [x, y] = [lefts[corner.column]!, corner.row * rowPx];
    return [
      put(1, { x, y, width: body.width, height: body.height }, body.x, body.y),
      put(2, { x, y: 0, width: body.width, height: rowPx }, body.x, body.y - rowPx),
      put(3, { x: 0, y, width: rowHeaderPx, height: body.height }, 0, body.y),
    ];
  };
  return {
    pictures: [frame, cells, columnHeader, rowHeader],
    content: (number) => [put(0, { x: 0, y: 0, ...size }, 0, 0), ...changes(number)],
    changes,
  };
}

/** Draws a cell's lower and right border and its text, if it is not empty. */
function writeCell(
  picture: Picture,
  { x, y, width, height }: Rect,
  brush: TextBrush,
  text: string,
  isRight: boolean,
  isFull: boolean,
  paper = brush.theme.paper,
): void {
  const border = brush.theme.inks.at(-1)!;
  fill(picture, { x, y: y + height - 1, width, height: 1 }, border);
  fill(picture, { x: x + width - 1, y, width: 1, height }, border);
  if (!isFull) return;
  const left = isRight ? Math.max(x + 2, x + width - 3 - brush.widthOf(text)) : x + 3;
  brush.write(picture, left, y, text, 0, paper, x + width - 2);
}
