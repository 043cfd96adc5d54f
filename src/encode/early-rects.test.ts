import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SERVER_PIXEL_FORMAT } from '../protocol/pixel-format.ts';
import { EarlyRects, MOST_EARLY_PX } from './early-rects.ts';
import type { EncodedRect, EncodeJob } from './make/job.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const jobOf = (height: number): EncodeJob => ({
  frameSize: { width: 1024, height },
  rect: { x: 0, y: 0, width: 1024, height },
  method: { name: 'lossless' },
  format: SERVER_PIXEL_FORMAT,
  zlibLevel: 1,
});

/** Encodes nothing, and records the heights of the rects that it is given. */
function createEarly() {
  const heights: number[] = [];
  const early = new EarlyRects(({ rect }) => {
    if (rect.height === 13) throw new Error('cannot be encoded');
    heights.push(rect.height);
    return { bytes: new Uint8Array(rect.height), encoder: 'RawEncoder', areaPx: 1, cpuUs: 1 } as EncodedRect;
  });
  return { early, heights };
}

test('one rect is encoded in each turn of the event loop, in the order of the calls', async () => {
  const { early, heights } = createEarly();
  const rects = [1, 2, 3].map((height) => early.add(jobOf(height))!);
  assert.deepEqual(heights, []);
  await nextTurn();
  assert.deepEqual(heights, [1]);
  await nextTurn();
  assert.deepEqual(heights, [1, 2]);
  const encoded = await Promise.all(rects);
  assert.deepEqual(
    encoded.map(({ bytes }) => bytes.length),
    [1, 2, 3],
  );
});

test('no more pixels wait than the bound, which counts what is not encoded yet', async () => {
  const { early } = createEarly();
  const most = MOST_EARLY_PX / 1024;
  const first = early.add(jobOf(most));
  assert.ok(first);
  assert.equal(early.add(jobOf(1)), undefined);
  await first;
  assert.ok(early.add(jobOf(1)));
});

test('a rect that cannot be encoded is rejected, and the others are encoded', async () => {
  const { early } = createEarly();
  const rects = [1, 13, 2].map((height) => early.add(jobOf(height))!);
  const ends = await Promise.allSettled(rects);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('what waits is rejected when the pool is closed', async () => {
  const { early, heights } = createEarly();
  const rects = [1, 2].map((height) => early.add(jobOf(height))!);
  early.close(new Error('closed'));
  for (const rect of rects) await assert.rejects(rect, /closed/);
  await nextTurn();
  assert.deepEqual(heights, []);
});
