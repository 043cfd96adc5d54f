import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { CONTINUOUS } from '../../../test/support/memory-viewer.ts';
import { TestSession, WatchedDesktop } from '../../../test/support/test-session.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { EncoderPool } from '../../encode/pool.ts';
import { writeClientMessage } from '../../protocol/write-client-message.ts';
import type { FrameConsumers } from './frame-consumers.ts';
import { FrameLoop } from './frame-loop.ts';

const SIZE = { width: 200, height: 120 };
const WAKES = 10_000;

/** Begins to read a fresh picture. Resolves with a function that ends the read. */
function readUntilReleased(loop: FrameLoop): Promise<{ release: () => void }> {
  return new Promise((resolve, reject) => {
    loop
      .readFresh(() => {
        const { promise, resolve: release } = Promise.withResolvers<void>();
        resolve({ release });
        return promise;
      })
      .catch(reject);
  });
}

/** Counts the commits of captures that do not commit at once, from now on. */
function countCommits(desktop: WatchedDesktop): { count: number } {
  const commits = { count: 0 };
  desktop.beforeCommit = () => {
    commits.count++;
  };
  return commits;
}

/** A loop on a desktop of its own, without a viewer; `await using` ends it. */
class LoneLoop implements AsyncDisposable {
  readonly desktop = new WatchedDesktop({ size: SIZE });
  readonly pool = new EncoderPool(this.desktop.frame);
  readonly loop: FrameLoop;
  looks = 0;

