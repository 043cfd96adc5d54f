import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOwnDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { withSlack } from '../support/limits.ts';
import { xEnvironmentOf } from '../support/x-environment.ts';
import { log, until, x } from './support.ts';

/** A terminal that is started while the window manager starts has no frame about every other time. */
const STARTS = 4;
/** Milliseconds from the start of the X server. The window manager and the terminal take 100 each. */
const FRAMED_MS = 500;

test('the terminal has a frame and the focus, however fast the window manager starts', async () => {
  const size = { width: 1024, height: 700 };
  for (let start = 0; start < STARTS; start++) {
    const desktop = await startOwnDesktop({ size, maxSize: size, log });
    const env = { ...process.env, DISPLAY: desktop.display, ...xEnvironmentOf(process.pid) };
    const frame = await until(
      async () => {
        const said = await x(env, 'xprop', '-name', 'Terminal', '_NET_FRAME_EXTENTS').catch(() => '');
        return said.includes('=') && said;
      },
      `a frame around the terminal, start ${start}`,
      withSlack(FRAMED_MS),
    ).catch(async (error) => {
      await desktop.close();
      throw error;
    });
    assert.match(frame, /= 1, 1, \d\d, \d/);
    // The window manager gives the focus after the frame. Until then no window may have it.
    await until(async () => {
      const name = await x(env, 'xdotool', 'getwindowfocus', 'getwindowname').catch(() => '');
      return name.startsWith('Terminal');
    }, `the focus in the terminal, start ${start}`);
    await desktop.close();
  }
});
