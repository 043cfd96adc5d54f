import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Desktop } from '../../src/desktop/desktop.ts';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { xServerPid } from '../support/x-server-pid.ts';
import { bareDesktop, captureAll, connectTo } from './support.ts';

/** Drawings that are looked for, each just after it was made. */
const DRAWINGS = 40;

let desktop: Desktop;
let painter: XConnection;
let gc: number;

before(async () => {
  const { desktop: own, env } = await bareDesktop();
  desktop = own;
  painter = await connectTo(env);
  gc = painter.client.AllocID();
  painter.client.CreateGC(gc, painter.root, { graphicsExposures: 0 });
});
after(async () => {
  await painter.close();
  await desktop.close();
});

/** Resolves when the X server has drawn. */
async function draw(colour: number): Promise<void> {
  painter.client.ChangeGC(gc, { foreground: colour });
  painter.client.PolyFillRectangle(painter.root, gc, [10, 10, 20, 20]);
  await painter.sync();
}

test('what a program drew before is reported by damage when drawingReported resolves, and nothing else is', async () => {
  await captureAll(desktop);
  let isDamaged = false;
  const noteDamage = (): void => {
    isDamaged = true;
  };
  desktop.on('damage', noteDamage);
  for (let i = 1; i <= DRAWINGS; i++) {
    isDamaged = false;
    await desktop.drawingReported();
    assert.equal(isDamaged, false, `before drawing ${i}`);
    await draw(i);
    await desktop.drawingReported();
    assert.equal(isDamaged, true, `drawing ${i}`);
    await captureAll(desktop);
  }
  desktop.off('damage', noteDamage);
});

test('what a program drew before has begun the armed capture when drawingReported resolves', async () => {
  await captureAll(desktop);
  for (let i = 1; i <= DRAWINGS; i++) {
    const armed = desktop.armCapture({ notBeforeMs: 0 })!;
    await desktop.drawingReported();
    assert.equal(armed.hasBegun, false, `before drawing ${i}`);
    await draw(i + DRAWINGS);
    await desktop.drawingReported();
    assert.equal(armed.hasBegun, true, `drawing ${i}`);
    await armed.captured;
  }
});

test('drawingReported waits for the X server, and for nothing else', async () => {
  await captureAll(desktop);
  await draw(0x123456);
  await desktop.capture();
  const xServer = xServerPid(process.pid)!;
  process.kill(xServer, 'SIGSTOP');
  try {
    let isReported = false;
    const reported = desktop.drawingReported().then(() => {
      isReported = true;
    });
    // The frame thread answers this after that question, and needs no X server for it.
    await desktop.commit();
    assert.equal(isReported, false);
    process.kill(xServer, 'SIGCONT');
    await reported;
  } finally {
    process.kill(xServer, 'SIGCONT');
  }
});
