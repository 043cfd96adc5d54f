import assert from 'node:assert/strict';
import { afterEach, mock, suite, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { LOSSLESS, type MemoryViewer } from '../../test/support/memory-viewer.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { EncoderPool } from '../encode/pool.ts';
import type { Rect } from '../pixels/rect.ts';
import * as wire from '../protocol/constants.ts';

const SIZE = { width: 1024, height: 768 };
const WHOLE = { x: 0, y: 0, ...SIZE };
const PHOTO = createPhoto(SIZE.width, SIZE.height).pixels.map((pixel) => pixel & 0xffffff);
const JPEG = [...LOSSLESS, wire.PSEUDO_QUALITY_FIRST + 5];
const RAW = [wire.ENCODING_RAW];

interface Room extends AsyncDisposable {
  readonly session: TestSession;
  readonly punctual: MemoryViewer;
  readonly late: MemoryViewer;
  /** Number of rects that have been encoded. */
  encoded(): number;
}

/** Two viewers that have the desktop's picture. Only the first requests more. */
async function connectTwo(encodings: readonly number[]): Promise<Room> {
  const session = new TestSession({ size: SIZE });
  const options = { encodings, updates: 'none' } as const;
  const viewers = [await session.connect(options), await session.connect(options)] as const;
  for (const viewer of viewers) {
    viewer.request(false);
    await session.untilShown(viewer);
  }
  await session.quiet();
  const { mock: counter } = mock.method(EncoderPool.prototype, 'encodeRect');
  const [punctual, late] = viewers;
  return {
    session,
    punctual,
    late,
    encoded: () => counter.callCount(),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

async function show(viewer: MemoryViewer, { session }: Room): Promise<void> {
  const before = viewer.updates.length;
  viewer.request();
  await viewer.untilUpdates(before + 1);
  await session.quiet();
}

suite('a viewer that requests a picture later than another', () => {
  afterEach(() => mock.restoreAll());

  for (const [name, encodings, rect] of [
    ['a photograph', JPEG, WHOLE],
    ['a small change without loss', LOSSLESS, { x: 70, y: 80, width: 90, height: 30 }],
  ] as const satisfies readonly (readonly [string, readonly number[], Rect])[]) {
    test(`a viewer that requests ${name} later is sent the rects that were encoded for another`, async () => {
      await using room = await connectTwo(encodings);
      const { session, punctual, late, encoded } = room;
      for (let picture = 0; picture < 2; picture++) {
        const pixels = rect === WHOLE ? PHOTO.map((pixel) => pixel ^ picture) : 0x112233 + picture;
        session.desktop.paint(rect, pixels);
        const before = encoded();
        await show(punctual, room);
        const once = encoded();
        assert.ok(once > before);
        await show(late, room);
        assert.equal(encoded(), once);
        assert.deepEqual(late.screen, punctual.screen);
        assert.deepEqual(late.updates.at(-1)!.rects.length, punctual.updates.at(-1)!.rects.length);
      }
    });
  }

  test('rects beyond the bytes that are kept are encoded again, and show the desktop', async () => {
    await using room = await connectTwo(RAW);
    const { session, punctual, late, encoded } = room;
    session.desktop.paint(WHOLE, PHOTO);
    await show(punctual, room);
    const once = encoded();
    await show(late, room);
    assert.ok(encoded() > once && encoded() < 2 * once, `${once}, then ${encoded()}`);
    assert.equal(session.difference(late), undefined);
  });

  test('rects of an older picture are not sent', async () => {
    await using room = await connectTwo(LOSSLESS);
    const { session, punctual, late } = room;
    const rect = { x: 70, y: 80, width: 90, height: 30 };
    session.desktop.paint(rect, 0xff0000);
    await show(punctual, room);
    session.desktop.paint(rect, 0x00ff00);
    await show(late, room);
    assert.equal(late.pixelAt(75, 85), 0x00ff00);
    assert.equal(session.difference(late), undefined);
  });
});
