// Runs a desktop in whose process faulty-thread.ts is preloaded. Ends with code 0 if the desktop outlives the fault.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { bareDesktop, captureAll, connectTo, shown, until, withoutX, xwd } from './support.ts';

const faultFile = process.env.FAULT_FILE!;
/** A frame thread that hangs is noticed after 12 s, and a restart of the X server takes another 7 s. */
const RECOVERY_LIMIT_MS = 90_000;

const SIZE = { width: 1600, height: 1200 };

async function fill(painter: XConnection, gc: number, colour: number): Promise<void> {
  painter.client.ChangeGC(gc, { foreground: colour });
  for (let x = 0; x < SIZE.width; x += 100) {
    painter.client.PolyFillRectangle(painter.root, gc, [x, 0, 99, SIZE.height]);
  }
  await painter.sync();
}

const { desktop, env } = await bareDesktop({ ...SIZE, run: 'exec sleep 1000' });
let hasBeenLost = false;
desktop.on('lost', () => {
  hasBeenLost = true;
});
const painter = await connectTo(env);
const gc = painter.client.AllocID();
painter.client.CreateGC(gc, painter.root, { foreground: 0 });
await captureAll(desktop);

execFileSync('mkfifo', [`${faultFile}.pipe`]);
writeFileSync(faultFile, '');
for (let round = 1; existsSync(faultFile); round++) {
  await fill(painter, gc, (round * 0x030507) & 0xffffff);
  await desktop.capture({ commitAtOnce: true }).catch(() => undefined);
}

// It captures again in the end, and all of it.
await until(
  () => desktop.capture({ commitAtOnce: true }).catch(() => undefined),
  'a capture',
  RECOVERY_LIMIT_MS,
);
if (process.env.RESTARTS_SERVER) {
  assert.ok(hasBeenLost);
} else {
  // The X server was not restarted: its clients are still there, and it is not grabbed.
  await fill(painter, gc, 0x123456);
  await painter.close();
}
await captureAll(desktop);
env.DISPLAY = desktop.display;
assert.ok(shown(desktop).equals(withoutX((await xwd(env)).pixels)));
await desktop.close();
// A thread that nothing can interrupt does not keep the process.
process.kill(process.pid, 'SIGKILL');
