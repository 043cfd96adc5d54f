import assert from 'node:assert/strict';
import { mock, suite, test } from 'node:test';
import jpegTurbo from '@julusian/jpeg-turbo';
import { CONTINUOUS } from '../../test/support/memory-viewer.ts';
import { screenshotRequest as request } from '../../test/support/screenshot-request.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { ArmOptions, CaptureOptions, Desktop } from '../desktop/desktop.ts';
import { DesktopError } from '../desktop/errors.ts';
import type { Picture, PictureJob } from '../encode/make/picture.ts';
import { EncoderPool } from '../encode/pool.ts';
import type { FrameLoop } from './frame/frame-loop.ts';
import type { Fresh } from './frame/phase.ts';
import { COPY_LIMIT_MS, MOST_WAITING, Screenshots, WAIT_LIMIT_MS } from './screenshots.ts';
import type { Screenshot } from './session.ts';

const SIZE = { width: 200, height: 120 };

/** The colour at a place of a JPEG, 0xrrggbb, to the nearest 16. */
function colourAt({ bytes, width }: Screenshot, x: number, y: number): number {
  const { data } = jpegTurbo.decompressSync(Buffer.from(bytes), { format: jpegTurbo.FORMAT_RGBX });
  const near = (channel: number): number => Math.round(data[(y * width + x) * 4 + channel]! / 16) * 16;
  return (near(0) << 16) | (near(1) << 8) | near(2);
}

suite('a screenshot', () => {
  test('a screenshot shows what was painted just before its request', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    for (let i = 1; i < 15; i++) {
      const colour = (i * 16) << ((i % 3) * 8);
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, colour);
      assert.equal(colourAt(await room.session.screenshot(request()), 100, 60), colour);
      if (i % 4 === 0) await room.quiet();
    }
  });

  test('a screenshot that is requested during a capture shows the next capture', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    room.desktop.captureMs = 60;
    for (const colour of [0x800000, 0x008000, 0x000080]) {
      const before = room.desktop.captures;
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, colour ^ 0x404040);
      await waitFor('a capture', () => room.desktop.captures > before);
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, colour);
      assert.equal(colourAt(await room.session.screenshot(request()), 9, 9), colour);
    }
  });

  test('a screenshot reads the picture only while no capture is armed or writes it', async (t) => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    const { desktop } = room;
    const arm = desktop.armCapture.bind(desktop);
    let mayWrite = false;
    t.mock.method(desktop, 'armCapture', (options: ArmOptions) => {
      const armed = arm(options);
      if (!armed) return undefined;
      mayWrite = true;
      void armed.captured.finally(() => {
        mayWrite = false;
      });
      const callOff = (): boolean => {
        const isOff = armed.callOff();
        if (isOff) mayWrite = false;
        return isOff;
      };
      return {
        captured: armed.captured,
        get hasBegun() {
          return armed.hasBegun;
        },
        get damagedAtMs() {
          return armed.damagedAtMs;
        },
        callOff,
      };
    });
    const capture = desktop.capture.bind(desktop);
    t.mock.method(desktop, 'capture', async (options: CaptureOptions) => {
      mayWrite = options.commitAtOnce === true;
      try {
        return await capture(options);
      } finally {
        mayWrite = false;
      }
    });
    const reads: boolean[] = [];
    const encode = EncoderPool.prototype.encodePicture;
    t.mock.method(
      EncoderPool.prototype,
      'encodePicture',
      function (this: EncoderPool, job: PictureJob, onRead: () => void) {
        reads.push(mayWrite);
        return encode.call(this, job, onRead);
      },
    );
    const shot = (width: number): Promise<Screenshot> => room.session.screenshot(request({ width }));
    for (const captureMs of [0, 60]) {
      desktop.captureMs = captureMs;
      desktop.paint({ x: 0, y: 0, ...SIZE }, 0x112233 + captureMs);
      await shot(64);
      await room.quiet();
      const before = reads.length;
      const captured = desktop.captures;
      desktop.paint({ x: 0, y: 0, width: 2, height: 2 }, 0x445566 + captureMs);
      const first = shot(32);
      await waitFor('a capture', () => desktop.captures > captured);
      const others = [shot(64), shot(48 + captureMs)];
      await waitFor('the first picture', () => reads.length > before);
      if (captureMs > 0) desktop.paint({ x: 0, y: 0, width: 1, height: 1 }, 0xff);
      await Promise.all([first, ...others]);
      await room.quiet();
    }
    assert.ok(reads.length >= 5);
    assert.ok(!reads.includes(true), String(reads));
  });

  test('a screenshot needs no viewer', async () => {
    await using room = new TestSession({ size: SIZE });
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x208040);
    const { width, height, bytes } = await room.session.screenshot(request());
    assert.deepEqual([width, height], [200, 120]);
    assert.ok(bytes.length > 100);
  });

  test('a screenshot of an unchanged screen is made once for equal requests', async () => {
    await using room = new TestSession({ size: SIZE });
    const [a, b] = await Promise.all([
      room.session.screenshot(request()),
      room.session.screenshot(request()),
    ]);
    assert.equal(a.bytes, b.bytes);
    assert.equal((await room.session.screenshot(request())).bytes, a.bytes);
    assert.notEqual((await room.session.screenshot(request({ quality: 3 }))).tag, a.tag);
    room.desktop.paint({ x: 0, y: 0, width: 50, height: 50 }, 0xff0000);
    const changed = await room.session.screenshot(request());
    assert.notEqual(changed.tag, a.tag);
    room.desktop.paint({ x: 0, y: 0, width: 50, height: 50 }, 0x404040);
    assert.equal((await room.session.screenshot(request())).tag, a.tag, 'the same picture again');
  });

  test('a screenshot shows the part of its crop that is inside the screen', async () => {
    await using room = new TestSession({ size: SIZE });
    room.desktop.paint({ x: 150, y: 100, width: 50, height: 20 }, 0xf00000);
    const crop = { x: 160, y: 104, width: 400, height: 400 };
    const picture = await room.session.screenshot(request({ crop }));
    assert.deepEqual([picture.width, picture.height], [40, 16]);
    assert.equal(colourAt(picture, 20, 8), 0xf00000);
  });

  test('a screenshot of a crop outside the screen is refused, and disturbs no other caller or viewer', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect();
    await room.untilShown(viewer);
    const outside = request({ crop: { x: 200, y: 0, width: 10, height: 10 } });
    const [bad, good] = await Promise.allSettled([
      room.session.screenshot(outside),
      room.session.screenshot(request()),
    ]);
    assert.ok(bad.status === 'rejected');
    assert.equal(bad.reason.code, 'SESSION_BAD_CROP');
    assert.equal(good.status, 'fulfilled');
    for (let i = 0; i < 5; i++) {
      room.desktop.paint({ x: 0, y: 0, ...SIZE }, i + 1);
      await room.untilShown(viewer);
    }
  });

  test('a screenshot shows the pointer only on request', async () => {
    await using room = new TestSession({ size: SIZE });
    room.desktop.showCursor({
      width: 16,
      height: 16,
      hotX: 8,
      hotY: 8,
      pixels: new Uint8Array(16 * 16 * 4).fill(255),
    });
    room.desktop.input.movePointer(100, 60);
    const [without, drawn] = [
      await room.session.screenshot(request()),
      await room.session.screenshot(request({ cursor: true })),
    ];
    assert.equal(colourAt(without, 100, 60), 0x404040);
    assert.ok(colourAt(drawn, 100, 60) > 0xf00000);
    room.desktop.input.movePointer(20, 20);
    const moved = await room.session.screenshot(request({ cursor: true }));
    assert.equal(colourAt(moved, 100, 60), 0x404040);
    assert.ok(colourAt(moved, 20, 20) > 0xf00000);
  });
});

