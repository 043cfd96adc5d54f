import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { startForeignXServer } from '../support/foreign-x-server.ts';
import { log, x } from './support.ts';

test('an attached display with two monitors keeps its size and its monitors', async () => {
  const size = { width: 800, height: 600 };
  const { display, end } = await startForeignXServer(size);
  const env = { ...process.env, DISPLAY: display };
  try {
    await x(env, 'xrandr', '--setmonitor', 'left', '400/100x600/150+0+0', 'screen');
    await x(env, 'xrandr', '--setmonitor', 'right', '400/100x600/150+400+0', 'none');
    const before = await x(env, 'xrandr', '--listmonitors');
    assert.match(before, /Monitors: 2/);
    const modes = await x(env, 'xrandr');
    const desktop = await attachDesktop({ display, maxSize: size, log });
    try {
      await assert.rejects(desktop.resize({ width: 640, height: 480 }), { code: 'DESKTOP_MONITORS' });
      assert.deepEqual(desktop.size, size);
      assert.equal(await x(env, 'xrandr', '--listmonitors'), before);
      await x(env, 'xrandr', '--delmonitor', 'right');
      assert.deepEqual(await desktop.resize({ width: 640, height: 480 }), { width: 640, height: 480 });
      await x(env, 'xrandr', '--setmonitor', 'right', '400/100x480/150+240+0', 'none');
    } finally {
      await desktop.close();
    }
    // Its own mode is given back all the same.
    assert.equal((await x(env, 'xrandr')).replace(/^Screen.*\n/, ''), modes.replace(/^Screen.*\n/, ''));
  } finally {
    await end();
  }
});
