import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type DestinationStream, type Logger, pino } from 'pino';
import { least, withSlack } from '../../test/support/limits.ts';
import { CONTINUOUS } from '../../test/support/memory-viewer.ts';
import { screenshotRequest } from '../../test/support/screenshot-request.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';

const SIZE = { width: 200, height: 120 };
const PART = { x: 20, y: 30, width: 40, height: 50 };
const STREAMING = { encodings: CONTINUOUS, updates: 'continuous' } as const;
const SCREENSHOT = screenshotRequest({ width: 10, quality: 5, format: 'png' });

interface LogLine {
  readonly level: number;
  readonly msg: string;
}

/** A log, and its lines about captures. */
function createKeptLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const stream: DestinationStream = {
    write: (line) => {
      const entry = JSON.parse(line) as LogLine;
      if (/capture/i.test(entry.msg)) lines.push(entry);
    },
  };
  return { log: pino({ level: 'info' }, stream), lines };
}

suite('while every capture of the screen fails', { concurrency: true }, () => {
  test('failing captures are retried less and less often, and failure and recovery are logged once', async () => {
    const { log, lines } = createKeptLog();
    await using room = new TestSession({ size: SIZE, log });
    const viewer = await room.connect(STREAMING);
    await room.untilShown(viewer);
    const before = room.desktop.captures;
    room.desktop.failCaptures = Number.POSITIVE_INFINITY;
    const startMs = performance.now();
    room.desktop.paint(PART, 0xfedcba);
    await waitFor('a second', () => performance.now() - startMs > 1000);
    const tries = room.desktop.captures - before;
    assert.ok(tries >= 2 && tries <= 8, `${tries} captures within a second`);
    assert.deepEqual(
      lines.map(({ level }) => level),
      [40],
    );
    room.desktop.failCaptures = 0;
    await room.untilShown(viewer);
    assert.deepEqual(
      lines.map(({ level }) => level),
      [40, 30],
    );
  });

  test('captures that fail again after the display came back are logged again', async () => {
    const { log, lines } = createKeptLog();
    await using room = new TestSession({ size: SIZE, log });
    const viewer = await room.connect(STREAMING);
    await room.untilShown(viewer);
    room.desktop.failCaptures = Number.POSITIVE_INFINITY;
    room.desktop.paint(PART, 0xfedcba);
    await waitFor('the first warning', () => lines.length === 1);
    room.desktop.lose();
    room.desktop.bringBack();
    await waitFor('the second warning', () => lines.length === 2);
    assert.deepEqual(
      lines.map(({ level }) => level),
      [40, 40],
    );
  });

  test('while captures fail, a screenshot and frame statistics are refused, and a full frame is queued', async () => {
    await using room = new TestSession({ size: SIZE });
    await room.connect(STREAMING);
    room.desktop.failCaptures = Number.POSITIVE_INFINITY;
    // A screenshot of an unchanged screen needs no capture.
    room.desktop.paint(PART, 0xfedcba);
    const startMs = performance.now();
    await Promise.all([
      assert.rejects(room.session.frameStats({ kind: 'none' }), { name: 'DesktopError' }),
      assert.rejects(room.session.screenshot(SCREENSHOT), { code: 'DESKTOP_CAPTURE_FAILED' }),
      room.session.sendFullFrame(),
    ]);
    assert.ok(performance.now() - startMs < withSlack(5_000));
  });

  test('the first capture after the display came back does not wait for a retry', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect(STREAMING);
    await room.untilShown(viewer);
    await least(withSlack(200), async (round) => {
      room.desktop.failCaptures = Number.POSITIVE_INFINITY;
      room.desktop.paint(PART, 0xfedcba - round);
      const before = room.desktop.captures;
      // The next retry is due 1.6 s after the sixth failure.
      await waitFor('six failures', () => room.desktop.captures >= before + 6);
      room.desktop.failCaptures = 0;
      const startMs = performance.now();
      room.desktop.lose();
      room.desktop.bringBack();
      await room.untilShown(viewer);
      return performance.now() - startMs;
    });
  });
});

suite('while the desktop does not answer', { concurrency: true }, () => {
  test('a screenshot and frame statistics are refused within a limit if the desktop does not answer', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect(STREAMING);
    await room.untilShown(viewer);
    room.desktop.capture = () => new Promise(() => undefined);
    room.desktop.armCapture = () => undefined;
    // A screenshot of an unchanged screen needs no capture.
    room.desktop.paint(PART, 0xfedcba);
    const startMs = performance.now();
    await Promise.all([
      assert.rejects(room.session.frameStats({ kind: 'none' }), { code: 'DESKTOP_TIMEOUT' }),
      assert.rejects(room.session.screenshot(SCREENSHOT), { code: 'DESKTOP_TIMEOUT' }),
    ]);
    assert.ok(performance.now() - startMs < withSlack(10_000));
  });

  test('a screenshot of an unchanged screen does not wait for ever for a capture that began meanwhile', async () => {
    await using room = new TestSession({ size: SIZE });
    const viewer = await room.connect(STREAMING);
    await room.untilShown(viewer);
    room.desktop.capture = () => new Promise(() => undefined);
    room.desktop.armCapture = () => undefined;
    const startMs = performance.now();
    const outcomes = await Promise.allSettled([
      room.session.frameStats({ kind: 'none' }),
      room.session.screenshot(SCREENSHOT),
      room.session.screenshot({ ...SCREENSHOT, width: 20 }),
    ]);
    assert.equal(outcomes[0].status, 'rejected');
    assert.ok(performance.now() - startMs < withSlack(10_000));
  });

  test('clearing the clipboard is refused within a limit if the desktop does not answer', async () => {
    await using room = new TestSession({ size: SIZE });
    room.desktop.setClipboard = () => new Promise(() => undefined);
    await assert.rejects(room.session.clearClipboard(), { code: 'DESKTOP_TIMEOUT' });
  });
});