suite('many screenshots at once', () => {
  test('equal requests for screenshots share one picture', async (t) => {
    await using room = new TestSession({ size: SIZE });
    const encode = t.mock.method(EncoderPool.prototype, 'encodePicture');
    const first = room.session.screenshot(request({ width: 20 }));
    const same = Array.from({ length: 30 }, () => room.session.screenshot(request()));
    await first;
    const shots = await Promise.all(same);
    assert.equal(new Set(shots.map(({ bytes }) => bytes)).size, 1);
    assert.equal(encode.mock.callCount(), 2);
  });

  test('the number of waiting screenshots has a limit, and one more is refused', async () => {
    await using room = new TestSession({ size: SIZE });
    const shots = Array.from({ length: MOST_WAITING }, (_, i) =>
      room.session.screenshot(request({ width: 200 - i })),
    );
    await assert.rejects(room.session.screenshot(request()), { code: 'SESSION_SCREENSHOTS_BUSY' });
    await Promise.all(shots);
    assert.equal((await room.session.screenshot(request())).width, 200);
  });
});

/** A desktop without a pointer. */
const DESKTOP = { size: SIZE, pointerPosition: async () => ({ x: 0, y: 0 }) } as Desktop;

suite('a screenshot of a picture thread in trouble', () => {
  test('screenshots of a desktop that does not answer are refused although the picture thread has not started', async () => {
    const desktop = {
      size: SIZE,
      pointerPosition: () => Promise.reject(new DesktopError('DESKTOP_TIMEOUT')),
    };
    const pool = { startPictureThread: () => new Promise(() => undefined) };
    const screenshots = new Screenshots(
      desktop as Partial<Desktop> as Desktop,
      { readFresh: () => new Promise(() => undefined) } as Partial<FrameLoop> as FrameLoop,
      pool as unknown as EncoderPool,
      { of: () => undefined },
    );
    await assert.rejects(screenshots.take(request()), { code: 'DESKTOP_TIMEOUT' });
  });

  /** A loop that is always at the same picture, and a thread that answers when the test lets it. */
  function parts() {
    const made = Promise.withResolvers<Picture>();
    let onRead: () => void = () => undefined;
    const released = mock.fn();
    const pool = {
      startPictureThread: () => undefined,
      encodePicture: (_job: PictureJob, read: () => void) => {
        onRead = read;
        return made.promise;
      },
    };
    let now = 0;
    const loop = {
      version: 1,
      isCurrent: async () => true,
      readFresh: (read: (fresh: Fresh) => Promise<void>) => read({ release: released, asOfMs: now }),
    };
    const screenshots = new Screenshots(
      DESKTOP,
      loop as unknown as FrameLoop,
      pool as unknown as EncoderPool,
      { of: () => undefined },
      () => now,
    );
    const picture = { bytes: new Uint8Array(3), tag: 'x' };
    return {
      screenshots,
      released,
      answer: (): void => {
        onRead();
        made.resolve(picture);
      },
      pass: (ms: number) => {
        now += ms;
      },
    };
  }

  test('when the desktop does not answer, all waiting screenshots are refused, also those that came later', async () => {
    const failed = Promise.withResolvers<never>();
    const loop = { version: 1, readFresh: () => failed.promise };
    const pool = { startPictureThread: () => undefined };
    const screenshots = new Screenshots(
      DESKTOP,
      loop as unknown as FrameLoop,
      pool as unknown as EncoderPool,
      { of: () => undefined },
    );
    const first = assert.rejects(screenshots.take(request()), { code: 'DESKTOP_TIMEOUT' });
    await turns(3);
    const second = assert.rejects(screenshots.take(request()), { code: 'DESKTOP_TIMEOUT' });
    failed.reject(new DesktopError('DESKTOP_TIMEOUT'));
    await Promise.all([first, second]);
  });

  test('a screenshot whose thread hangs releases the picture after a limit, and fails', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { screenshots, released, answer } = parts();
    const shot = screenshots.take(request());
    for (let i = 0; i < 30; i++) await undefined;
    t.mock.timers.tick(COPY_LIMIT_MS - 1);
    assert.equal(released.mock.callCount(), 0);
    t.mock.timers.tick(1);
    assert.equal(released.mock.callCount(), 1);
    answer();
    await assert.rejects(shot, { code: 'SESSION_SCREENSHOT_FAILED' });
  });

  test('a screenshot that has waited for too long is refused', async () => {
    const { screenshots, answer, pass } = parts();
    const first = screenshots.take(request());
    const other = screenshots.take(request({ width: 10 }));
    for (let i = 0; i < 30; i++) await undefined;
    pass(WAIT_LIMIT_MS + 1);
    answer();
    assert.equal((await first).tag, 'x');
    await assert.rejects(other, { code: 'SESSION_SCREENSHOTS_BUSY' });
  });
});

