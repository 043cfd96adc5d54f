import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { PANEL_PX } from '../../src/desktop/x11/shell/panel-config.ts';
import { startOwnDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { waitFor } from '../support/wait-for.ts';
import { xEnvironmentOf } from '../support/x-environment.ts';
import { bareDesktop, log, until, x, xwd } from './support.ts';

/** Colours of the wallpaper at the top, and of the nearest hills at the bottom. */
const TOP = 0x14213d;
const BOTTOM = 0x182a3f;

const SIZE = { width: 1024, height: 700 };
const MAX_SIZE = { width: 1600, height: 1200 };

/** Time for the file manager to open a window before the panel's item is clicked again, in milliseconds. */
const START_MS = 20_000;

/** Changes of the scale. When Openbox and the panel started anew at once, seldom one left the panel without a frame. */
const CHANGES = 12;

/** Returns what xwininfo says of the panel, and nothing while the panel makes its window anew. */
const panel = (env: NodeJS.ProcessEnv): Promise<string> =>
  x(env, 'xwininfo', '-name', 'panel').catch(() => '');

/** The id of the panel's process. */
const panelProcess = async (env: NodeJS.ProcessEnv): Promise<string> =>
  /= (\d+)/.exec(await x(env, 'xprop', '-name', 'panel', '_NET_WM_PID'))![1]!;

async function pixelsOf(env: NodeJS.ProcessEnv): Promise<(x: number, y: number) => number> {
  const { width, height, pixels } = await xwd(env);
  return (column, row) => pixels.readUInt32LE(4 * (((row + height) % height) * width + column)) & 0xffffff;
}

async function assertWallpaper(env: NodeJS.ProcessEnv, desktop: Desktop): Promise<void> {
  const { width, height } = desktop.size;
  await until(async () => {
    const at = await pixelsOf(env);
    const right = width - 1;
    return [at(0, 0), at(right, 0)].every((colour) => colour === TOP) && at(0, -PANEL_PX - 3) === BOTTOM;
  }, `the wallpaper of ${width}x${height}`);
}

test('the desktop has a panel that opens programs and is started again when it ends, and a wallpaper that follows its size', async () => {
  const desktop = await startOwnDesktop({ size: SIZE, maxSize: MAX_SIZE, log });
  try {
    const env = { ...process.env, DISPLAY: desktop.display, ...xEnvironmentOf(process.pid) };
    await until(async () => (await panel(env)) !== '', 'the panel');
    await assertWallpaper(env, desktop);
    for (const size of [{ width: 1500, height: 1100 }, { width: 390, height: 844 }, SIZE]) {
      assert.deepEqual(await desktop.resize(size), size);
      // The first capture shows the new size to `assertWallpaper`.
      await desktop.capture();
      await desktop.commit();
      await assertWallpaper(env, desktop);
      await until(
        async () => (await panel(env)).includes(`Width: ${size.width}\n`),
        `the panel of ${size.width} pixels`,
      );
    }
    await desktop.resize({ ...SIZE, scalePercent: 200 });
    await until(
      async () => (await panel(env)).includes(`Height: ${2 * PANEL_PX}\n`),
      'the panel of twice the size',
    );
    await desktop.resize({ ...SIZE, scalePercent: 100 });
    await until(
      async () => (await panel(env)).includes(`Height: ${PANEL_PX}\n`),
      'the panel of the usual size',
    );
    // The third item of the panel, after the menu and the terminal. A click on a panel that has just made its window
    // anew may go to no item.
    const click = ['mousemove', '110', String(SIZE.height - PANEL_PX / 2), 'click', '1'];
    const fileManager = async (): Promise<boolean> =>
      (await x(env, 'xdotool', 'search', '--class', 'pcmanfm').catch(() => '')) !== '';
    await until(
      async () => {
        await x(env, 'xdotool', ...click);
        return waitFor('the file manager', fileManager, START_MS).catch(() => false);
      },
      'the file manager',
      2 * START_MS,
    ).catch(async (error: Error) => {
      const windows = await x(env, 'xwininfo', '-root', '-tree');
      const programs = await x(env, 'ps', 'xww', '-o', 'pid,ppid,stat,etimes,wchan:20,args');
      throw new Error(`${error.message}\n${windows}\n${programs}`);
    });
    await x(env, 'kill', '-KILL', await panelProcess(env));
    await until(async () => (await panel(env)) === '', 'the end of the panel');
    await until(async () => (await panel(env)) !== '', 'a panel in place of one that has ended');
  } finally {
    await desktop.close();
  }
});

test('after each change of the scale, the window manager has the panel’s window, which else gets no clicks', async () => {
  const desktop = await startOwnDesktop({ size: SIZE, maxSize: MAX_SIZE, log });
  try {
    const env = { ...process.env, DISPLAY: desktop.display, ...xEnvironmentOf(process.pid) };
    const isManaged = async (): Promise<boolean> =>
      (await x(env, 'xprop', '-name', 'panel', 'WM_STATE').catch(() => '')).includes('window state');
    await until(isManaged, 'the managed panel');
    for (let change = 0; change < CHANGES; change++) {
      const scalePercent = change % 2 === 0 ? 200 : 100;
      await desktop.resize({ ...SIZE, scalePercent });
      const height = `Height: ${(scalePercent / 100) * PANEL_PX}\n`;
      await until(async () => (await panel(env)).includes(height), `the panel at ${scalePercent} %`);
      await until(isManaged, `the managed panel after change ${change}`);
    }
  } finally {
    await desktop.close();
  }
});

test('a command of the user replaces the panel, the window manager, the terminal and the wallpaper', async () => {
  const { desktop, env } = await bareDesktop();
  try {
    const windows = await x(env, 'xwininfo', '-root', '-tree');
    assert.doesNotMatch(windows, /panel|Openbox|Terminal/);
    assert.doesNotMatch(await x(env, 'xprop', '-root'), /_XROOTPMAP_ID|_NET_SUPPORTING_WM_CHECK/);
    const at = await pixelsOf(env);
    assert.deepEqual([at(0, 0), at(639, 479)], [TOP, TOP]);
  } finally {
    await desktop.close();
  }
});
