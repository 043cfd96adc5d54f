import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { startForeignXServer } from '../test/support/foreign-x-server.ts';
import { Canvas } from './painter/canvas.ts';
import { createPicture } from './painter/picture.ts';
import { memoryAloneBytes, readUsage } from './process-usage.ts';

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

test('files that other programs map too count whole in the memory of a process alone', async (t) => {
  const start = (): ChildProcess => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000); console.log()'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => child.kill('SIGKILL'));
    return child;
  };
  const [child, ...others] = [start(), start(), start()];
  await Promise.all([child, ...others].map(({ stdout }) => once(stdout!, 'data')));
  const alone = memoryAloneBytes(child.pid!);
  // The four processes, with this one, share most of a binary of 50 MB and more.
  assert.ok(alone > readUsage(child.pid!).memoryBytes + 10e6);
  assert.ok(alone < 400e6, `${alone} bytes`);
});
