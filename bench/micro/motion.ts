// The search for motion: motions found by kind of scene, by content and distance, and µs by area.
// Run: node bench/micro/motion.ts [scenes of each kind] [seed]

import { DirtyTiles, tileCount } from '../../src/pixels/dirty-tiles.ts';
import { MotionFinder } from '../../src/pixels/find-motion.ts';
import { createKernels } from '../../src/pixels/kernels/kernels.ts';
import { type Offset, readComparison } from '../../src/pixels/motion.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { createSharedFrame, type SharedFrame } from '../../src/pixels/shared-frame.ts';
import { SCENE_KINDS, STILL_KINDS } from '../../test/support/scroll-scenes.ts';
import { createPhoto } from '../painter/photo.ts';
import { createPicture, cutOut, type Picture } from '../painter/picture.ts';
import { createRandom } from '../painter/random.ts';
import { race } from './support/race.ts';
import { GREY_EDGES, screenText } from './support/screen-text.ts';
import { encodeShown, jpeg, KERNELS } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
const WHOLE = wholeOf(SIZE);
/** Content is cut out of pictures that are larger by this many pixels on each side. */
const MARGIN = 700;
const BUDGET_MS = 400;

/** Scenes of each kind; other seeds make other scenes. */
const TRIES = Number(process.argv[2] ?? 20);
const SEED = Number(process.argv[3] ?? 1);
const SEARCHES = 20;

interface Scene {
  readonly name: string;
  /** The content, moved by `offset` from its first place. */
  at(offset: Offset): Uint32Array;
}

const large = { width: SIZE.width + 2 * MARGIN, height: SIZE.height + 2 * MARGIN };
const photo = createPhoto(large.width, large.height);
const text = await screenText(large, { ...GREY_EDGES, highlighted: true });
const flat = flatWindows();

const frame = createSharedFrame(SIZE);
const kernels = createKernels(KERNELS, frame);

const panned = (name: string, picture: Picture): Scene => ({
  name,
  at: ({ dx, dy }) => cutOut(picture, { ...WHOLE, x: MARGIN - dx, y: MARGIN - dy }),
});
const SCENES = [panned('photograph', photo), panned('text', text), panned('windows, mostly plain', flat)];

foundByKind();
await foundByDistance();
await msByArea();
await steady();

/**
 * Share of the scenes of each kind in which the motion is found: what is left to send after the copies is little more
 * than with the motions that the scene was made with.
 */
