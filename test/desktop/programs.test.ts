import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startOwnDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { withSlack } from '../support/limits.ts';
import { xEnvironmentOf } from '../support/x-environment.ts';
import { log, until, x } from './support.ts';

/** A terminal that met a window manager in the middle of its start had no frame about every other time. */
const STARTS = 4;
/** From the X server's start; a tenth of a second for each of the two. */
const FRAMED_MS = 500;

test('the terminal is in the window manager’s hands, whoever of them is faster', async () => {
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
    assert.match(await x(env, 'xdotool', 'getwindowfocus', 'getwindowname'), /^Terminal/);
    await desktop.close();
  }
});
