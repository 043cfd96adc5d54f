// A screen cut into strips for two encoder threads: ms until the first strip and the last are encoded, by their size.
// Run: node bench/micro/strips.ts

import { cutIntoStrips } from '../../src/encode/plan/plan-rects.ts';
import { EncoderPool } from '../../src/encode/pool.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import { createPhoto } from '../painter/photo.ts';
import { race } from './support/race.ts';
import { jpeg, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
const THREADS = 2;
const METHOD = jpeg(86, '4:2:0');
/** Rows of a strip. 32 rows have 60 thousand pixels, and 1080 rows are the whole screen. */
const ROWS = [32, 64, 96, 128, 192, 256, 384, 540, 1080];
const BUDGET_MS = 12_000;

const frame = showing(createPhoto(SIZE.width, SIZE.height));
const pool = new EncoderPool(frame, THREADS);

interface Encoded {
  readonly firstMs: number;
  readonly bytes: number;
  readonly cpuMs: number;
}

/** Encodes strips like the rects of a frame: requests all at once, and notes when each is encoded. */
async function encode(rects: readonly Rect[]): Promise<Encoded> {
  const startMs = performance.now();
  let firstMs = Number.POSITIVE_INFINITY;
  let bytes = 0;
  let cpuUs = 0;
  await Promise.all(
    rects.map(async (rect) => {
      const job = { frameSize: SIZE, rect, method: METHOD, format: SERVER_PIXEL_FORMAT, zlibLevel: 1 };
      const encoded = await pool.encodeRect(job);
      // A viewer begins with the topmost strip.
      if (rect.y === rects[0]!.y) firstMs = performance.now() - startMs;
      bytes += encoded.bytes.length;
      cpuUs += encoded.cpuUs;
    }),
  );
  return { firstMs, bytes, cpuMs: cpuUs / 1000 };
}

const cuts = new Map<string, Rect[]>(ROWS.map((rows) => [`${rows} rows`, equalStrips(rows)]));
cuts.set('as policy cuts', cutIntoStrips(wholeOf(SIZE)));

const seen = new Map<string, Encoded[]>();
const ways = Object.fromEntries(
  [...cuts].map(([name, rects]) => [
    name,
    async () => {
      const list = seen.get(name) ?? [];
      seen.set(name, list);
      list.push(await encode(rects));
    },
  ]),
);
const took = await race(ways, BUDGET_MS);

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
printTable(
  `A photograph of ${SIZE.width}×${SIZE.height} as JPEG 86 4:2:0 in strips, ${THREADS} threads`,
  ['strips', 'how many', 'pixels', 'first ms, least', 'median', 'all ms, least', 'median', 'CPU ms', 'KB'],
  [...cuts].map(([name, rects]) => {
    const runs = seen.get(name)!;
    const first = runs.map(({ firstMs }) => firstMs);
    return [
      name,
      `${rects.length}`,
      name.endsWith('rows') ? `${Math.round(areaPx(rects[0]!) / 1000)}k` : 'growing',
      Math.min(...first).toFixed(1),
      median(first).toFixed(1),
      took[name]!.leastMs.toFixed(1),
      took[name]!.medianMs.toFixed(1),
      median(runs.map(({ cpuMs }) => cpuMs)).toFixed(1),
      (runs[0]!.bytes / 1000).toFixed(0),
    ];
  }),
);

// The cost of a rect apart from its pixels: many small rects against one with as many pixels.
const tile = (i: number): Rect => ({ x: (i % 30) * 64, y: Math.floor(i / 30) * 64, width: 64, height: 64 });
const many = Array.from({ length: 120 }, (_, i) => tile(i));
const whole = await race(
  { many: () => encode(many), one: () => encode([{ x: 0, y: 0, width: 1920, height: 256 }]) },
  3000,
);
const manyBytes = (await encode(many)).bytes;
const one = await encode([{ x: 0, y: 0, width: 1920, height: 256 }]);
printTable(
  'The same pixels, 1920×256, in one rect and in rects of 64×64',
  ['rects', 'ms, least', 'KB', 'cost of one more: µs', 'bytes'],
  [
    ['1', whole.one.leastMs.toFixed(1), (one.bytes / 1000).toFixed(0), '', ''],
    [
      `${many.length}`,
      whole.many.leastMs.toFixed(1),
      (manyBytes / 1000).toFixed(0),
      (((whole.many.leastMs - whole.one.leastMs) * 1000) / many.length).toFixed(0),
      ((manyBytes - one.bytes) / many.length).toFixed(0),
    ],
  ],
);
await pool.close();

function equalStrips(rows: number): Rect[] {
  const rects: Rect[] = [];
  for (let y = 0; y < SIZE.height; y += rows)
    rects.push({ x: 0, y, width: SIZE.width, height: Math.min(rows, SIZE.height - y) });
  return rects;
}