/** Lets that many turns of the event loop go by. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

suite('a desktop that is lost', () => {
  test('a lost desktop refuses screenshots until it is back, and then every viewer sees it again', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewers = [
      await room.connect(),
      await room.connect({ encodings: CONTINUOUS, updates: 'continuous' }),
    ];
    for (const viewer of viewers) await room.untilShown(viewer);
    room.desktop.lose();
    await assert.rejects(room.session.screenshot(request()), { code: 'DESKTOP_LOST' });
    await assert.rejects(room.session.screenshot(request({ cursor: true })), { code: 'DESKTOP_LOST' });
    room.desktop.paint({ x: 0, y: 0, ...SIZE }, 0x654321);
    viewers[0]!.request(false);
    await viewers[0]!.roundTrip();
    room.desktop.bringBack();
    for (const viewer of viewers) await room.untilShown(viewer);
    assert.equal((await room.session.screenshot(request())).width, 200);
  });

  test('a desktop that was lost during captures and commits is shown to every viewer when it is back', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    for (let i = 0; i < 25; i++) {
      room.desktop.captureMs = (i * 7) % 20;
      const before = room.desktop.captures;
      room.desktop.paint({ x: i, y: i, width: 100, height: 80 }, i * 70_001 + 1);
      const waiting = room.session.screenshot(request()).catch(() => undefined);
      if (i % 2 === 0) await waitFor('a capture', () => room.desktop.captures > before);
      await turns((i * 5) % 23);
      room.desktop.lose();
      await turns(i % 3);
      room.desktop.bringBack();
      await waiting;
    }
    await room.untilShown(viewer);
  });
});
