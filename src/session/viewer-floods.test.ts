import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTINUOUS, LOSSLESS, type MemoryViewer, OWNER } from '../../test/support/memory-viewer.ts';
import { TestSession } from '../../test/support/test-session.ts';
import type { ClientMessage } from '../protocol/client-messages.ts';
import * as wire from '../protocol/constants.ts';
import { writeClientMessage } from '../protocol/write-client-message.ts';
import { ANSWER_INTERVAL_MS } from './viewer/limited-answers.ts';
import { RESEND_INTERVAL_MS } from './viewer/resend-requests.ts';

const SIZE = { width: 200, height: 120 };
const KASM = [...LOSSLESS, wire.PSEUDO_FENCE, wire.PSEUDO_WEBP];
/**
 * Time until the session ends a viewer that does not read, in milliseconds. The session spends a quarter of its thread
 * on a flood: 32 MiB of answers take some seconds, and more on a busy machine.
 */
const CUT_OFF_LIMIT_MS = 90_000;

const flood = (viewer: MemoryViewer, message: ClientMessage, count: number): void => {
  const bytes = writeClientMessage(message, 'standard');
  viewer.wire.write(Buffer.concat(Array.from({ length: count }, () => bytes)));
};

test('features are announced once, however often a viewer lists them anew', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'none', answersFences: false });
  await viewer.roundTrip();
  for (let i = 0; i < 50; i++) {
    viewer.send({ type: 'setEncodings', encodings: [] });
    viewer.send({ type: 'setEncodings', encodings: [...CONTINUOUS, wire.PSEUDO_DESKWIRE] });
  }
  await viewer.roundTrip();
  assert.equal(viewer.messagesOf('fence').length, 1);
  assert.equal(viewer.messagesOf('endOfContinuousUpdates').length, 1);
  assert.equal(viewer.messagesOf('rights').length, 1);
});

test('thousands of questions for system stats are answered a few times', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ encodings: KASM, updates: 'none' });
  const startMs = performance.now();
  flood(viewer, { type: 'systemStats' }, 5000);
  flood(viewer, { type: 'networkStats' }, 5000);
  flood(viewer, { type: 'requestBottleneckStats' }, 5000);
  await viewer.roundTrip();
  const most = 1 + (performance.now() - startMs) / ANSWER_INTERVAL_MS;
  for (const type of ['systemStats', 'networkStats', 'bottleneckStats'] as const) {
    const answers = viewer.messagesOf(type).length;
    assert.ok(answers >= 1 && answers <= most, `${answers} answers ${type}`);
  }
});

test('every refusal of a size is answered', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ user: { ...OWNER, write: false }, updates: 'none' });
  flood(viewer, { type: 'setDesktopSize', width: 1, height: 1, screens: [] }, 1000);
  await viewer.roundTrip();
  const refused = viewer
    .rectsOf('extendedDesktopSize')
    .filter(({ body }) => body.kind === 'extendedDesktopSize' && body.status === wire.RESIZE_PROHIBITED);
  assert.equal(refused.length, 1000);
});

test('the whole screen asked for a thousand times is sent a few times', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ encodings: LOSSLESS });
  await room.untilShown(viewer);
  await room.quiet();
  const before = viewer.updates.length;
  const startMs = performance.now();
  for (let i = 0; i < 20; i++) {
    flood(viewer, { type: 'updateRequest', incremental: false, x: 0, y: 0, ...SIZE }, 50);
    await viewer.roundTrip();
  }
  const most = 2 + (performance.now() - startMs) / RESEND_INTERVAL_MS;
  const updates = viewer.updates.length - before;
  assert.ok(updates >= 1 && updates <= most, `${updates} updates`);
});

test('one request for a whole large screen is answered with all of it, in several updates', async () => {
  const size = { width: 1000, height: 600 };
  await using room = new TestSession({ size });
  const viewer = await room.connect({ encodings: LOSSLESS, updates: 'none' });
  viewer.request(false);
  await room.untilShown(viewer);
  await room.quiet();
  const before = viewer.updates.length;
  viewer.screen.fill(0x123456);
  viewer.request(false);
  await room.untilShown(viewer);
  assert.ok(viewer.updates.length >= before + 2, `${viewer.updates.length - before} updates`);
});

test('a viewer that asks while an update is being sent to it, and does not read, is ended', async () => {
  await using room = new TestSession({ size: SIZE });
  // A viewer that may write, because its messages are read faster.
  const viewer = await room.connect({ user: OWNER });
  await room.untilShown(viewer);
  let release = (): void => undefined;
  room.desktop.beforeCommit = () => new Promise<void>((resolve) => (release = resolve));
  viewer.wire.stall();
  room.desktop.paint({ x: 0, y: 0, ...SIZE }, 7);
  const payload = new Uint8Array(64);
  const bytes = writeClientMessage({ type: 'fence', flags: wire.FENCE_REQUEST, payload }, 'standard');
  const many = Buffer.concat(Array.from({ length: 5000 }, () => bytes));
  await viewer.until(
    'the end',
    () => {
      if (viewer.wire.isRead) viewer.wire.write(many);
      return viewer.wire.closedReason !== undefined;
    },
    CUT_OFF_LIMIT_MS,
  );
  assert.match(viewer.wire.closedReason ?? '', /does not read/);
  release();
});

test('two texts of 16 MiB on the clipboard end no viewer with plain cut text', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ updates: 'none' });
  await viewer.roundTrip();
  viewer.wire.stall();
  for (let i = 0; i < 20; i++) room.desktop.copyText(`${i}`.repeat(9 << 20).slice(0, 9 << 20));
  for (let i = 0; i < 2; i++) room.desktop.copyText('x'.repeat(16 << 20));
  room.desktop.copyText('newest');
  assert.equal(viewer.wire.isOver, false);
  viewer.wire.resume();
  await viewer.until('the newest text', () => viewer.messagesOf('cutText').at(-1)?.text === 'newest');
  assert.ok(viewer.messagesOf('cutText').length <= 3, 'texts that were replaced are not sent');
});
