// The search for motion: µs by area, motions found by content and distance, and the votes for them.
// Run: node bench/micro/motion.ts

import { DirtyTiles } from '../../src/pixels/dirty-tiles.ts';
import { MotionFinder } from '../../src/pixels/find-motion.ts';
import { anchorsAt, createKernels, type Kernels } from '../../src/pixels/kernels/kernels.ts';
import type { Offset } from '../../src/pixels/motion.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { createSharedFrame, type SharedFrame } from '../../src/pixels/shared-frame.ts';
import { createPhoto } from '../painter/photo.ts';
import { createPicture, cutOut, type Picture } from '../painter/picture.ts';
import { createRandom } from '../painter/random.ts';
import { createZoomLevels, zoomSource } from '../painter/zoom.ts';
import { race } from './support/race.ts';
import { GREY_EDGES, screenText } from './support/screen-text.ts';
import { encodeShown, jpeg, KERNELS } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
const WHOLE = wholeOf(SIZE);
/** Content is cut out of pictures that are larger by this many pixels on each side. */
const MARGIN = 700;
const BUDGET_MS = 400;

/** Constants of find-motion.ts. */
interface SearchOptions {
  readonly step: number;
  readonly runs: number;
  readonly anchors: number;
}
const LEAST_AREA_PX = 48 * 1024;
const USUAL: SearchOptions = { step: 16, runs: 4, anchors: 4096 };

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

await foundByDistance();
votesByContent();
await msByArea();
await steady();
otherConstants();

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
          const answer = new MotionFinder(frame, kernels).find(damage(window));
          if (answer && answer.dx === offset.dx && answer.dy === offset.dy) found++;
        }
        return `${((found / tries) * 100).toFixed(0)} %`;
      });
      rows.push([`${scene.name}, ${window.width}×${window.height}`, ...cells]);
    }
  }
  printTable('Motions found, by distance in pixels', ['what moved', '1', '8', '40', '150', '500'], rows);
}

/** Number of anchors that agree on the best offset, with and without a motion. */
function votesByContent(): void {
  const rows: string[][] = [];
  const offset = { dx: 0, dy: -40 };
  const windows: Rect[] = [
    WHOLE,
    { x: 300, y: 200, width: 640, height: 480 },
    { x: 300, y: 200, width: 256, height: 192 },
  ];
  for (const scene of SCENES) {
    rows.push([
      `${scene.name}, moved by 40`,
      ...windows.map((window) => {
        show(frame, scene.at({ dx: 0, dy: 0 }), within(scene, window, offset));
        return best(search(kernels, window, USUAL)).join(' / ');
      }),
    ]);
  }
  const photoSource = createPhoto(zoomSource(SIZE).width, zoomSource(SIZE).height);
  const zoomed = createZoomLevels(photoSource, SIZE).pixels;
  const level = (n: number): Uint32Array => zoomed.subarray(n * areaPx(SIZE), (n + 1) * areaPx(SIZE));
  const other = SCENES[1]!.at({ dx: 331, dy: 217 });
  const nothing: [string, Uint32Array, Uint32Array][] = [
    ['a film: the photograph zoomed by 2 %', level(3), level(4)],
    ['another photograph', level(3), SCENES[0]!.at({ dx: 0, dy: 0 })],
    ['lines of text in another order', SCENES[1]!.at({ dx: 0, dy: 0 }), shuffledLines(other)],
  ];
  for (const [name, before, now] of nothing) {
    rows.push([
      name,
      ...windows.map((window) => {
        show(frame, before, now);
        return best(search(kernels, window, USUAL)).join(' / ');
      }),
    ]);
  }
  printTable(
    'Votes for the best offset / for the second',
    ['what happened', ...windows.map(({ width, height }) => `${width}×${height}`)],
    rows,
  );
}

