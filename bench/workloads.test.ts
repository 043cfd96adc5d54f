import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rect } from '../src/pixels/rect.ts';
import { markerHeight, markerWidth } from './frame-number.ts';
import { markerGroups, samplePlaces, WORKLOADS } from './workloads.ts';

const SIZES = [
  { width: 640, height: 480 },
  { width: 1680, height: 971 },
  { width: 1920, height: 1080 },
  { width: 3840, height: 2160 },
];

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

for (const size of SIZES) {
  test(`at ${size.width}x${size.height} frame numbers and samples are on the screen and apart`, () => {
    for (const picture of new Set(WORKLOADS.map((workload) => workload.picture))) {
      const markers = markerGroups(picture, size)
        .flat()
        .map((marker) => ({ ...marker, width: markerWidth(marker), height: markerHeight(marker) }));
      const samples = samplePlaces(picture, size);
      for (const { x, y, width, height } of [...markers, ...samples]) {
        assert.ok(x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height, picture);
      }
      for (const sample of samples) {
        assert.ok(!markers.some((marker) => overlap(marker, sample)), picture);
      }
    }
  });
}

test('whole-screen pictures are sampled, and others are not', () => {
  const sampled = (picture: 'moving' | 'video' | 'scroll' | 'small' | 'nothing'): number =>
    samplePlaces(picture, SIZES[2]!).length;
  assert.deepEqual([sampled('moving'), sampled('video'), sampled('scroll')], [12, 12, 12]);
  assert.deepEqual([sampled('small'), sampled('nothing')], [0, 0]);
});
