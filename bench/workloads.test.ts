import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rect } from '../src/pixels/rect.ts';
import { markerHeight, markerWidth } from './frame-number.ts';
import { layoutOf, WORKLOADS, type Workload } from './workloads.ts';

const SIZES = [
  { width: 640, height: 480 },
  { width: 1680, height: 971 },
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
];
/** Seeds that each picture is drawn with. */
const SEEDS = Array.from({ length: 40 }, (_, i) => i * 7919 + 1);

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

for (const size of SIZES) {
  test(`at ${size.width}x${size.height} frame numbers and samples are on the screen and apart`, () => {
    for (const workload of WORKLOADS) {
      for (const seed of SEEDS) {
        const { groups, samples } = layoutOf(workload, seed, size);
        const markers = groups
          .flat()
          .map((marker) => ({ ...marker, width: markerWidth(marker), height: markerHeight(marker) }));
        const where = `${workload.name} with seed ${seed}`;
        for (const { x, y, width, height } of [...markers, ...samples]) {
          assert.ok(x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height, where);
        }
        markers.forEach((marker, i) => {
          const others = [...markers.slice(i + 1), ...samples];
          assert.ok(!others.some((other) => overlap(marker, other)), where);
        });
      }
    }
  });
}

test('whole-screen pictures are sampled in most places, and others are not sampled', () => {
  const sampled = (name: Workload['name']): number => {
    const workload = WORKLOADS.find((one) => one.name === name)!;
    return Math.min(...SEEDS.map((seed) => layoutOf(workload, seed, SIZES[2]!).samples.length));
  };
  assert.deepEqual([sampled('moving-30'), sampled('video-30'), sampled('scroll-30')], [12, 12, 12]);
  assert.ok(sampled('pages-30') >= 10);
  assert.ok(sampled('scroll-pane-30') >= 8);
  assert.deepEqual([sampled('small-30'), sampled('idle')], [0, 0]);
});

test('drawn workloads say what was drawn, and fixed ones do not', () => {
  const drawn = (name: Workload['name']): string | undefined =>
    layoutOf(WORKLOADS.find((one) => one.name === name)!, 1, SIZES[2]!).drawn;
  assert.match(drawn('scroll-lines-30')!, /^lines of \d+ px, (dark|light), (crisp|grey|subpixel) edges, /);
  assert.equal(drawn('video-30'), undefined);
});
