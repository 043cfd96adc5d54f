import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startForeignXServer } from '../test/support/foreign-x-server.ts';
import { Canvas } from './painter/canvas.ts';
import { createPicture } from './painter/picture.ts';
import { readUsage } from './process-usage.ts';

test("pictures that the painter shares do not count as the X server's memory", async (t) => {
  const size = { width: 640, height: 480 };
  const { display, child } = await startForeignXServer(size);
  t.after(async () => {
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  });
  const canvas = await Canvas.open(display);
  t.after(() => canvas.close());
  const before = readUsage(child.pid!).memoryBytes;
  const picture = createPicture(640, 20_000);
  const shared = await canvas.share(picture);
  for (let y = 0; y < picture.height; y += 400) canvas.put(shared, 0, y, { width: 640, height: 400 }, 0, 0);
  await canvas.settled();
  const grown = readUsage(child.pid!).memoryBytes - before;
  // The X server has read all of the picture's 51 MB.
  assert.ok(grown < picture.pixels.byteLength / 4, `${grown} bytes`);
});
