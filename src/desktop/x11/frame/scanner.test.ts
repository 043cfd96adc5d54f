import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { waitFor } from '../../../../test/support/wait-for.ts';
import { DirtyTiles, tileCount, tilesAcross } from '../../../pixels/dirty-tiles.ts';
import { createKernels } from '../../../pixels/kernels/kernels.ts';
import type { Offset } from '../../../pixels/motion.ts';
import { isPhotoLike } from '../../../pixels/photo-like.ts';
import { areaPx, intersect, type Rect, type Size, wholeOf } from '../../../pixels/rect.ts';
import { createSharedFrame } from '../../../pixels/shared-frame.ts';
import { compileKernels } from '../../../threads/compile-kernels.ts';
import { FramebufferFile } from './framebuffer-file.ts';
import { ScanHelpers } from './scan-helpers.ts';
import { createScanMemory, Scanner } from './scanner.ts';
import { CHECK_EVERY, SteadyRows, SURE_AFTER } from './steady-rows.ts';

/** Large enough for helpers, and not a whole number of tiles. */
const SIZE: Size = { width: 500, height: 1700 };
const PIXELS = SIZE.width * SIZE.height;
/** Of the framebuffer file, in pixels. */
const STRIDE = 700;
const HEADER_BYTES = 160;