/** Cost of a search in vain, and of sending the same pixels. */
async function msByArea(): Promise<void> {
  const sides: Size[] = [
    { width: 128, height: 128 },
    { width: 192, height: 192 },
    { width: 256, height: 192 },
    { width: 512, height: 384 },
    { width: 1024, height: 768 },
    SIZE,
  ];
  const now = SCENES[0]!.at({ dx: 13, dy: 29 });
  show(frame, SCENES[0]!.at({ dx: 0, dy: 0 }), now);
  new Uint32Array(frame.memory.buffer, frame.shownAt, now.length).set(now);
  const rows: string[][] = [];
  for (const size of sides) {
    const rect = { x: 0, y: 0, ...size };
    const dirty = damage(rect);
    const took = await race(
      {
        // The finder does not search small changes. The plain search, which takes as long, replaces it for these.
        search: () => {
          if (areaPx(size) < LEAST_AREA_PX) search(kernels, rect, USUAL);
          else new MotionFinder(frame, kernels).find(dirty);
        },
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
    'A search, compared with sending the same pixels as JPEG 86 4:2:0, on one thread',
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

/** Votes and time of the search with one of its constants changed. */
function otherConstants(): void {
  const compare = (
    title: string,
    column: string,
    variants: readonly (readonly [string, SearchOptions])[],
  ): void => {
    const rows = variants.map(([name, options]) => {
      let ms = Number.POSITIVE_INFINITY;
      const votes = SCENES.map((scene) => {
        const fewest = [-1, -13, -40, 77].map((dy) => {
          show(frame, scene.at({ dx: 0, dy: 0 }), scene.at({ dx: 0, dy }));
          let counted = new Map<string, number>();
          for (let round = 0; round < 5; round++) {
            const startMs = performance.now();
            counted = search(kernels, WHOLE, options);
            ms = Math.min(ms, performance.now() - startMs);
          }
          return counted.get(key({ dx: 0, dy })) ?? 0;
        });
        return `${Math.min(...fewest)}`;
      });
      return [name, ...votes, (ms * 1000).toFixed(0)];
    });
    printTable(title, [column, ...SCENES.map(({ name }) => name), 'µs'], rows);
  };
  compare(
    'ROW_STEP: distance of searched rows in the old picture, rows per run in the new one; fewest votes of four motions',
    'step',
    [4, 8, 16, 32, 64].map((step) => [`${step}`, { ...USUAL, step }] as const),
  );
  compare(
    'SEARCHED_RUNS: runs of damaged tiles searched in the new picture; fewest votes of four motions',
    'runs',
    [1, 2, 4, 8].map((runs) => [`${runs}`, { ...USUAL, runs }] as const),
  );
  compare(
    'WANTED_ANCHORS: anchors wanted from each picture; fewest votes of four motions',
    'anchors',
    [512, 1024, 2048, 4096, 8192].map((anchors) => [`${anchors}`, { ...USUAL, anchors }] as const),
  );
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

function key({ dx, dy }: Offset): string {
  return `${dx},${dy}`;
}

/**
 * A plain version of MotionFinder with any constants. Anchors that look alike, and like no other anchor, vote for the
 * distance between them.
 */
function search(
  { anchors: find }: Kernels,
  window: Rect,
  { step, runs: wantedRuns, anchors }: SearchOptions,
): Map<string, number> {
  const bits = Math.max(3, Math.ceil(Math.log2(areaPx(window) / step / anchors)));
  const runs: Rect[] = [];
  const dirty = damage(window);
  for (let row = 0; row * 64 < SIZE.height; row++) runs.push(...dirty.rowRects(row, SIZE.width));
  const every = Math.max(1, Math.floor(runs.length / wantedRuns));
  let before = 0;
  let now = 0;
  for (const run of runs) {
    for (let y = Math.ceil(run.y / step) * step; y < run.y + run.height; y += step)
      before = find(SIZE, 'shown', { ...run, y }, bits, before);
  }
  for (const run of runs.filter((_, i) => i % every === 0)) {
    for (let y = run.y; y < run.y + Math.min(step, run.height); y++)
      now = find(SIZE, 'incoming', { ...run, y }, bits, now);
  }
  const old = new Uint32Array(frame.memory.buffer, anchorsAt(frame, 'shown'), before * 2);
  const fresh = new Uint32Array(frame.memory.buffer, anchorsAt(frame, 'incoming'), now * 2);
  const placeOf = new Map<number, number | undefined>();
  for (let i = 0; i < before; i++)
    placeOf.set(old[i * 2]!, placeOf.has(old[i * 2]!) ? undefined : old[i * 2 + 1]!);
  const votes = new Map<string, number>();
  for (let i = 0; i < now; i++) {
    const from = placeOf.get(fresh[i * 2]!);
    const to = fresh[i * 2 + 1]!;
    if (from === undefined || from === to) continue;
    const offset = key({ dx: (to & 0xffff) - (from & 0xffff), dy: (to >>> 16) - (from >>> 16) });
    votes.set(offset, (votes.get(offset) ?? 0) + 1);
  }
  return votes;
}

/** The two highest counts. */
function best(votes: ReadonlyMap<string, number>): number[] {
  const counts = [...votes.values()].sort((a, b) => b - a);
  return [counts[0] ?? 0, counts[1] ?? 0];
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

/** The lines of a page in another order. */
function shuffledLines(page: Uint32Array): Uint32Array {
  const random = createRandom(21);
  const result = new Uint32Array(page.length);
  for (let y = 0; y < SIZE.height; y += 20) {
    const from = Math.floor(random() * (SIZE.height - 20));
    const rows = Math.min(20, SIZE.height - y);
    const shift = Math.floor(random() * SIZE.width);
    for (let row = 0; row < rows; row++) {
      const line = page.subarray((from + row) * SIZE.width, (from + row + 1) * SIZE.width);
      result.set(line.subarray(shift), (y + row) * SIZE.width);
      result.set(line.subarray(0, shift), (y + row) * SIZE.width + SIZE.width - shift);
    }
  }
  return result;
}