function foundByKind(): void {
  const rows = Object.entries({ ...SCENE_KINDS, ...STILL_KINDS }).map(([name, kind]) => {
    let found = 0;
    let wrong = 0;
    const leftShares: number[] = [];
    const leastMs: number[] = [];
    for (let i = 0; i < TRIES; i++) {
      const scene = kind(SIZE, createRandom(SEED * 1000 + i));
      show(frame, scene.before, scene.now);
      const dirty = new DirtyTiles(SIZE);
      for (const rect of scene.damage) dirty.add(rect);
      const times = Array.from({ length: SEARCHES }, () => {
        const finder = new MotionFinder(frame, kernels);
        const startMs = performance.now();
        finder.find(dirty);
        return performance.now() - startMs;
      });
      leastMs.push(Math.min(...times));
      const motions = new MotionFinder(frame, kernels).find(dirty);
      if (motions.length > 0 && scene.motions.length === 0) wrong++;
      const left = leftAfter(dirty, motions);
      if (left.px <= leftAfter(dirty, scene.motions).px * 1.15 + 4096) found++;
      leftShares.push(left.px / left.changedPx);
    }
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / TRIES;
    return [
      name,
      name in SCENE_KINDS ? percent(found / TRIES) : '',
      name in SCENE_KINDS ? '' : percent(wrong / TRIES),
      percent(mean(leftShares)),
      (mean(leastMs) * 1000).toFixed(0),
      (Math.max(...leastMs) * 1000).toFixed(0),
    ];
  });
  printTable(
    `Motions found in ${TRIES} scenes of each kind, seed ${SEED}`,
    ['scene', 'found', 'found wrongly', 'left to send', 'µs', 'worst µs'],
    rows,
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** Compares the pictures in the frame. Returns the pixels that changed, and those that copies do not explain. */
function leftAfter(dirty: DirtyTiles, moved: readonly Offset[]): { px: number; changedPx: number } {
  dirty.writeTo(new Uint32Array(frame.memory.buffer, frame.boxesAt, tileCount(SIZE)));
  kernels.compare(SIZE, { moved });
  const { changed, motion } = readComparison(frame, SIZE, moved);
  return { px: (motion?.rest ?? changed).areaPx, changedPx: changed.areaPx };
}

/** Share of whole-screen and window-sized motions in random directions that the finder finds correctly. */
async function foundByDistance(): Promise<void> {
  const random = createRandom(5);
  const rows: string[][] = [];
  for (const scene of SCENES) {
    for (const window of [WHOLE, { x: 300, y: 200, width: 640, height: 480 }]) {
      const cells = [1, 8, 40, 150, 500].map((distance) => {
        let found = 0;
        const tries = 6;
        for (let i = 0; i < tries; i++) {
          const angle = i % 2 ? random() * 2 * Math.PI : (Math.floor(random() * 4) * Math.PI) / 2;
          const offset = {
            dx: Math.round(distance * Math.cos(angle)),
            dy: Math.round(distance * Math.sin(angle)),
          };
          show(frame, scene.at({ dx: 0, dy: 0 }), within(scene, window, offset));
          const [answer] = new MotionFinder(frame, kernels).find(damage(window));
          if (answer?.dx === offset.dx && answer.dy === offset.dy) found++;
        }
        return `${((found / tries) * 100).toFixed(0)} %`;
      });
      rows.push([`${scene.name}, ${window.width}×${window.height}`, ...cells]);
    }
  }
  printTable('Motions found, by distance in pixels', ['what moved', '1', '8', '40', '150', '500'], rows);
}

/** Cost of a search in vain, and of sending the same pixels. */
async function msByArea(): Promise<void> {
  const sides: Size[] = [
    { width: 256, height: 192 },
    { width: 512, height: 384 },
    { width: 1024, height: 768 },
    SIZE,
  ];
  const still = STILL_KINDS['another photograph'](SIZE, createRandom(SEED));
  show(frame, still.before, still.now);
  const rows: string[][] = [];
  for (const size of sides) {
    const rect = { x: 0, y: 0, ...size };
    const dirty = damage(rect);
    const took = await race(
      {
        search: () => new MotionFinder(frame, kernels).find(dirty),
        jpeg: () => encodeShown(frame, rect, jpeg(86, '4:2:0')),
      },
      BUDGET_MS,
    );
    rows.push([
      `${size.width}×${size.height}`,
      `${Math.round(areaPx(size) / 1024)}k`,
      (took.search.leastMs * 1000).toFixed(0),
      (took.jpeg.leastMs * 1000).toFixed(0),
      `${((took.search.leastMs / took.jpeg.leastMs) * 100).toFixed(0)} %`,
      `${encodeShown(frame, rect, jpeg(86, '4:2:0')).bytes.length}`,
    ]);
  }
  printTable(
    'A search in vain, compared with sending the same pixels as JPEG 86 4:2:0, on one thread',
    ['area', 'pixels', 'search µs', 'JPEG µs', 'search of JPEG', 'JPEG bytes'],
    rows,
  );
}

/** Cost of finding a new motion, and one that continues. */
async function steady(): Promise<void> {
  const offset = { dx: 0, dy: -13 };
  const rows: string[][] = [];
  for (const scene of SCENES.slice(0, 2)) {
    for (const window of [WHOLE, { x: 300, y: 200, width: 640, height: 480 }]) {
      show(frame, scene.at({ dx: 0, dy: 0 }), within(scene, window, offset));
      const dirty = damage(window);
      const knowing = new MotionFinder(frame, kernels);
      const took = await race(
        { first: () => new MotionFinder(frame, kernels).find(dirty), on: () => knowing.find(dirty) },
        BUDGET_MS,
      );
      rows.push([
        `${scene.name}, ${window.width}×${window.height}`,
        (took.first.leastMs * 1000).toFixed(0),
        (took.on.leastMs * 1000).toFixed(0),
      ]);
    }
  }
  printTable('Motions found, µs', ['what moved', 'by a search', 'as it goes on'], rows);
}

/** Puts the pictures before and after a change into the frame. */
function show(to: SharedFrame, before: Uint32Array, now: Uint32Array): void {
  new Uint32Array(to.memory.buffer, to.shownAt, before.length).set(before);
  new Uint32Array(to.memory.buffer, to.incomingAt, now.length).set(now);
}

/** The scene with the content of one window moved, and the rest unchanged. */
function within(scene: Scene, window: Rect, offset: Offset): Uint32Array {
  const result = scene.at({ dx: 0, dy: 0 });
  const moved = scene.at(offset);
  for (let y = window.y; y < window.y + window.height; y++) {
    const from = y * SIZE.width + window.x;
    result.set(moved.subarray(from, from + window.width), from);
  }
  return result;
}

function damage(rect: Rect): DirtyTiles {
  const dirty = new DirtyTiles(SIZE);
  dirty.add(rect);
  return dirty;
}

/** Plain windows with thin borders and a title, on a plain background. */
function flatWindows(): Picture {
  const random = createRandom(9);
  const picture = createPicture(large.width, large.height);
  picture.pixels.fill(0xff305070);
  const fill = (rect: Rect, colour: number): void => {
    for (let y = Math.max(0, rect.y); y < Math.min(large.height, rect.y + rect.height); y++) {
      const start = y * large.width;
      const right = Math.min(large.width, rect.x + rect.width);
      if (right > rect.x) picture.pixels.fill(colour, start + rect.x, start + right);
    }
  };
  for (let i = 0; i < 60; i++) {
    const width = 200 + Math.floor(random() * 500);
    const height = 150 + Math.floor(random() * 350);
    const rect = {
      x: Math.floor(random() * large.width),
      y: Math.floor(random() * large.height),
      width,
      height,
    };
    fill(rect, 0xff202020);
    fill({ x: rect.x + 1, y: rect.y + 1, width: width - 2, height: height - 2 }, 0xfff0f0f0);
    for (let y = 0; y < 20 && rect.y + y < large.height; y++) {
      const at = (rect.y + y) * large.width + rect.x;
      const room = Math.min(width, large.width - rect.x);
      picture.pixels.set(
        text.pixels.subarray((y + i * 20) * large.width, (y + i * 20) * large.width + room),
        at,
      );
    }
  }
  return picture;
}
