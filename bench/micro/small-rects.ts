// Small rects by their size: bytes and µs as JPEG and without loss, by zlib and by zstd, and µs by another thread.
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

/** Level of zlib for viewers that set none. */
const USUAL_LEVEL = 1;

const METHODS = { lossless: LOSSLESS, best: jpeg(92, '4:4:4'), usual: jpeg(77, '4:2:0') };

const PICTURES = {
  photograph: createPhoto(SIZE.width, SIZE.height),
  text: await screenText(SIZE, { ...GREY_EDGES, highlighted: false }),
};

for (const [name, picture] of Object.entries(PICTURES)) {
  const shown = showing(picture);
  const way =
    (method: keyof typeof METHODS) =>
    (rect: Rect): number =>
      encodeShown(shown, rect, METHODS[method]).bytes.length;
  await printRects(
    `A small rect of a ${name}: bytes, µs`,
    ['no loss', 'JPEG 92 4:4:4', 'JPEG 77 4:2:0'],
    [way('lossless'), way('best'), way('usual')],
  );
}

const shownText = showing(PICTURES.text);
await printRects(
  'A small rect of text without loss: bytes, µs',
  ['Tight', 'zstd'],
  [false, true].map(
    (zstd) => (rect) => encodeShown(shownText, rect, LOSSLESS, USUAL_LEVEL, zstd).bytes.length,
  ),
);

/** Prints bytes and µs of rects of each size, by several ways of encoding, each of which returns the bytes of a rect. */
async function printRects(
  title: string,
  names: readonly string[],
  ways: readonly ((rect: Rect) => number)[],
): Promise<void> {
  const rows: string[][] = [];
  for (const side of SIDES) {
    const places: Rect[] = Array.from({ length: PLACES }, (_, i) => ({
      x: (i % 4) * 128,
      y: Math.floor(i / 4) * 128,
      width: side,
      height: side,
    }));
    const runs = ways.map((way) => () => places.reduce((sum, rect) => sum + way(rect), 0));
    const took = await race(Object.fromEntries(runs.map((run, i) => [i, run])), BUDGET_MS);
    rows.push([
      `${side}×${side}`,
      ...runs.flatMap((run, i) => [
        (run() / PLACES).toFixed(0),
        ((took[i]!.leastMs * 1000) / PLACES).toFixed(0),
      ]),
    ]);
  }
  printTable(title, ['size', ...names.flatMap((name) => [name, 'µs'])], rows);
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
      workerData: {
        frame,
        lane,
        arena: arena.memory,
        gate: gate.memory,
        keepsZstd: true,
      } satisfies EncodeThreadData,
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
