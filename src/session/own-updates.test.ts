import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { mock, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { passesOnce } from '../../test/support/limits.ts';
import { LOSSLESS, OWNER } from '../../test/support/memory-viewer.ts';
import { ODD_FORMATS } from '../../test/support/pixel-formats.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { EncodedRect } from '../encode/make/job.ts';
import { EncoderPool } from '../encode/pool.ts';
import { MOST_SCALERS } from '../pixels/shared-frame.ts';
import * as wire from '../protocol/constants.ts';
import type { PixelFormat } from '../protocol/pixel-format.ts';
import { MOST_USER_MS } from './frame/pass-shares.ts';

const SIZE = { width: 960, height: 540 };
const PHOTO = createPhoto(SIZE.width, SIZE.height).pixels.map((pixel) => pixel & 0xffffff);
const GUEST = { name: 'guest', read: true, write: false, owner: false };
const LEVEL_9 = [...LOSSLESS, wire.PSEUDO_COMPRESSION_FIRST + 9];
const JPEG = [...LOSSLESS, wire.PSEUDO_QUALITY_FIRST + 6];
/** How much longer a pass may take than its budget: costs are estimates. */
const SLACK = 2;
/** Decoding takes the thread of the test as long as encoding. */
const SHOWN_LIMIT_MS = 60_000;

/**
 * Counts the CPU time, in milliseconds, of the rects of such viewers, by the turn of the event loop in which they were
 * handed to the encoders: all rects of a pass in one turn. The test may empty the list.
 */
function countPasses(isCounted: (format: PixelFormat) => boolean): number[] {
  const passes: number[] = [];
  let isSameTurn = false;
  const encodeRect = EncoderPool.prototype.encodeRect;
  mock.method(EncoderPool.prototype, 'encodeRect', function count(this: EncoderPool, job) {
    const encoded = encodeRect.call(this, job);
    if (!isCounted(job.format)) return encoded;
    if (!isSameTurn) {
      isSameTurn = true;
      passes.push(0);
      setImmediate(() => {
        isSameTurn = false;
      });
    }
    const pass = passes.length - 1;
    const took = (rect: EncodedRect): EncodedRect => {
      passes[pass]! += rect.cpuUs / 1000;
      return rect;
    };
    return encoded instanceof Promise ? encoded.then(took) : took(encoded);
  } satisfies EncoderPool['encodeRect']);
  return passes;
}

test('no pass takes much time for one user alone, however many viewers of that user have settings of their own', async (t) => {
  t.after(() => mock.restoreAll());
  await using room = new TestSession({ size: SIZE });
  const owner = await room.connect({ user: OWNER, encodings: JPEG });
  const guests = await Promise.all(
    ODD_FORMATS.map((format) => room.connect({ user: GUEST, encodings: LEVEL_9, format })),
  );
  for (const [i, guest] of guests.entries()) await room.untilShown(guest, ODD_FORMATS[i]!);
  await room.quiet();
  const passes = countPasses(({ bitsPerPixel }) => bitsPerPixel === 16);
  await passesOnce(async (round) => {
    passes.length = 0;
    const before = owner.updates.length;
    room.desktop.paint(
      { x: 0, y: 0, ...SIZE },
      PHOTO.map((pixel) => pixel ^ round),
    );
    await owner.untilUpdates(before + 1);
    const covered = owner.updates[before]!.rects.reduce((sum, { width, height }) => sum + width * height, 0);
    assert.equal(covered, SIZE.width * SIZE.height, 'the update of an ordinary viewer is not cut');
    const isShown = (guest: (typeof guests)[number], i: number): boolean =>
      room.difference(guest, ODD_FORMATS[i]!) === undefined;
    for (const [i, guest] of guests.entries())
      await waitFor('the picture', () => isShown(guest, i), SHOWN_LIMIT_MS);
    const threads = Math.min(availableParallelism(), MOST_SCALERS);
    const longest = Math.max(...passes) / threads;
    console.log(`# ${passes.length} passes, the longest of ${longest.toFixed(1)} ms`);
    assert.ok(passes.length > 1);
    return longest <= SLACK * MOST_USER_MS ? undefined : `${longest} ms`;
  });
});

test('viewers of one user alone are sent each picture whole, whatever it takes', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewers = await Promise.all(
    ODD_FORMATS.slice(0, 6).map((format) => room.connect({ user: GUEST, encodings: LEVEL_9, format })),
  );
  for (const [i, viewer] of viewers.entries()) await room.untilShown(viewer, ODD_FORMATS[i]!);
  await room.quiet();
  const before = viewers.map(({ updates }) => updates.length);
  room.desktop.paint({ x: 0, y: 0, ...SIZE }, PHOTO);
  for (const [i, viewer] of viewers.entries()) {
    await viewer.untilUpdates(before[i]! + 1);
    assert.equal(room.difference(viewer, ODD_FORMATS[i]!), undefined);
  }
});
