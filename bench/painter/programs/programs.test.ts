import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { startForeignXServer } from '../../../test/support/foreign-x-server.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { readScreen } from '../../../test/support/xwd.ts';
import { type Marker, readFrameNumber } from '../../frame-number.ts';
import { createDice } from '../../scenes/dice.ts';
import { drawProgram, type ProgramScene } from '../../scenes/program-scenes.ts';
import { Canvas } from '../canvas.ts';
import { createProgramAnimation } from '../program-animation.ts';
import { spreadsheet, toBmp, webPage } from './documents.ts';
import { missingPackage } from './installed.ts';

const SIZE = { width: 800, height: 600 };
const sceneOf = (program: ProgramScene['program'], seed: number): ProgramScene =>
  drawProgram(program, createDice(seed), SIZE);

test('frame numbers stand above a program that prints, and its picture stays when it rests', async (t) => {
  const { display, child } = await startForeignXServer(SIZE);
  t.after(async () => {
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  });
  const environment = { ...process.env, DISPLAY: display };
  const canvas = await Canvas.open(display);
  t.after(() => canvas.close());
  const scene = sceneOf('xterm', 1);
  const xterm = await createProgramAnimation(canvas, scene);
  for (let number = 1; number <= 5; number++) {
    xterm.prepare(number);
    await waitFor('xterm to paint', () => xterm.due!());
    xterm.show();
    await canvas.settled();
  }
  xterm.rest!();
  const read = async (): Promise<Buffer> => Buffer.from((await readScreen(display, environment)).pixels);
  let last = await read();
  // The X server may still have requests that xterm sent before.
  await waitFor('the picture to stay', async () => {
    const before = last;
    last = await read();
    return last.equals(before);
  });
  const shown = (marker: Marker): number | undefined => readFrameNumber(last, SIZE.width, marker);
  assert.deepEqual(scene.markerGroups[0]!.map(shown), [5, 5]);
  assert.ok(last.equals(await read()));
  await xterm.close();
  await waitFor('its window to close', async () => (await canvas.largestOtherWindow()) === undefined);
});

test('a missing program is named by its Debian package, and one that is there is not', () => {
  assert.equal(missingPackage('calc', '/nonexistent'), 'libreoffice-calc');
  assert.equal(missingPackage('xterm'), undefined);
});

test('documents depend on the seed alone', () => {
  assert.equal(webPage(sceneOf('chromium', 4), 'p.bmp'), webPage(sceneOf('chromium', 4), 'p.bmp'));
  assert.notEqual(webPage(sceneOf('chromium', 4), 'p.bmp'), webPage(sceneOf('chromium', 5), 'p.bmp'));
  assert.equal(spreadsheet(sceneOf('calc', 4)), spreadsheet(sceneOf('calc', 4)));
});

test('a BMP file has a header of 54 bytes and four bytes a pixel', () => {
  const file = toBmp({ width: 3, height: 2, pixels: Uint32Array.of(1, 2, 3, 4, 5, 0x00aabbcc) });
  assert.equal(file.readUInt32LE(2), file.length);
  assert.deepEqual([...file.subarray(-4)], [0xcc, 0xbb, 0xaa, 0]);
});
