import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CONTINUOUS } from '../../test/support/memory-viewer.ts';
import { screenshotRequest as request } from '../../test/support/screenshot-request.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { PictureJob } from '../encode/make/picture.ts';
import { EncoderPool } from '../encode/pool.ts';

const SIZE = { width: 200, height: 120 };

suite('frames beside screenshots', () => {
  test('frames reach the viewers while many screenshots are taken one after the other', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    let taking = true;
    const taker = (async () => {
      while (taking) await room.session.screenshot(request({ format: 'png' }));
    })();
    for (let i = 0; i < 10; i++) {
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, i + 1);
      await room.untilShown(viewer);
    }
    taking = false;
    await taker;
  });

  test('frames continue while a screenshot for two calls is encoded', async (t) => {
    const size = { width: 2400, height: 1800 };
    await using room = new TestSession({ size });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    const webp = request({ format: 'webp' });
    await room.session.screenshot({ ...webp, width: 10 });
    // Other pixels than those of the kept picture, and the same for both calls.
    room.desktop.paint({ x: 0, y: 0, width: 8, height: 8 }, 1);
    await room.untilShown(viewer);
    const read = Promise.withResolvers<void>();
    const frame = Promise.withResolvers<void>();
    const encode = EncoderPool.prototype.encodePicture;
    t.mock.method(
      EncoderPool.prototype,
      'encodePicture',
      async function (this: EncoderPool, job: PictureJob, onRead: () => void) {
        const picture = await encode.call(this, job, () => {
          onRead();
          read.resolve();
        });
        // The frame may be slower than the picture on a busy machine, but must not wait for it.
        await frame.promise;
        return picture;
      },
    );
    const both = Promise.all([room.session.screenshot(webp), room.session.screenshot(webp)]);
    await read.promise;
    room.desktop.paint({ x: 0, y: 0, width: 8, height: 8 }, 2);
    const updates = viewer.updates.length;
    await viewer.untilUpdates(updates + 1);
    frame.resolve();
    await both;
  });

  test('many screenshots of different sizes do not stop the frames of a viewer', async (t) => {
    const size = { width: 1920, height: 1080 };
    await using room = new TestSession({ size });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    let frames = 0;
    const encode = EncoderPool.prototype.encodePicture;
    t.mock.method(
      EncoderPool.prototype,
      'encodePicture',
      async function (this: EncoderPool, job: PictureJob, onRead: () => void) {
        let framesBefore = 0;
        const picture = await encode.call(this, job, () => {
          onRead();
          framesBefore = frames;
        });
        // One frame may have been under way when the pixels were read. The next one must come although other calls
        // wait for a picture.
        await waitFor('a frame beside the picture', () => frames >= framesBefore + 2);
        return picture;
      },
    );
    let isOver = false;
    const shots = Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        room.session.screenshot(request({ format: 'png', width: size.width - i })),
      ),
    ).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const seen = viewer.updates.length;
      room.desktop.paint({ x: 0, y: 0, width: 64, height: 64 }, frames + 1);
      await viewer.untilUpdates(seen + 1);
      frames++;
    }
    assert.equal((await shots).length, 8);
  });
});
