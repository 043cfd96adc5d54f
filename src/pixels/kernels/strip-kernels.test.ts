import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { createSharedFrame } from '../shared-frame.ts';
import { createKernels } from './kernels.ts';
import { entriesOf } from './place-lists.ts';

const SIZE = { width: 200, height: 120 };
const module = new WebAssembly.Module(readFileSync(new URL('kernels.wasm', import.meta.url)));
const frame = createSharedFrame(SIZE);
const { strips } = createKernels(module, frame);
const pixels = SIZE.width * SIZE.height;
const shown = new Uint32Array(frame.memory.buffer, frame.shownAt, pixels);
const incoming = new Uint32Array(frame.memory.buffer, frame.incomingAt, pixels);

/** A colour for each place; the fourth byte of a pixel is unused and differs between the pictures. */
const colour = (x: number, y: number): number => Math.imul(x * 131 + y * 7919 + 1, 0x9e3779b1) >>> 8;

function fill(to: Uint32Array, unused: number, picture: (x: number, y: number) => number): void {
  for (let i = 0; i < pixels; i++) {
    to[i] = (picture(i % SIZE.width, Math.floor(i / SIZE.width)) & 0xffffff) | (unused << 24);
  }
}

/**
 * Rows of the windows of strip 2 of `shown` that look like one of rows 40 to 59 of `incoming`, by the latter's rows.
 */
function matches(): Map<number, number[]> {
  const wanted = entriesOf(frame, 'incoming', strips.list(SIZE, { strip: 2, y: 40, height: 20 }, 0));
  strips.want(wanted.filter((_, i) => i % 2 === 0));
  const found = entriesOf(frame, 'shown', strips.find(SIZE, { strip: 2, y: 0, height: SIZE.height }));
  const rows = new Map<number, number[]>();
  for (let i = 0; i < wanted.length; i += 2) {
    const from: number[] = [];
    for (let j = 0; j < found.length; j += 2) if (found[j] === wanted[i]) from.push(found[j + 1]!);
    rows.set(wanted[i + 1]!, from);
  }
  return rows;
}

suite('the kernels that search strips', () => {
  test('each window of a strip that moved is found in the row that it came from', () => {
    fill(shown, 0x11, colour);
    fill(incoming, 0x22, (x, y) => colour(x, y + 17));
    const rows = matches();
    assert.equal(rows.size, 13, 'windows of 8 rows in 20');
    for (const [to, from] of rows) assert.deepEqual(from, [to + 17]);
  });

  test('windows with fewer than two rows of several colours are left out', () => {
    for (const edged of [0, 1, 2]) {
      const plain = (x: number, y: number): number => (y >= 50 && y < 50 + edged ? colour(x, y) : 0x336699);
      fill(shown, 0, plain);
      fill(incoming, 0, plain);
      assert.equal(matches().size, edged < 2 ? 0 : 7, `${edged} rows`);
    }
  });

  test('a list that is full takes no further windows', () => {
    fill(incoming, 0, colour);
    assert.equal(strips.list(SIZE, { strip: 0, y: 0, height: 100 }, 8190), 8192);
  });

  test('rows with content are counted by strip, in strips that lie inside the band', () => {
    fill(shown, 0, () => 0);
    fill(incoming, 0x33, (x, y) => (x === 100 || (x >= 64 && x < 96) || y === 30 ? 0x123456 : 0));
    shown.set(incoming.subarray(20 * SIZE.width, 25 * SIZE.width), 20 * SIZE.width);
    strips.clearContent();
    // Strip 3 has an edge in every row but one, and five rows did not change. Strip 2 has no edge.
    assert.equal(strips.countContent(SIZE, { x: 5, y: 16, width: 150, height: 16 }), 10);
    assert.deepEqual([...strips.content.subarray(0, 6)], [0, 0, 0, 10, 0, 0]);
    assert.equal(strips.countContent(SIZE, { x: 101, y: 16, width: 40, height: 16 }), 0, 'no whole strip');
  });
});
