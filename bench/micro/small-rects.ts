// Small rects by their size: bytes and µs as JPEG and without loss, and µs by another thread.
// Run: node bench/micro/small-rects.ts

import type { EncodeJob } from '../../src/encode/make/job.ts';
import type { AnsweredRect, EncodeThreadData } from '../../src/encode/threads/encode-messages.ts';
import { EncodedArena } from '../../src/encode/threads/encoded-arena.ts';
import type { Rect } from '../../src/pixels/rect.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import { NativeGate } from '../../src/threads/native-gate.ts';
import { WorkerPool } from '../../src/threads/worker-pool.ts';
import { createPhoto } from '../painter/photo.ts';
import { race } from './support/race.ts';
import { GREY_EDGES, screenText } from './support/screen-text.ts';
import { encodeShown, jpeg, LOSSLESS, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIDES = [8, 16, 24, 32, 48, 64, 96, 128];
const SIZE = { width: 640, height: 640 };
const BUDGET_MS = 500;

/** Number of places in a picture that are encoded one after the other. Results are their mean. */
const PLACES = 16;

const METHODS = { lossless: LOSSLESS, best: jpeg(92, '4:4:4'), usual: jpeg(77, '4:2:0') };

for (const [name, picture] of [
  ['photograph', createPhoto(SIZE.width, SIZE.height)],
  ['text', await screenText(SIZE, { ...GREY_EDGES, highlighted: false })],
] as const) {
  const shown = showing(picture);
  const rows: string[][] = [];
  for (const side of SIDES) {
    const places: Rect[] = Array.from({ length: PLACES }, (_, i) => ({
      x: (i % 4) * 128,
      y: Math.floor(i / 4) * 128,
      width: side,
      height: side,
    }));
    const way = (method: keyof typeof METHODS) => (): number =>
      places.reduce((sum, rect) => sum + encodeShown(shown, rect, METHODS[method]).bytes.length, 0);
    const ways = { lossless: way('lossless'), best: way('best'), usual: way('usual') };
    const took = await race(ways, BUDGET_MS);
    rows.push([
      `${side}×${side}`,
      ...(['lossless', 'best', 'usual'] as const).flatMap((method) => [
        (ways[method]() / PLACES).toFixed(0),
        ((took[method].leastMs * 1000) / PLACES).toFixed(0),
      ]),
    ]);
  }
  printTable(
    `A small rect of a ${name}: bytes, µs`,
    ['size', 'no loss', 'µs', 'JPEG 92 4:4:4', 'µs', 'JPEG 77 4:2:0', 'µs'],
    rows,
  );
}

const frame = showing(createPhoto(SIZE.width, SIZE.height));
const script = new URL('../../src/encode/threads/encode.worker.ts', import.meta.url);
const arena = new EncodedArena();
const thread = new WorkerPool<EncodeJob, AnsweredRect>({
  script,
  name: 'encode',
  threads: 1,
  start: (lane) => {
    const gate = new NativeGate();
    return {
      workerData: { frame, lane, arena: arena.memory, gate: gate.memory } satisfies EncodeThreadData,
      gate,
    };
  },
  limitMs: () => 5000,
  idleLimitMs: 60_000,
});

async function encodeThere(job: EncodeJob): Promise<void> {
  const { bytes } = await thread.run(job);
  if ('place' in bytes) arena.release(bytes.place);
}

const handed: string[][] = [];
for (const side of SIDES) {
  const rect = { x: 0, y: 0, width: side, height: side };
  const job = { frameSize: SIZE, rect, method: METHODS.best, format: SERVER_PIXEL_FORMAT, zlibLevel: 1 };
  const took = await race(
    { here: () => encodeShown(frame, rect, METHODS.best), there: () => encodeThere(job) },
    BUDGET_MS,
  );
  handed.push([
    `${side}×${side}`,
    `${(side ** 2 / 1024).toFixed(1)}k`,
    ...[took.here, took.there].flatMap(({ leastMs, medianMs }) => [
      (leastMs * 1000).toFixed(0),
      (medianMs * 1000).toFixed(0),
    ]),
  ]);
}
await thread.close();
printTable(
  'A small JPEG 92 4:4:4 encoded by the calling thread, and by another thread: µs',
  ['size', 'pixels', 'here, least', 'median', 'there, least', 'median'],
  handed,
);
