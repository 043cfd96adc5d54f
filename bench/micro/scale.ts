// Scaling of video by one thread in the bands of a frame, in milliseconds per frame.
// Run: node bench/micro/scale.ts [rounds]

import { readFileSync } from 'node:fs';
import { planVideo } from '../../src/encode/plan/plan-video.ts';
import { DirtyTiles } from '../../src/pixels/dirty-tiles.ts';
import type { ScaleFilter } from '../../src/pixels/kernels/axis-taps.ts';
import { createScaler } from '../../src/pixels/kernels/scaler.ts';
import { areaPx, fitWithin, type Size } from '../../src/pixels/rect.ts';
import { createSharedFrame, shownPixels } from '../../src/pixels/shared-frame.ts';
import { createRandom } from '../painter/random.ts';

const ROUNDS = Number(process.argv[2] ?? 100);
const LIMIT: Size = { width: 1920, height: 1080 };

const module = new WebAssembly.Module(
  readFileSync(new URL('../../src/pixels/kernels/kernels.wasm', import.meta.url)),
);

const percentile = (values: readonly number[], p: number): string => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!.toFixed(2).padStart(6);
};

function measure(size: Size, filter: ScaleFilter): void {
  const frame = createSharedFrame(size);
  const random = createRandom(1);
  const pixels = shownPixels(frame, size);
  new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4).forEach((_, i, words) => {
    words[i] = random() * 2 ** 32;
  });
  const scale = createScaler(module, frame, 0);
  const bands = planVideo(DirtyTiles.whole(size), { maxSize: LIMIT, filter });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (const { rect, scaledTo } of bands) scale(size, rect, scaledTo, filter);
    times.push(performance.now() - start);
  }
  const to = fitWithin(size, LIMIT);
  const name = `${size.width}x${size.height} to ${to.width}x${to.height}, ${filter}`;
  const megabytes = ((areaPx(size) * 4) / 1e6).toFixed(0);
  console.log(
    `${name.padEnd(36)} least ${percentile(times, 0)}   p50 ${percentile(times, 0.5)}   p95 ${percentile(times, 0.95)}   ${megabytes} MB`,
  );
}

for (const filter of ['area', 'nearest'] as const) {
  measure({ width: 3840, height: 2160 }, filter);
  measure({ width: 2560, height: 1440 }, filter);
  measure({ width: 3440, height: 1440 }, filter);
  measure({ width: 5120, height: 2880 }, filter);
}