const folder = mkdtempSync(join(tmpdir(), 'deskwire-scan-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'framebuffer');
const xwd = Buffer.alloc(HEADER_BYTES + STRIDE * SIZE.height * 4);
xwd.writeUInt32BE(HEADER_BYTES, 0);
xwd.writeUInt32BE(STRIDE * 4, 12 * 4);
writeFileSync(path, xwd);
const fd = openSync(path, 'r+');
after(() => closeSync(fd));

const frame = createSharedFrame(SIZE);
const kernels = compileKernels();
const memory = createScanMemory();
const file = FramebufferFile.map(path, frame);
/** A helper that waits for a core this long is no fault here. */
const PATIENT_MS = 60_000;
const scanner = new Scanner(memory, frame, createKernels(kernels, frame), file, PATIENT_MS);
after(() => file.close());

/** Scans `picture` until helpers take rows of each scan. Dispose of them to scan alone again. */
async function helped(picture: Uint32Array): Promise<AsyncDisposable> {
  const helpers = new ScanHelpers(
    { memory, kernels, frame, framebuffer: file.place },
    { count: 2, idleLookMs: PATIENT_MS },
  );
  helpers.wanted();
  const { read } = file;
  let rowsAlone = 0;
  file.read = (...options) => {
    rowsAlone++;
    read.apply(file, options);
  };
  await waitFor('helpers that take rows', () => {
    rowsAlone = 0;
    scan(picture, DirtyTiles.whole(SIZE), true);
    return rowsAlone < tilesAcross(SIZE.height);
  });
  file.read = read;
  return { [Symbol.asyncDispose]: () => helpers.close() };
}

const shown = new Uint32Array(frame.memory.buffer, frame.shownAt, PIXELS);
const tilesAt = (at: number): DirtyTiles =>
  new DirtyTiles(SIZE, new Uint32Array(frame.memory.buffer, at, tileCount(SIZE)));

function scan(picture: Uint32Array, damage: DirtyTiles, everything = false): readonly Offset[] {
  for (let y = 0; y < SIZE.height; y++) {
    const row = Buffer.from(picture.buffer, y * SIZE.width * 4, SIZE.width * 4);
    row.copy(xwd, HEADER_BYTES + y * STRIDE * 4);
  }
  // In place: a helper that starts reads the header, which a file that is written anew lacks for a moment.
  writeSync(fd, xwd, 0, xwd.length, 0);
  return scanner.scan(damage, { everything, commitAtOnce: true }).moved;
}

function copyRects(from: Uint32Array, to: Uint32Array, rects: readonly Rect[], { dx, dy }: Offset): void {
  for (const { x, y, width, height } of rects) {
    for (let row = y; row < y + height; row++) {
      const at = (row - dy) * SIZE.width + x - dx;
      to.set(from.subarray(at, at + width), row * SIZE.width + x);
    }
  }
}

/** Returns random numbers from 0 to below `below`, the same ones in every run. */
function createRandom(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('several threads commit content that has moved, and no row before others were compared with it', async () => {
  const random = createRandom();
  let picture = Uint32Array.from({ length: PIXELS }, () => random(0x1000000));
  await using _ = await helped(picture);
  assert.deepEqual(shown, picture);
  for (let round = 0; round < 60; round++) {
    const before = picture;
    picture = before.slice();
    const wanted = { dx: random(3) === 0 ? random(80) - 40 : 0, dy: random(400) - 200 };
    const target = { ...wholeOf(SIZE), y: random(300), height: SIZE.height - 300 };
    const inside = intersect(target, { ...target, x: wanted.dx, y: target.y + wanted.dy })!;
    copyRects(before, picture, [inside], wanted);
    const uncovered = { ...target, height: Math.min(target.height, Math.abs(wanted.dy)) };
    for (let i = 0; i < 500; i++) {
      const y = wanted.dy > 0 ? uncovered.y : target.y + target.height - uncovered.height;
      const at = (y + random(uncovered.height)) * SIZE.width + random(SIZE.width);
      picture[at] = random(0x1000000);
    }
    const damage = new DirtyTiles(SIZE);
    damage.add(target);

    const moved = scan(picture, damage);
    assert.ok(
      shown.every((pixel, i) => pixel === picture[i]),
      'shown is the picture',
    );
    if (wanted.dx !== 0 || wanted.dy !== 0) assert.deepEqual(moved[0], wanted);
    if (moved.length === 0) continue;
    const made = before.slice();
    for (const [n, offset] of moved.entries()) {
      copyRects(before, made, tilesAt(frame.copiesAt[n]!).rects(SIZE.width, 'dirty pixels'), offset);
    }
    const rests = tilesAt(frame.restsAt);
    copyRects(picture, made, rests.rects(SIZE.width, 'dirty pixels'), { dx: 0, dy: 0 });
    assert.ok(
      made.every((pixel, i) => pixel === picture[i]),
      'copies and rests make it',
    );
    assert.ok(rests.areaPx < PIXELS / 2, `${rests.areaPx} pixels left to be sent`);
  }
});

test('rows in which every pixel keeps changing are read into the shown picture, until they stand still', () => {
  const random = createRandom();
  const whole = DirtyTiles.whole(SIZE);
  // The search for motion gives up on noise, and then searches again now and then.
  const noise = (): Uint32Array => Uint32Array.from({ length: PIXELS }, () => random(0x1000000));
  let picture = noise();
  scan(picture, whole, true);
  const replaced: Rect[] = [];
  const { read } = file;
  file.read = (rects, size, into) => {
    if (into === 'shown') replaced.push(...rects);
    read.call(file, rects, size, into);
  };
  for (let frameNumber = 0; frameNumber < 20; frameNumber++) {
    picture = noise();
    scan(picture, whole);
    assert.deepEqual(shown, picture);
    assert.ok(tilesAt(frame.boxesAt).equals(whole), 'all of the damage counts as changed');
  }
  assert.ok(replaced.length > 0);

  const caret = picture.slice();
  caret[40 * SIZE.width + 3] = picture[40 * SIZE.width + 3]! ^ 0xffffff;
  replaced.length = 0;
  scan(caret, whole);
  assert.deepEqual(shown, caret);
  assert.deepEqual(replaced, []);
  assert.equal(tilesAt(frame.boxesAt).areaPx, 1);
  file.read = read;
});

test('the colours of rows that are read into the shown picture are counted: text after a film is no photograph', () => {
  const random = createRandom();
  const whole = DirtyTiles.whole(SIZE);
  const page = (pixel: () => number): Uint32Array => Uint32Array.from({ length: PIXELS }, pixel);
  const colours = new Uint16Array(frame.memory.buffer, frame.coloursAt, tileCount(SIZE));
  const photographs = (): number => colours.reduce((sum, count) => sum + +isPhotoLike(count), 0);
  const { read } = file;
  let replacedPx = 0;
  file.read = (rects, size, into) => {
    if (into === 'shown') replacedPx += rects.reduce((sum, rect) => sum + areaPx(rect), 0);
    read.call(file, rects, size, into);
  };
  try {
    scan(
      page(() => random(0x1000000)),
      whole,
      true,
    );
    for (let frameNumber = 0; frameNumber < SURE_AFTER + CHECK_EVERY; frameNumber++) {
      scan(
        page(() => random(0x1000000)),
        whole,
      );
      assert.equal(photographs(), colours.length);
    }
    replacedPx = 0;
    scan(
      page(() => (random(6) === 0 ? 0x202020 : 0xffffff)),
      whole,
    );
    assert.ok(replacedPx > PIXELS / 2, `${replacedPx} pixels were read into the shown picture`);
    assert.deepEqual(new Set(colours), new Set([2]));
  } finally {
    file.read = read;
  }
});

test('a page that scrolls right after a film is found to have moved in its first two captures', () => {
  const random = createRandom();
  const whole = DirtyTiles.whole(SIZE);
  const page = Uint32Array.from({ length: 2 * PIXELS }, () => (random(4) === 0 ? 0x202020 : 0xffffff));
  const scrolled = (rows: number): Uint32Array => page.slice(rows * SIZE.width, rows * SIZE.width + PIXELS);
  const film = [0, 1].map(() => Uint32Array.from({ length: PIXELS }, () => random(0x1000000)));
  scan(film[0]!, whole, true);
  // The captures that are searched are five apart: with one of these lengths the scroll falls between them.
  for (let frames = CHECK_EVERY; frames < CHECK_EVERY + 5; frames++) {
    for (let frameNumber = 1; frameNumber <= frames; frameNumber++) scan(film[frameNumber % 2]!, whole);
    scan(scrolled(0), whole);
    const [first] = scan(scrolled(19), whole);
    const [second] = scan(scrolled(38), whole);
    assert.deepEqual(second, { dx: 0, dy: -19 });
    assert.deepEqual(first, { dx: 0, dy: -19 }, `after ${frames} frames`);
    assert.deepEqual(shown, scrolled(38));
  }
});

test('a row that keeps changing is compared again now and then', () => {
  const steady = new SteadyRows(SteadyRows.createWords(), frame);
  const turns = Array.from({ length: 4 * CHECK_EVERY }, () => {
    const isSteady = steady.isSteady(5);
    if (isSteady) steady.replaced(5);
    else steady.compared(5, 95, 100);
    return isSteady;
  });
  assert.ok(turns.slice(0, SURE_AFTER).every((isSteady) => !isSteady));
  assert.ok(turns.filter((isSteady) => !isSteady).length <= SURE_AFTER + 4);
  for (let from = 0; from + CHECK_EVERY <= turns.length; from++)
    assert.ok(turns.slice(from, from + CHECK_EVERY).includes(false), `from ${from}`);
  steady.compared(5, 80, 100);
  assert.equal(steady.isSteady(5), false);
});

test('several threads commit two panes that have moved by different steps', async () => {
  const random = createRandom();
  let picture = Uint32Array.from({ length: PIXELS }, () => random(0x1000000));
  await using _ = await helped(picture);
  const left = { x: 0, y: 0, width: 230, height: SIZE.height };
  const right = { x: 230, y: 0, width: 270, height: SIZE.height };
  let foundBoth = 0;
  for (let round = 0; round < 20; round++) {
    const before = picture;
    picture = before.slice();
    const steps = [random(200) - 210, random(200) + 10];
    for (const [i, pane] of [left, right].entries()) {
      const dy = steps[i]!;
      copyRects(before, picture, [intersect(pane, { ...pane, y: dy })!], { dx: 0, dy });
      const uncovered = { ...pane, y: dy > 0 ? 0 : SIZE.height + dy, height: Math.abs(dy) };
      for (let y = uncovered.y; y < uncovered.y + uncovered.height; y++) {
        for (let x = pane.x; x < pane.x + pane.width; x++) picture[y * SIZE.width + x] = random(0x1000000);
      }
    }
    const moved = scan(picture, DirtyTiles.whole(SIZE));
    assert.ok(
      shown.every((pixel, i) => pixel === picture[i]),
      'shown is the picture',
    );
    if (moved.length === 0) continue;
    if (moved.length === 2) foundBoth++;
    const made = before.slice();
    for (const [n, offset] of moved.entries()) {
      copyRects(before, made, tilesAt(frame.copiesAt[n]!).rects(SIZE.width, 'dirty pixels'), offset);
    }
    copyRects(picture, made, tilesAt(frame.restsAt).rects(SIZE.width, 'dirty pixels'), { dx: 0, dy: 0 });
    assert.ok(
      made.every((pixel, i) => pixel === picture[i]),
      'copies and rests make it',
    );
  }
  // After new pictures, the search pauses for a few captures.
  assert.ok(foundBoth >= 15, `${foundBoth} of 20`);
});