  constructor() {
    const consumers: FrameConsumers = {
      watchers: 0,
      users: 1,
      hasForeground: false,
      ready: () => [],
      owed: () => [],
      frameWaits: () => this.looks++,
      changed: () => undefined,
      resized: () => undefined,
      isMoving: () => false,
      isStill: () => false,
      drawnCursor: () => undefined,
    };
    const { desktop, pool } = this;
    this.loop = new FrameLoop({ desktop, pool, consumers, maxFps: 60, log: pino({ level: 'silent' }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.loop.close();
    await this.pool.close();
    await this.desktop.close();
  }
}

suite('the frame loop', () => {
  test('the frame loop looks once per turn of the event loop, however often it is woken', async () => {
    await using lone = new LoneLoop();
    const { loop } = lone;
    await nextTurn();
    const before = lone.looks;
    for (let i = 0; i < WAKES; i++) loop.wake();
    assert.equal(lone.looks, before);
    assert.ok(!loop.isIdle);
    await nextTurn();
    assert.equal(lone.looks, before + 1);
    assert.ok(loop.isIdle);
    loop.close();
    loop.wake();
    await nextTurn();
    assert.equal(lone.looks, before + 1, 'a closed loop does not look');
  });

  test('the frame loop captures while the picture is read, and commits after the last release', async () => {
    await using lone = new LoneLoop();
    const { desktop, loop } = lone;
    const first = await readUntilReleased(loop);
    desktop.paint({ x: 0, y: 0, width: 9, height: 9 }, 0x123456);
    const second = readUntilReleased(loop);
    await waitFor('the capture', () => desktop.captures === 2 && desktop.capturesUnderWay === 0);
    const { version } = loop;
    await nextTurn();
    assert.equal(loop.version, version, 'the picture must not change while it is read');
    first.release();
    (await second).release();
    assert.equal(loop.version, version + 1);
  });

  test('a frame loop that ends refuses a caller whose picture is captured and not committed', async () => {
    await using lone = new LoneLoop();
    const { desktop, loop } = lone;
    const first = await readUntilReleased(loop);
    desktop.paint({ x: 0, y: 0, width: 9, height: 9 }, 0x123456);
    const second = readUntilReleased(loop);
    await waitFor('the capture', () => desktop.captures === 2 && desktop.capturesUnderWay === 0);
    const refused = assert.rejects(second, { code: 'DESKTOP_CLOSED' });
    loop.close();
    await refused;
    first.release();
  });

  test('a frame loop that ends refuses a caller whose picture is being committed', async () => {
    await using lone = new LoneLoop();
    const { desktop, loop } = lone;
    const committing = Promise.withResolvers<void>();
    desktop.beforeCommit = () => {
      committing.resolve();
      return new Promise(() => undefined);
    };
    const first = await readUntilReleased(loop);
    desktop.paint({ x: 0, y: 0, width: 9, height: 9 }, 0x123456);
    const second = readUntilReleased(loop);
    await waitFor('the capture', () => desktop.captures === 2 && desktop.capturesUnderWay === 0);
    first.release();
    await committing.promise;
    const refused = assert.rejects(second, { code: 'DESKTOP_CLOSED' });
    loop.close();
    await refused;
  });

  test('a caller that takes whatever is shown waits while it is written, and keeps the next capture from writing it', async () => {
    await using lone = new LoneLoop();
    const { desktop, loop } = lone;
    await loop.readFresh(async () => undefined);
    desktop.captureMs = 50;
    const { captures } = desktop;
    desktop.paint({ x: 0, y: 0, width: 9, height: 9 }, 0x123456);
    const captured = loop.readFresh(async () => undefined);
    await waitFor('the capture', () => desktop.captures > captures);
    const release = await loop.readShown();
    assert.equal(desktop.capturesUnderWay, 0, 'it committed at once, and so wrote from its beginning');
    await captured;
    desktop.paint({ x: 0, y: 0, width: 9, height: 9 }, 0x654321);
    const commits = countCommits(desktop);
    const next = loop.readFresh(async () => undefined);
    await waitFor(
      'the next capture',
      () => desktop.captures > captures + 1 && desktop.capturesUnderWay === 0,
    );
    assert.equal(commits.count, 0);
    release();
    await next;
    assert.equal(commits.count, 1);
  });

  test('a caller gets the picture beside other readers if the capture for it has found no change', async () => {
    await using lone = new LoneLoop();
    const { desktop, loop } = lone;
    const reader = await readUntilReleased(loop);
    desktop.paint({ x: 5, y: 5, width: 1, height: 1 }, desktop.colourAt(5, 5));
    const { captures } = desktop;
    const other = await readUntilReleased(loop);
    assert.equal(desktop.captures, captures + 1);
    other.release();
    reader.release();
    desktop.paint({ x: 5, y: 5, width: 1, height: 1 }, 0x123456);
    await loop.readFresh(async () => undefined);
  });

  test('a frame loop that has ended refuses callers at once', async () => {
    await using lone = new LoneLoop();
    lone.loop.close();
    const closed = { code: 'DESKTOP_CLOSED' };
    await assert.rejects(
      lone.loop.readFresh(async () => undefined),
      closed,
    );
    await assert.rejects(lone.loop.nextFrame(new AbortController().signal), closed);
    await assert.rejects(lone.loop.readShown(), closed);
  });

  test('ten thousand update requests of viewers that lack nothing neither arm nor cause a capture', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewers = [
      await room.connect(),
      await room.connect({ encodings: CONTINUOUS, updates: 'continuous' }),
    ];
    for (const viewer of viewers) await room.untilShown(viewer);
    await room.quiet();
    let messages = 0;
    const { armCapture } = room.desktop;
    room.desktop.armCapture = (options) => {
      messages++;
      return armCapture.call(room.desktop, options);
    };
    const { captures } = room.desktop;
    const request = writeClientMessage(
      { type: 'updateRequest', incremental: true, x: 0, y: 0, ...SIZE },
      'standard',
    );
    const requests = Buffer.concat(Array.from({ length: WAKES / viewers.length }, () => request));
    for (const viewer of viewers) viewer.wire.write(requests);
    await room.quiet();
    assert.ok(messages <= 2, `${messages} captures were armed`);
    assert.equal(room.desktop.captures, captures);
  });

  test('a frame whose damage comes together with requests is sent', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
    await room.untilShown(viewer);
    await room.quiet();
    const before = viewer.updates.length;
    for (let i = 0; i < 10; i++) viewer.request();
    room.desktop.paint({ x: 3, y: 4, width: 50, height: 60 }, 0x335577);
    for (let i = 0; i < 10; i++) viewer.request();
    await room.quiet();
    assert.equal(room.difference(viewer), undefined);
    assert.equal(viewer.updates.length, before + 1);
  });
});
