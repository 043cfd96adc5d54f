import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { shownPixels } from '../../pixels/shared-frame.ts';
import { SyntheticDesktop } from './synthetic-desktop.ts';

const SIZE = { width: 200, height: 100 };

function shownColour(desktop: SyntheticDesktop, x: number, y: number): number {
  const pixels = shownPixels(desktop.frame, desktop.size);
  const at = (y * desktop.size.width + x) * 4;
  return pixels[at]! | (pixels[at + 1]! << 8) | (pixels[at + 2]! << 16);
}

test('the first capture contains everything, and the next only what was painted since', async () => {
  const desktop = new SyntheticDesktop({ size: SIZE, colour: 0x336699 });
  await once(desktop, 'damage');
  const first = await desktop.capture();
  assert.equal(first.changed.areaPx, SIZE.width * SIZE.height);
  assert.equal(first.resized, false);
  await desktop.commit();
  assert.equal(shownColour(desktop, 199, 99), 0x336699);

  const damaged = once(desktop, 'damage');
  desktop.paint({ x: 70, y: 10, width: 3, height: 2 }, 0xff0000);
  await damaged;
  const second = await desktop.capture();
  assert.deepEqual(second.changed.rects(SIZE.width), [{ x: 70, y: 10, width: 3, height: 2 }]);
  assert.equal(shownColour(desktop, 70, 10), 0x336699, 'the shown picture changes at the commit');
  await desktop.commit();
  assert.equal(shownColour(desktop, 72, 11), 0xff0000);
});

test('painting the same pixels again is damage without a change', async () => {
  const desktop = new SyntheticDesktop({ size: SIZE });
  await desktop.capture({ commitAtOnce: true });
  desktop.paint({ x: 0, y: 0, width: 100, height: 100 }, 0);
  assert.equal((await desktop.capture()).changed.isEmpty, true);
});

test('damage is reported once between two captures', async () => {
  const desktop = new SyntheticDesktop({ size: SIZE });
  await once(desktop, 'damage');
  let told = 0;
  desktop.on('damage', () => told++);
  await desktop.capture({ commitAtOnce: true });
  for (let i = 1; i < 5; i++) desktop.paint({ x: i, y: 0, width: 1, height: 1 }, i);
  await Promise.resolve();
  assert.equal(told, 1);
  await desktop.capture({ commitAtOnce: true });
  desktop.paint({ x: 1, y: 0, width: 1, height: 1 }, 9);
  await Promise.resolve();
  assert.equal(told, 2);
});

test('changes that were not committed are captured again', async () => {
  const desktop = new SyntheticDesktop({ size: SIZE });
  await desktop.capture({ commitAtOnce: true });
  desktop.paint({ x: 5, y: 5, width: 2, height: 2 }, 0xff);
  await desktop.capture();
  const again = await desktop.capture();
  assert.deepEqual(again.changed.rects(SIZE.width), [{ x: 5, y: 5, width: 2, height: 2 }]);
});

test('a resize keeps the picture, marks everything as changed, and takes effect at the commit', async () => {
  const desktop = new SyntheticDesktop({
    size: SIZE,
    maxSize: { width: 300, height: 300 },
    colour: 0x112233,
  });
  await desktop.capture({ commitAtOnce: true });
  assert.deepEqual(await desktop.resize({ width: 9999, height: 77 }), { width: 300, height: 77 });
  assert.deepEqual(desktop.size, SIZE);
  const capture = await desktop.capture();
  assert.equal(capture.resized, true);
  assert.equal(capture.changed.areaPx, 300 * 77);
  await desktop.commit();
  assert.deepEqual(desktop.size, { width: 300, height: 77 });
  assert.equal(shownColour(desktop, 199, 76), 0x112233);
  assert.equal(shownColour(desktop, 200, 76), 0);
});

test('scroll moves rows of pixels up', async () => {
  const desktop = new SyntheticDesktop({ size: SIZE });
  desktop.paint({ x: 0, y: 20, width: 200, height: 1 }, 0xabcdef);
  desktop.scroll({ x: 0, y: 0, width: 200, height: 100 }, 16);
  assert.equal(desktop.colourAt(100, 4), 0xabcdef);
});

test('a desktop that is lost or closed refuses its calls with their codes', async () => {
  const desktop = new SyntheticDesktop({ size: SIZE });
  await desktop.capture({ commitAtOnce: true });
  desktop.lose();
  await assert.rejects(desktop.capture(), { code: 'DESKTOP_LOST' });
  desktop.bringBack();
  assert.equal((await desktop.capture()).changed.areaPx, SIZE.width * SIZE.height);
  await desktop.close();
  await assert.rejects(desktop.capture(), { code: 'DESKTOP_CLOSED' });
  await assert.rejects(desktop.commit(), { code: 'DESKTOP_CLOSED' });
});
