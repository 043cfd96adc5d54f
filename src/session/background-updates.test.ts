import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { BGR233, RGB565 } from '../../test/support/pixel-formats.ts';
import { settle, TestSession, turns } from '../../test/support/test-session.ts';
import { Patience, waitFor } from '../../test/support/wait-for.ts';
import type { Method } from '../encode/plan/plan-rects.ts';
import { EncoderPool } from '../encode/pool.ts';
import { TILE_SIZE, tileCount, tilesAcross } from '../pixels/dirty-tiles.ts';
import * as wire from '../protocol/constants.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../protocol/pixel-format.ts';
import { MOST_UPDATES } from './frame/background-encoding.ts';

/** Five rects with ZRLE. More take more frames, each of which waits for a busy machine several times. */
const SIZE = { width: 640, height: 320 };
const WHOLE = { x: 0, y: 0, ...SIZE };
const GUEST = { name: 'guest', read: true, write: false, owner: false };
/** Rects of the least work for this size, with the one that is being encoded when a frame begins to wait. */
const MOST_RECTS_MORE = 3;
/** Time until a frame has come, in milliseconds. */
const LIMIT_MS = 15_000;
/** Time that a capture takes in which no update may begin, in milliseconds. */
const CAPTURE_MS = 500;

/** Has each rect of a method wait, before it is encoded, until it is let go. */
class HeldRects {
  readonly #held: (() => void)[] = [];
  #isOver = false;

  constructor(method: Method['name']) {
    const held = this.#held;
    const isHeld = (): boolean => !this.#isOver;
    const encodeRect = EncoderPool.prototype.encodeRect;
    mock.method(EncoderPool.prototype, 'encodeRect', function encode(this: EncoderPool, job) {
      const isPixel = job.rect.width * job.rect.height === 1;
      if (job.method.name !== method || isPixel || !isHeld()) return encodeRect.call(this, job);
      return new Promise<void>((resolve) => held.push(resolve)).then(() => encodeRect.call(this, job));
    } satisfies EncoderPool['encodeRect']);
  }

  get count(): number {
    return this.#held.length;
  }

  /** Lets one rect after the other go until the condition holds. Resolves with their number. */
  async letGoUntil(condition: () => boolean): Promise<number> {
    let rects = 0;
    const patience = new Patience(LIMIT_MS);
    // A pause leaves the processor to the encoder threads.
    for (; !condition(); await sleep(1)) {
      assert.ok(!patience.isOver(), `nothing has come after ${rects} rects`);
      const letGo = this.#held.shift();
      letGo?.();
      if (letGo) rects++;
    }
    return rects;
  }

  /** Holds no more rects. */
  end(): void {
    this.#isOver = true;
    for (const letGo of this.#held.splice(0)) letGo();
  }
}

/** Whether updates of the viewer, from this one on, have brought every tile. */
function hasAll(viewer: MemoryViewer, from: number): boolean {
  const tiles = new Set<number>();
  const across = tilesAcross(SIZE.width);
  for (const { rects } of viewer.updates.slice(from))
    for (const { x, y, width, height } of rects) {
      // One pixel stands in for a rect that was postponed.
      if (width * height === 1) continue;
      for (let tileY = Math.floor(y / TILE_SIZE); tileY * TILE_SIZE < y + height; tileY++)
        for (let tileX = Math.floor(x / TILE_SIZE); tileX * TILE_SIZE < x + width; tileX++)
          tiles.add(tileY * across + tileX);
    }
  return tiles.size === tileCount(SIZE);
}

for (const { name, user, formats } of [
  { name: 'a viewer with ZRLE of another user', user: GUEST, formats: [SERVER_PIXEL_FORMAT] },
  { name: 'a viewer with ZRLE of the same user', user: OWNER, formats: [SERVER_PIXEL_FORMAT] },
  {
    name: 'three viewers with ZRLE in different formats',
    user: GUEST,
    formats: [SERVER_PIXEL_FORMAT, RGB565, BGR233],
  },
] satisfies { name: string; user: typeof OWNER; formats: readonly PixelFormat[] }[]) {
  test(`frames do not wait for the picture of ${name}, which is sent part by part and exact at last`, async (t) => {
    t.after(() => mock.restoreAll());
    await using room = new TestSession({ size: SIZE });
    const watcher = await room.connect({ encodings: LOSSLESS });
    await room.untilShown(watcher);
    const older: MemoryViewer[] = [];
    for (const format of formats) {
      const viewer = await room.connect({ user, encodings: [wire.ENCODING_ZRLE], format });
      await room.untilShown(viewer, format);
      older.push(viewer);
    }
    await room.quiet();
    const held = new HeldRects('zrle');
    const from = older.map(({ updates }) => updates.length);
    const mostFrames = (MOST_UPDATES + 1) * formats.length;
    let commits = 0;
    room.desktop.beforeCommit = () => {
      commits++;
    };
    let frames = 0;
    for (; !older.every((viewer, i) => hasAll(viewer, from[i]!)); frames++) {
      assert.ok(frames <= mostFrames, `a part of the picture was not sent within ${frames} frames`);
      const { captures } = room.desktop;
      const { length } = watcher.updates;
      const committed = commits;
      room.desktop.paint(WHOLE, 0x100000 + 0x10203 * frames);
      await waitFor(
        'the capture',
        () => room.desktop.captures > captures && room.desktop.capturesUnderWay === 0,
      );
      const hasCome = (): boolean => watcher.updates.length > length;
      // The picture is written at once if nothing reads it.
      const rects = await held.letGoUntil(() => commits > committed || hasCome());
      await waitFor('the frame', hasCome);
      assert.ok(rects <= MOST_RECTS_MORE, `frame ${frames} waited for ${rects} rects`);
      await waitFor('work in the background', () => held.count > 0);
    }
    held.end();
    for (const [i, viewer] of older.entries()) await room.untilShown(viewer, formats[i]!);
    await room.untilShown(watcher);
  });
}

test('no update with ZRLE begins while a frame waits for the picture', async (t) => {
  t.after(() => mock.restoreAll());
  await using room = new TestSession({ size: SIZE });
  const watcher = await room.connect({ encodings: LOSSLESS });
  const older = await room.connect({ user: GUEST, encodings: [wire.ENCODING_ZRLE], updates: 'none' });
  older.request();
  await room.untilShown(watcher);
  await room.untilShown(older);
  await room.quiet();
  const tight = new HeldRects('lossless');
  room.desktop.paint(WHOLE, 0x123456);
  await waitFor('an update that reads the picture', () => tight.count > 0);
  const zrle = new HeldRects('zrle');
  room.desktop.captureMs = CAPTURE_MS;
  room.desktop.paint(WHOLE, 0x654321);
  // The next capture is due, so that it goes before an update.
  await settle();
  older.request();
  await waitFor('the capture', () => room.desktop.capturesUnderWay > 0);
  await turns(3);
  assert.equal(zrle.count, 0);
  tight.end();
  await waitFor('work in the background', () => zrle.count > 0);
  zrle.end();
  await older.untilUpdates(2);
});

test('viewers with ZRLE are sent each picture whole if no viewer with Tight watches', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ encodings: [wire.ENCODING_ZRLE] });
  await room.untilShown(viewer);
  await room.quiet();
  const { length } = viewer.updates;
  room.desktop.paint(WHOLE, 0x123456);
  await viewer.untilUpdates(length + 1);
  assert.ok(hasAll(viewer, length));
});
