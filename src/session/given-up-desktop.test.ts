import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screenshotRequest } from '../../test/support/screenshot-request.ts';
import { TestSession } from '../../test/support/test-session.ts';

const SIZE = { width: 200, height: 120 };
const SCREENSHOT = screenshotRequest({ width: 10, quality: 5, format: 'png' });

test('viewers of a desktop that was given up are closed with a reason, new ones too until it is back', async () => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect();
  await room.untilShown(viewer);
  room.desktop.giveUp();
  await viewer.until('the end', () => viewer.wire.isOver);
  assert.match(viewer.wire.closedReason ?? '', /desktop/);
  const later = await room.connect();
  await later.until('the end', () => later.wire.isOver);
  assert.match(later.wire.closedReason ?? '', /desktop/);
  room.desktop.bringBack();
  await room.untilShown(await room.connect());
});

test('every viewer and every call that needs the desktop asks for it', async () => {
  await using room = new TestSession({ size: SIZE });
  const { session, desktop } = room;
  await room.untilShown(await room.connect());
  for (const ask of [
    () => room.connect(),
    () => session.screenshot(SCREENSHOT),
    () => session.frameStats({ kind: 'none' }),
    () => session.clearClipboard(),
    () => session.isReady(),
  ]) {
    const before = desktop.revivals;
    const asked = ask();
    assert.equal(desktop.revivals, before + 1, String(ask));
    await asked;
  }
});

test('a session is ready while its desktop answers, and never after its end', async () => {
  await using room = new TestSession({ size: SIZE });
  assert.equal(await room.session.isReady(), true);
  assert.equal(room.session.isClosed, false);
  await room.session.close('The end.');
  assert.equal(await room.session.isReady(), false);
  assert.equal(room.session.isClosed, true);
});
