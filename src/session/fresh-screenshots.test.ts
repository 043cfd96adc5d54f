import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import jpegTurbo from '@julusian/jpeg-turbo';
import { CONTINUOUS } from '../../test/support/memory-viewer.ts';
import { screenshotRequest as request } from '../../test/support/screenshot-request.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { Picture, PictureJob } from '../encode/make/picture.ts';
import { EncoderPool } from '../encode/pool.ts';
import type { Screenshot } from './session.ts';

const SIZE = { width: 200, height: 120 };

/** The colour at a place of a JPEG, 0xrrggbb, to the nearest 16. */
function colourAt({ bytes, width }: Screenshot, x: number, y: number): number {
  const { data } = jpegTurbo.decompressSync(Buffer.from(bytes), { format: jpegTurbo.FORMAT_RGBX });
  const near = (channel: number): number => Math.round(data[(y * width + x) * 4 + channel]! / 16) * 16;
  return (near(0) << 16) | (near(1) << 8) | near(2);
}

suite('how fresh a screenshot is', () => {
  test('a screenshot of a screen that stands still needs no capture, with or without a viewer', async () => {
    await using room = new TestSession({ size: SIZE });
    await room.session.screenshot(request());
    const { captures } = room.desktop;
    for (const width of [200, 100, 200]) await room.session.screenshot(request({ width }));
    assert.equal(room.desktop.captures, captures);
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    await room.quiet();
    const watched = room.desktop.captures;
    for (const width of [200, 50, 50]) await room.session.screenshot(request({ width }));
    assert.equal(room.desktop.captures, watched);
    // The viewer is still sent what is drawn next.
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x4080c0);
    await room.untilShown(viewer);
  });

  test('a kept screenshot is not given to a caller who came after something was drawn', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    for (let i = 1; i < 30; i++) {
      await room.session.screenshot(request());
      if (i % 3 === 0) await room.quiet();
      const colour = (i * 8) << ((i % 3) * 8);
      // Nothing has reported the drawing yet when the call comes.
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, colour);
      const near = colourAt(await room.session.screenshot(request()), 100, 60);
      for (const shift of [0, 8, 16])
        assert.ok(Math.abs(((near >> shift) & 255) - ((colour >> shift) & 255)) <= 16, `drawing ${i}`);
    }
  });

  test('no frame waits for a busy picture thread, and a screenshot then has what is shown when the thread is free', async (t) => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    const thread = Promise.withResolvers<void>();
    t.mock.method(EncoderPool.prototype, 'startPictureThread', () => thread.promise);
    await room.quiet();
    const { captures } = room.desktop;
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x400000);
    const shot = room.session.screenshot(request());
    await waitFor('the capture', () => room.desktop.captures > captures);
    await room.untilShown(viewer);
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x004000);
    await room.untilShown(viewer);
    thread.resolve();
    assert.equal(colourAt(await shot, 100, 60), 0x004000, 'what is shown when the thread is free');
  });

  test('a screenshot that waits is captured while another one is being encoded', async (t) => {
    await using room = new TestSession({ size: SIZE });
    await room.session.screenshot(request({ width: 10 }));
    const isRead = Promise.withResolvers<void>();
    const isCaptured = Promise.withResolvers<void>();
    const encode = EncoderPool.prototype.encodePicture;
    const mocked = async function (this: EncoderPool, job: PictureJob, onRead: () => void): Promise<Picture> {
      const picture = await encode.call(this, job, () => {
        onRead();
        isRead.resolve();
      });
      await isCaptured.promise;
      return picture;
    };
    t.mock.method(EncoderPool.prototype, 'encodePicture', mocked);
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x400000);
    const first = room.session.screenshot(request());
    await isRead.promise;
    const { captures } = room.desktop;
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x004000);
    const second = room.session.screenshot(request());
    await waitFor('the capture', () => room.desktop.captures > captures);
    isCaptured.resolve();
    assert.equal(colourAt(await first, 100, 60), 0x400000);
    assert.equal(colourAt(await second, 100, 60), 0x004000);
  });

  test('requests that come before the capture for another one share its picture, also on a screen that moves', async (t) => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    await room.session.screenshot(request({ width: 10 }));
    await room.quiet();
    const encode = EncoderPool.prototype.encodePicture;
    let pictures = 0;
    t.mock.method(
      EncoderPool.prototype,
      'encodePicture',
      async function (this: EncoderPool, job: PictureJob, onRead: () => void) {
        const picture = await encode.call(this, job, onRead);
        room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0xabcdef - pictures++);
        return picture;
      },
    );
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x123456);
    const first = room.session.screenshot(request());
    await Promise.resolve();
    const second = room.session.screenshot(request());
    assert.equal((await first).bytes, (await second).bytes);
    assert.equal(pictures, 1);
  });
});
