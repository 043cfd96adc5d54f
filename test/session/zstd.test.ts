import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncoderPool } from '../../src/encode/pool.ts';
import { ENCODING_ZSTD } from '../../src/protocol/constants.ts';
import { LOSSLESS, type MemoryViewer } from '../support/memory-viewer.ts';
import { TestSession } from '../support/test-session.ts';

const SIZE = { width: 200, height: 150 };

const stripes = (seed: number): Uint32Array =>
  Uint32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => ((i * seed) % 7) * 0x102030);

/** A JPEG quality level of 6. */
const LOSSY = [...LOSSLESS, -26];

const photograph = (seed: number): Uint32Array =>
  Uint32Array.from({ length: SIZE.width * SIZE.height }, (_, i) => Math.imul(i + seed, 0x9e3779b1) >>> 8);

/** Number of rects by their kind, of those that are no fills. */
const kinds = (viewer: MemoryViewer) => [
  viewer.rectsOf('zstd').length > 0,
  viewer.rectsOf('tightBasic').length > 0,
];

test('viewers with and without zstd rects are shown the same pixels, each in its own encoding', async () => {
  await using room = new TestSession({ size: SIZE });
  const ours = await room.connect({ encodings: [...LOSSLESS, ENCODING_ZSTD] });
  const other = await room.connect({ encodings: LOSSLESS });
  for (let seed = 2; seed < 6; seed++) {
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, stripes(seed));
    await Promise.all([room.untilShown(ours), room.untilShown(other)]);
  }
  assert.deepEqual(kinds(ours), [true, false]);
  assert.deepEqual(kinds(other), [false, true]);
});

test('a viewer that lists zstd rects later is sent them from then on, and its picture stays exact', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ encodings: LOSSLESS });
  room.desktop.paint({ x: 0, y: 0, ...SIZE }, stripes(3));
  await room.untilShown(viewer);
  assert.deepEqual(kinds(viewer), [false, true]);
  viewer.send({ type: 'setEncodings', encodings: [...LOSSLESS, ENCODING_ZSTD] });
  await viewer.roundTrip();
  const before = viewer.updates.length;
  room.desktop.paint({ x: 0, y: 0, ...SIZE }, stripes(5));
  await room.untilShown(viewer);
  const rects = viewer.updates.slice(before).flatMap((update) => update.rects);
  assert.ok(rects.length > 0 && rects.every(({ body }) => body.kind === 'zstd'));
});

test('a photograph is encoded once for viewers with and without zstd rects', async (t) => {
  const encode = t.mock.method(EncoderPool.prototype, 'encodeRect');
  await using room = new TestSession({ size: SIZE });
  const viewers = [
    await room.connect({ encodings: LOSSY }),
    await room.connect({ encodings: [...LOSSY, ENCODING_ZSTD] }),
  ];
  for (let frame = 1; frame < 5; frame++) {
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, photograph(frame));
    await room.quiet();
    await Promise.all(viewers.map((viewer) => viewer.roundTrip()));
  }
  const received = viewers.reduce((sum, viewer) => sum + viewer.rectsOf('tightJpeg').length, 0);
  const encoded = encode.mock.calls.filter(({ arguments: [job] }) => job.method.name === 'jpeg').length;
  // A frame for which only one viewer is ready is for that one alone.
  assert.ok(received >= 8 && encoded < received, `${encoded} encoded, ${received} received`);
});
