import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Offset } from '../motion.ts';
import { createSharedFrame } from '../shared-frame.ts';
import { createKernels } from './kernels.ts';

const size = { width: 300, height: 100 };
const pixels = size.width * size.height;
const module = new WebAssembly.Module(readFileSync(new URL('kernels.wasm', import.meta.url)));
const frame = createSharedFrame(size);
const kernels = createKernels(module, frame);
const target = {
  shown: new Uint32Array(frame.memory.buffer, frame.shownAt, pixels),
  incoming: new Uint32Array(frame.memory.buffer, frame.incomingAt, pixels),
};

test('the pieces of a row that a motion explains are counted', () => {
  for (let i = 0; i < pixels; i++) target.shown[i] = Math.imul(i, 0x9e3779b1);
  for (let i = 0; i < pixels; i++)
    target.incoming[i] = (target.shown[i - 2 * size.width - 3] ?? 1) ^ (i << 24);
  const count = (x: number, width: number, dx: number, dy: number): [changed: number, moved: number] => {
    const listed = kernels.pieces(size, { x, y: 40, width }, 0);
    return [listed, kernels.movedPieces(size, listed, 1, [{ dx, dy }])];
  };
  assert.deepEqual(count(3, 297, 3, 2), [4, 4]);
  assert.deepEqual(count(100, 200, 3, 2), [3, 3]);
  assert.deepEqual(count(3, 297, 3, 1), [4, 0]);
  assert.deepEqual(count(0, 63, 3, 2), [0, 0], 'no whole piece');
  assert.deepEqual(count(0, 300, 3, 2), [4, 3], 'the first from beside the picture');
  assert.deepEqual(count(3, 297, 3, 41), [4, 0], 'from above the picture');
  assert.deepEqual(count(3, 297, 3, -60), [4, 0], 'from below it');
  assert.deepEqual(count(3, 297, -250, 2), [4, 0], 'from the right of it');
  const piece = 3 + 64;
  target.incoming[40 * size.width + piece + 63] = 0x654321;
  assert.deepEqual(count(3, 297, 3, 2), [4, 3], 'the last pixel of one piece differs');
  for (let x = piece; x < piece + 64; x++) {
    target.incoming[40 * size.width + x] = target.shown[40 * size.width + x]! ^ (x << 24);
  }
  assert.deepEqual(count(3, 297, 3, 2), [3, 3], 'one piece did not change');
  target.incoming.fill(0x654321, 40 * size.width + 3, 40 * size.width + 67);
  assert.deepEqual(count(3, 297, 3, 2), [2, 2], 'one piece is of one colour');
});

test('pieces that one of two motions explains are counted, and every second piece of a list', () => {
  for (let i = 0; i < 30_000; i++) target.shown[i] = Math.imul(i, 0x9e3779b1);
  for (let x = 0; x < 300; x++) {
    target.incoming[40 * 300 + x] = target.shown[(x < 128 ? 47 : 30) * 300 + x]!;
    target.incoming[41 * 300 + x] = 0;
  }
  const listed = kernels.pieces(
    size,
    { x: 0, y: 41, width: 300 },
    kernels.pieces(size, { x: 0, y: 40, width: 300 }, 0),
  );
  assert.equal(listed, 4);
  const [up, down] = [
    { dx: 0, dy: -7 },
    { dx: 0, dy: 10 },
  ];
  const moved = (step: number, motions: readonly Offset[]): number =>
    kernels.movedPieces(size, listed, step, motions);
  assert.deepEqual([moved(1, [up]), moved(1, [down]), moved(1, [up, down]), moved(1, [])], [2, 2, 4, 0]);
  assert.deepEqual([moved(2, [up]), moved(2, [up, down])], [1, 2]);
});
