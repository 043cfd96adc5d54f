import { type Size, wholeOf } from '../../../src/pixels/rect.ts';
import { CHANGE, draggedTo, type SmallScene, type WindowsScene } from '../../scenes/desk-scenes.ts';
import type { TextStyle } from '../../scenes/text-style.ts';
import type { FontBits } from '../font.ts';
import { createPicture, type Picture } from '../picture.ts';
import { createRandom } from '../random.ts';
import { fill, TextBrush } from '../text-brush.ts';
import { writeLines } from '../writing.ts';
import { pastePhoto } from './page-stages.ts';
import { put, type Stage } from './stage.ts';

const TITLE_PX = 26;
/** Different contents of the small change. Two frames at one place never have the same. */
const CHANGES = 7;

/** Indexes of the pictures of the windows' stage. */
const BACKGROUND = 0;
const STILL_WINDOW = 1;
export const DRAGGED_WINDOW = 2;

/** Makes a background, a window that stays and a window that is dragged. */
export function createWindowsStage(scene: WindowsScene, size: Size, font: FontBits): Stage {
  const { still, dragged } = scene;
  const random = createRandom(scene.content);
  const background = createPicture(size.width, size.height);
  background.pixels.fill(0x35506b);
  if (scene.background === 'photo') {
    for (let y = 0; y < size.height; y += 500) {
      for (let x = 0; x < size.width; x += 800)
        pastePhoto(background, x, y, { width: 800, height: 500 }, random);
    }
  }
  const stillWindow = createWindow(still.place, still.style, 'text', font, random);
  const draggedWindow = createWindow(dragged.size, dragged.style, dragged.shows, font, random);
  const content = (number: number) => {
    const { x, y } = draggedTo(scene, number, size);
    return [
      put(BACKGROUND, wholeOf(size), 0, 0),
      put(STILL_WINDOW, wholeOf(still.place), still.place.x, still.place.y),
      put(DRAGGED_WINDOW, wholeOf(dragged.size), x, y),
    ];
  };
  return { pictures: [background, stillWindow, draggedWindow], content, changes: content };
}

function createWindow(
  size: Size,
  style: TextStyle,
  shows: 'text' | 'photo',
  font: FontBits,
  random: () => number,
): Picture {
  const brush = new TextBrush(font, style);
  const window = createPicture(size.width, size.height);
  fill(window, wholeOf(size), brush.theme.shade);
  const place = { x: 1, y: TITLE_PX, width: size.width - 2, height: size.height - TITLE_PX - 1 };
  fill(window, place, brush.theme.paper);
  if (shows === 'photo') pastePhoto(window, place.x, place.y, place, random);
  else writeLines(window, place, brush, 'code', random);
  return window;
}

/** Makes pieces of text of the small change's size. */
export function createSmallStage(scene: SmallScene, font: FontBits): Stage {
  const random = createRandom(scene.content);
  const brush = new TextBrush(font, scene.style);
  const pictures = Array.from({ length: CHANGES }, () => {
    const piece = createPicture(CHANGE.width, CHANGE.height);
    writeLines(piece, wholeOf(CHANGE), brush, 'prose', random);
    return piece;
  });
  const changes = (number: number) => {
    const { x, y } = scene.places[number % scene.places.length]!;
    return [put(number % CHANGES, wholeOf(CHANGE), x, y)];
  };
  return { pictures, content: changes, changes };
}
