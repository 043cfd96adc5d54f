import type { Size } from '../../../src/pixels/rect.ts';
import { modulo } from '../../scenes/modulo.ts';
import { type ScrollScene, scrolledPx } from '../../scenes/scroll-scene.ts';
import type { FontBits } from '../font.ts';
import { createPicture, type Picture } from '../picture.ts';
import { createRandom } from '../random.ts';
import { fill, TextBrush } from '../text-brush.ts';
import { repeat, type Writing, writeLines } from '../writing.ts';
import { type Put, put, type Stage } from './stage.ts';

/** Distance after which text repeats, about: 16 MB of pictures at 1920×1080. */
const PERIOD_PX = 2000;
/** Frames for which a caret is on, and then off: half a second at 30 per second. */
const BLINK_FRAMES = 15;

/** Makes a page that scrolls in its pane, under a header that stays and beside text that stays. */
export function createScrollStage(scene: ScrollScene, size: Size, font: FontBits): Stage {
  const { pane, headerPx, axis, caret } = scene;
  const random = createRandom(scene.content);
  const brush = new TextBrush(font, scene.style);
  const moving = { ...pane, y: pane.y + headerPx, height: pane.height - headerPx };
  const cell = axis === 'down' ? brush.cellHeight : brush.cellWidth;
  const periodPx = Math.ceil(PERIOD_PX / cell) * cell;
  const page = createPage(scene, moving, periodPx, brush, random);
  const isWhole = moving.width === size.width && moving.height === size.height;
  const still = isWhole ? createPicture(1, 1) : createStill(scene, size, brush, random);
  const mark = createPicture(caret?.width ?? 1, caret?.height ?? 1);
  mark.pixels.fill(brush.theme.inks[0]!);
  const stillPuts = isWhole ? [] : [put(1, { x: 0, y: 0, ...size }, 0, 0)];
  const changes = (number: number): Put[] => {
    const at = modulo(scrolledPx(scene, number), periodPx);
    const view = axis === 'down' ? { x: 0, y: at } : { x: at, y: 0 };
    return [
      ...(scene.paintsAll ? stillPuts : []),
      put(0, { ...view, width: moving.width, height: moving.height }, moving.x, moving.y),
      ...(caret && Math.floor(number / BLINK_FRAMES) % 2
        ? [put(2, { ...caret, x: 0, y: 0 }, caret.x, caret.y)]
        : []),
    ];
  };
  return {
    pictures: [page, still, mark],
    content: (number) => [...(scene.paintsAll ? [] : stillPuts), ...changes(number)],
    changes,
  };
}

const KINDS: readonly Writing[] = ['code', 'prose', 'log'];
const drawKind = (random: () => number): Writing => KINDS[Math.floor(random() * KINDS.length)]!;

function createPage(
  { axis, columns }: ScrollScene,
  view: Size,
  periodPx: number,
  brush: TextBrush,
  random: () => number,
): Picture {
  const area =
    axis === 'down' ? { width: view.width, height: periodPx } : { width: periodPx, height: view.height };
  const page =
    axis === 'down'
      ? createPicture(view.width, periodPx + view.height)
      : createPicture(periodPx + view.width, view.height);
  fill(page, { x: 0, y: 0, ...page }, brush.theme.paper);
  writeColumns(page, area, columns, brush, drawKind(random), random);
  repeat(page, axis, periodPx);
  return page;
}

/** Fills the upper left part of a picture with one or two columns of text. */
export function writeColumns(
  picture: Picture,
  { width, height }: Size,
  columns: number,
  brush: TextBrush,
  kind: Writing,
  random: () => number,
): void {
  const gapPx = brush.cellWidth;
  const columnPx = Math.floor(width / columns);
  for (let column = 0; column < columns; column++) {
    const place = { x: column * columnPx + gapPx, y: 0, width: columnPx - 2 * gapPx, height };
    writeLines(picture, place, brush, kind, random);
  }
}

/** Makes the screen around the moving text: other text, and the header in another shade. */
function createStill(
  { pane, headerPx }: ScrollScene,
  size: Size,
  brush: TextBrush,
  random: () => number,
): Picture {
  const still = createPicture(size.width, size.height);
  fill(still, { x: 0, y: 0, ...size }, brush.theme.paper);
  writeColumns(still, size, 2, brush, drawKind(random), random);
  fill(still, { ...pane, height: headerPx }, brush.theme.shade);
  const top = pane.y + Math.floor((headerPx - brush.cellHeight) / 2);
  if (headerPx >= brush.cellHeight) {
    brush.write(still, pane.x + 8, top, 'File  Edit  View  Go  Help', 0, brush.theme.shade);
  }
  return still;
}
