import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeOf } from '../../../src/pixels/rect.ts';
import { type DrawnPicture, drawScene, type PaintedScene } from '../../scenes/scene.ts';
import { CHARACTERS, createFont, type FontBits } from '../font.ts';
import { createRandom } from '../random.ts';
import { createStage } from './create-stage.ts';
import { compose, type Put, type Stage } from './stage.ts';

const SIZE = { width: 640, height: 480 };
const WHOLE = wholeOf(SIZE);

/** Bits like those of a font: strokes at random, in characters of different widths. */
function randomBits(): FontBits {
  const random = createRandom(3);
  const [width, height] = [6, 13];
  const bits = Uint8Array.from({ length: width * CHARACTERS * height }, (_, i) => {
    const [index, x] = [Math.floor(i / width) % CHARACTERS, i % width];
    return x <= index % width && random() < 0.5 ? 1 : 0;
  });
  return { width, height, bits };
}

const FONT = randomBits();

function drawPainted(picture: DrawnPicture, seed: number): PaintedScene {
  const scene = drawScene(picture, seed, SIZE, 30);
  assert.ok(scene.kind !== 'program');
  return scene;
}

const stageOf = (picture: DrawnPicture, seed: number): Stage =>
  createStage(drawPainted(picture, seed), SIZE, FONT);

/** Returns the screen after `puts` were painted on `before`. */
function paint(stage: Stage, before: Uint32Array, puts: readonly Put[]): Uint32Array {
  const painted = {
    ...stage,
    content: () => [{ picture: stage.pictures.length, part: WHOLE, x: 0, y: 0 }, ...puts],
  };
  const screen = { ...SIZE, pixels: before };
  return compose({ ...painted, pictures: [...stage.pictures, screen] }, 0, WHOLE);
}

for (const picture of [
  'scroll-pane',
  'scroll-across',
  'pages',
  'terminal',
  'web',
  'editor',
  'sheet',
] as const) {
  test(`what ${picture} paints for a frame turns the frame before into it`, () => {
    for (const seed of [1, 2, 3]) {
      const stage = stageOf(picture, seed);
      let screen = compose(stage, 100, WHOLE);
      // More frames than there are between two blinks of a caret.
      for (let number = 101; number < 140; number++) {
        screen = paint(stage, screen, stage.changes(number));
        assert.ok(Buffer.from(screen.buffer).equals(Buffer.from(compose(stage, number, WHOLE).buffer)));
      }
    }
  });
}

test('every part of a picture that is put lies in the picture', () => {
  for (const picture of [
    'scroll-lines',
    'scroll-smooth',
    'terminal',
    'editor',
    'sheet',
    'windows',
    'small',
  ] as const) {
    const stage = stageOf(picture, 4);
    for (let number = 0; number < 700; number++) {
      for (const { picture: index, part } of [...stage.content(number), ...stage.changes(number)]) {
        const { width, height } = stage.pictures[index]!;
        const isInside =
          part.x >= 0 && part.y >= 0 && part.x + part.width <= width && part.y + part.height <= height;
        assert.ok(isInside, `${picture} in frame ${number}`);
      }
    }
  }
});

test('scrolled text is what it was, moved by the step', () => {
  const scene = drawScene('scroll-smooth', 8, SIZE, 30);
  assert.ok(scene.kind === 'scroll' && scene.axis === 'down');
  const stage = createStage({ ...scene, stepsPx: [5], headerPx: 0, caret: undefined }, SIZE, FONT);
  const below = { ...WHOLE, y: 5, height: SIZE.height - 5 };
  assert.deepEqual(compose(stage, 3, below), compose(stage, 4, { ...below, y: 0 }));
});

test('pages that follow each other differ in most lines', () => {
  const stage = stageOf('pages', 6);
  const [first, second] = [compose(stage, 0, WHOLE), compose(stage, 1, WHOLE)];
  let differing = 0;
  for (let y = 0; y < SIZE.height; y++) {
    const row = (of: Uint32Array): Buffer =>
      Buffer.from(of.slice(y * SIZE.width, (y + 1) * SIZE.width).buffer);
    if (!row(first).equals(row(second))) differing++;
  }
  assert.ok(differing > SIZE.height / 2, String(differing));
});

test('edges are of two colours, or grey, or coloured', () => {
  const ink = (edges: 'crisp' | 'grey' | 'subpixel'): number[][] => {
    const glyphs = createFont(FONT, { pitchPx: 19, edges, letters: 'monospaced' }).glyphs.slice(1);
    return glyphs.flatMap((glyph) =>
      Array.from({ length: glyph.length / 3 }, (_, i) => [...glyph.slice(3 * i, 3 * i + 3)]),
    );
  };
  assert.ok(ink('crisp').every(([r, g, b]) => (r === 0 || r === 255) && r === g && g === b));
  const grey = ink('grey');
  assert.ok(grey.every(([r, g, b]) => r === g && g === b) && grey.some(([r]) => r! > 0 && r! < 255));
  assert.ok(ink('subpixel').some(([r, , b]) => r !== b));
});

test('characters grow with the pitch', () => {
  const inked = (pitchPx: number): number =>
    createFont(FONT, { pitchPx, edges: 'grey', letters: 'monospaced' }).glyphs.reduce(
      (sum, glyph) => sum + glyph.filter((v) => v > 127).length,
      0,
    );
  const ratio = inked(32) / inked(16);
  assert.ok(ratio > 3.5 && ratio < 4.5, String(ratio));
});

test('proportional letters begin at any column, and monospaced ones in a grid', () => {
  const advances = (letters: 'monospaced' | 'proportional'): Set<number> =>
    new Set(createFont(FONT, { pitchPx: 30, edges: 'grey', letters }).advances);
  assert.equal(advances('monospaced').size, 1);
  assert.ok(advances('proportional').size > 3);
});
