import assert from 'node:assert/strict';
import { test } from 'node:test';
import { draggedTo } from './desk-scenes.ts';
import { MAX_SEED, roundSeed } from './dice.ts';
import { MOST_INSERTED, MOST_TYPED } from './office-scenes.ts';
import { type DrawnPicture, describeScene, drawScene, type Scene } from './scene.ts';
import { easedSteps, type ScrollKind, type ScrollScene, scrolledPx } from './scroll-scene.ts';
import { PITCH_PX } from './text-style.ts';

const SIZE = { width: 1920, height: 1080 };
const PICTURES: readonly DrawnPicture[] = [
  ...(['scroll-lines', 'scroll-smooth', 'scroll-pane', 'scroll-across'] as const),
  ...(['pages', 'terminal', 'web', 'editor', 'sheet', 'windows', 'small'] as const),
  ...(['xterm', 'chromium', 'calc'] as const),
];
/** Enough draws for each value of the widest range, with a chance of more than 1 - 1e-6. */
const DRAWS = 600;

const draw = (picture: DrawnPicture, seed: number): Scene => drawScene(picture, seed, SIZE, 30);
const drawMany = (kind: ScrollKind): ScrollScene[] =>
  Array.from({ length: DRAWS }, (_, i) => draw(kind, roundSeed(1, kind, i)) as ScrollScene);

test('the same seed draws the same scene, and another seed another', () => {
  for (const picture of PICTURES) {
    assert.deepEqual(draw(picture, 5), draw(picture, 5), picture);
    assert.notDeepEqual(draw(picture, 5), draw(picture, 6), picture);
    assert.equal(describeScene(draw(picture, 5)), describeScene(draw(picture, 5)), picture);
  }
});

test('each round of each workload has a seed of its own, which the seed of the run decides', () => {
  const seeds = [1, 2, MAX_SEED].flatMap((seed) =>
    PICTURES.flatMap((name) => [1, 2, 3, 4, 5].map((round) => roundSeed(seed, name, round))),
  );
  assert.equal(new Set(seeds).size, seeds.length);
  assert.equal(roundSeed(7, 'pages-30', 2), roundSeed(7, 'pages-30', 2));
});

test('scrolled text is drawn at every line pitch, in every theme, with all edges', () => {
  const scenes = drawMany('scroll-lines');
  const pitches = new Set(scenes.map(({ style }) => style.pitchPx));
  assert.equal(pitches.size, PITCH_PX.most - PITCH_PX.least + 1);
  assert.equal(new Set(scenes.map(({ style }) => `${style.theme} ${style.edges}`)).size, 6);
});

test('scrolled text has one or two columns, headers, carets, and moves both ways', () => {
  for (const kind of ['scroll-lines', 'scroll-smooth', 'scroll-pane', 'scroll-across'] as const) {
    const scenes = drawMany(kind);
    const both = (what: string, is: (scene: ScrollScene) => boolean): void => {
      assert.ok(scenes.some(is) && !scenes.every(is), `${what} of ${kind}`);
    };
    both('columns', ({ columns }) => columns === 2);
    both('header', ({ headerPx }) => headerPx > 0);
    both('caret', ({ caret }) => caret !== undefined);
    both('painting all', ({ paintsAll }) => paintsAll);
    both('direction', ({ stepsPx }) => stepsPx[0]! < 0);
    both('start', ({ startPx }) => startPx % 2 === 0);
  }
});

test('lines are scrolled by whole lines, and smooth scrolling is by a few pixels', () => {
  for (const { stepsPx, style } of drawMany('scroll-lines')) {
    assert.equal(Math.abs(stepsPx[0]!) % style.pitchPx, 0);
  }
  const smooth = drawMany('scroll-smooth');
  assert.ok(smooth.every(({ stepsPx }) => stepsPx.every((step) => step !== 0 && Math.abs(step) <= 48)));
  const steady = smooth.filter(({ stepsPx }) => stepsPx.length === 1);
  assert.deepEqual(
    [...new Set(steady.map(({ stepsPx }) => Math.abs(stepsPx[0]!)))].sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test('a pane lies on the screen, and a caret in the part that scrolls', () => {
  const scenes = drawMany('scroll-pane');
  assert.ok(scenes.every(({ pane }) => pane.x + pane.width <= SIZE.width && pane.width < SIZE.width));
  for (const { pane, headerPx, caret } of scenes) {
    if (!caret) continue;
    assert.ok(caret.x >= pane.x && caret.x + caret.width <= pane.x + pane.width);
    assert.ok(caret.y >= pane.y + headerPx && caret.y + caret.height <= pane.y + pane.height);
  }
  assert.ok(drawMany('scroll-across').every(({ axis }) => axis === 'across'));
});

test('steps are added up over any number of frames', () => {
  const scrolling = { stepsPx: [1, 2, 3], startPx: 10 };
  assert.deepEqual(
    [0, 1, 2, 3, 4, 301].map((number) => scrolledPx(scrolling, number)),
    [10, 11, 13, 16, 17, 611],
  );
});

test('eased steps rise and fall', () => {
  assert.deepEqual(easedSteps(20, 5), [6, 16, 20, 16, 6]);
});

test('the editor types, inserts lines and scrolls, within its limits', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const scene = draw('editor', seed);
    assert.ok(scene.kind === 'editor');
    assert.equal(scene.style.edges, 'subpixel');
    assert.ok(scene.states.every(({ inserted, typed }) => inserted <= MOST_INSERTED && typed <= MOST_TYPED));
    assert.ok(scene.states.some(({ typed }) => typed > 0));
    assert.ok(scene.states.some(({ inserted }) => inserted === 0));
  }
});

test('the sheet scrolls by rows and by columns', () => {
  const scene = draw('sheet', 3);
  assert.ok(scene.kind === 'sheet');
  assert.ok(new Set(scene.corners.map(({ row }) => row)).size > 5);
  assert.ok(new Set(scene.corners.map(({ column }) => column)).size > 5);
});

test('the terminal prints 2,000 lines a second at any rate', () => {
  const scene = drawScene('terminal', 1, SIZE, 60);
  assert.ok(scene.kind === 'terminal');
  assert.equal(Math.round(scene.linesPerFrame * 60), 2000);
});

test('a dragged window stays on the screen', () => {
  const scene = draw('windows', 9);
  assert.ok(scene.kind === 'windows');
  const places = Array.from({ length: 500 }, (_, number) => draggedTo(scene, number, SIZE));
  assert.ok(places.every(({ x }) => x >= 0 && x + scene.dragged.size.width <= SIZE.width));
  assert.ok(places.every(({ y }) => y >= 0 && y + scene.dragged.size.height <= SIZE.height));
  assert.ok(new Set(places.map(({ x, y }) => `${x},${y}`)).size > 100);
});
