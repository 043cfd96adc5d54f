import { areaPx, type Size } from '../../../src/pixels/rect.ts';
import { modulo } from '../../scenes/modulo.ts';
import type { PagesScene, TerminalScene, WebScene } from '../../scenes/page-scenes.ts';
import { scrolledPx } from '../../scenes/scroll-scene.ts';
import type { FontBits } from '../font.ts';
import { createPhoto } from '../photo.ts';
import { createPicture, cutOut, type Picture } from '../picture.ts';
import { createRandom } from '../random.ts';
import { fill, TextBrush } from '../text-brush.ts';
import { repeat, writeLine, writeLines } from '../writing.ts';
import { writeColumns } from './scroll-stage.ts';
import { put, type Stage } from './stage.ts';

/** Pixels of all pages together: 66 MB, as many in the painter and in the memory that it shares with X. */
const PAGES_PX = 8 * 1920 * 1080;
/** Most pages, and fewest, on large screens too. */
const PAGES = { least: 3, most: 8 };
const HEADLINES = ['What each viewer still lacks', 'On slow links', 'A measured frame', 'Text stays sharp'];
/** Distance after which a web page repeats. */
const WEB_PERIOD_PX = 2400;

/** Returns how many screens of `size` are made beforehand. */
const pagesFor = (size: Size): number =>
  Math.min(PAGES.most, Math.max(PAGES.least, Math.floor(PAGES_PX / areaPx(size))));

/** Makes pages of prose, code and logs; each frame shows the next one. */
export function createPagesStage(scene: PagesScene, size: Size, font: FontBits): Stage {
  const random = createRandom(scene.content);
  const brush = new TextBrush(font, scene.style);
  const whole = { x: 0, y: 0, ...size };
  const pictures = Array.from({ length: pagesFor(size) }, (_, i) => {
    const page = createPicture(size.width, size.height);
    fill(page, whole, brush.theme.paper);
    writeColumns(page, size, scene.columns, brush, (['prose', 'code', 'log'] as const)[i % 3]!, random);
    return page;
  });
  const content = (number: number) => [put(number % pictures.length, whole, 0, 0)];
  return { pictures, content, changes: content };
}

/** Makes a long log. Each frame shows it further down by the lines that were printed since. */
export function createTerminalStage(scene: TerminalScene, size: Size, font: FontBits): Stage {
  const random = createRandom(scene.content);
  const brush = new TextBrush(font, scene.style);
  const lines = Math.floor((pagesFor(size) * size.height) / brush.cellHeight);
  const periodPx = lines * brush.cellHeight;
  const log = createPicture(size.width, periodPx + size.height);
  writeLines(log, { x: 0, y: 0, width: size.width, height: periodPx }, brush, 'log', random);
  repeat(log, 'down', periodPx);
  const content = (number: number) => {
    const line = Math.floor(number * scene.linesPerFrame) % lines;
    return [put(0, { x: 0, y: line * brush.cellHeight, ...size }, 0, 0)];
  };
  return { pictures: [log], content, changes: content };
}

/** Photograph that parts of web pages and windows show. It takes a second to make. */
let photo: Picture | undefined;

/** Copies a part of a photograph into a picture. The part depends on `random`. */
export function pastePhoto(picture: Picture, x: number, y: number, size: Size, random: () => number): void {
  photo ??= createPhoto(1600, 1000);
  const width = Math.min(size.width, photo.width, picture.width - x);
  const height = Math.min(size.height, photo.height, picture.height - y);
  const left = Math.floor(random() * (photo.width - width));
  const top = Math.floor(random() * (photo.height - height));
  const part = cutOut(photo, { x: left, y: top, width, height });
  for (let row = 0; row < height; row++) {
    picture.pixels.set(part.subarray(row * width, (row + 1) * width), (y + row) * picture.width + x);
  }
}

/** Makes a page of headlines, paragraphs and photographs in a column, under a header that stays. */
export function createWebStage(scene: WebScene, size: Size, font: FontBits): Stage {
  const { headerPx, style } = scene;
  const random = createRandom(scene.content);
  const brush = new TextBrush(font, style);
  const headline = new TextBrush(font, { ...style, pitchPx: Math.round(style.pitchPx * 1.7) });
  const view = { width: size.width, height: size.height - headerPx };
  const page = createPicture(view.width, WEB_PERIOD_PX + view.height);
  fill(page, { x: 0, y: 0, ...page }, brush.theme.paper);
  const column = { x: Math.floor(view.width * 0.18), width: Math.floor(view.width * 0.64) };
  let y = style.pitchPx;
  while (y < WEB_PERIOD_PX - 3 * style.pitchPx) {
    headline.write(page, column.x, y, HEADLINES[Math.floor(random() * HEADLINES.length)]!, 0);
    y += Math.round(headline.cellHeight * 1.3);
    const photoSize = { width: Math.floor(column.width * (0.3 + 0.7 * random())), height: 240 };
    if (random() < 0.6 && y + photoSize.height < WEB_PERIOD_PX) {
      pastePhoto(page, column.x, y, photoSize, random);
      y += photoSize.height + style.pitchPx;
    }
    for (let line = 0, lines = 3 + Math.floor(random() * 9); line < lines; line++) {
      if (y + brush.cellHeight > WEB_PERIOD_PX) break;
      writeLine(page, { ...column, y, height: brush.cellHeight }, brush, 'prose', random, line);
      y += brush.cellHeight;
    }
    y += style.pitchPx;
  }
  repeat(page, 'down', WEB_PERIOD_PX);
  const header = createPicture(size.width, headerPx);
  header.pixels.fill(brush.theme.shade);
  brush.write(
    header,
    column.x,
    Math.floor((headerPx - brush.cellHeight) / 2),
    'Home   News   About   Search',
    1,
    brush.theme.shade,
  );
  const still = put(1, { x: 0, y: 0, width: size.width, height: headerPx }, 0, 0);
  const changes = (number: number) => [
    put(0, { x: 0, y: modulo(scrolledPx(scene, number), WEB_PERIOD_PX), ...view }, 0, headerPx),
  ];
  return { pictures: [page, header], content: (number) => [still, ...changes(number)], changes };
}
