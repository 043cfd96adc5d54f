import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawFrameNumber } from '../frame-number.ts';
import { markerGroups } from '../workloads.ts';
import { FrameWatcher } from './frame-watcher.ts';

const SIZE = { width: 640, height: 480 };

test('a frame counts as seen when all its places show its number, and as torn before', () => {
  const groups = markerGroups('moving', SIZE);
  const watcher = new FrameWatcher(groups, SIZE);
  const words = new Uint32Array(SIZE.width * SIZE.height);
  const pixels = new Uint8Array(words.buffer);
  const [top, bottom] = groups[0]!;
  const draw = (marker: typeof top, number: number): void =>
    drawFrameNumber(words, SIZE.width, marker!, number);

  watcher.look(pixels, 10, 1);
  draw(top, 7);
  draw(bottom, 7);
  watcher.look(pixels, 20, 2);
  draw(top, 8);
  watcher.look(pixels, 30, 3);
  draw(bottom, 8);
  watcher.look(pixels, 40, 4);
  watcher.look(pixels, 50, 5);

  assert.deepEqual(watcher.record, {
    seen: [
      [7, 20],
      [8, 40],
    ],
    updates: [
      [10, 1],
      [20, 2],
      [30, 3],
      [40, 4],
      [50, 5],
    ],
    torn: [30],
  });
});
