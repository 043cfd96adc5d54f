import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { attachDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { startForeignXServer } from '../support/foreign-x-server.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { bareDesktop, captureAll, log, underOpenbox, until, x } from './support.ts';

const LEFT = { id: 0, x: 0, y: 0, width: 500, height: 480 };
const RIGHT = { id: 1, x: 500, y: 0, width: 300, height: 400 };

/** Sizes and places of the monitors, as programs see them. */
async function monitorsOf(env: NodeJS.ProcessEnv): Promise<string[]> {
  const listed = await x(env, 'xrandr', '--listmonitors');
  return [...listed.matchAll(/(\d+)\/\d+x(\d+)\/\d+(\+\d+\+\d+)/g)].map(
    ([, width, height, at]) => `${width}x${height}${at}`,
  );
}

test('our own display has a monitor for each screen of a viewer, until another size is asked for', async () => {
  const { desktop, env } = await bareDesktop();
  try {
    assert.deepEqual(await monitorsOf(env), ['640x480+0+0']);
    await desktop.resize({ width: 800, height: 480, screens: [LEFT, RIGHT] });
    await captureAll(desktop);
    assert.deepEqual(desktop.screens, [LEFT, RIGHT]);
    assert.deepEqual(await monitorsOf(env), ['500x480+0+0', '300x400+500+0']);
    const halves = [LEFT, { ...RIGHT, y: 80 }];
    await desktop.resize({ width: 800, height: 480, screens: halves });
    assert.deepEqual(desktop.screens, halves);
    assert.deepEqual(await monitorsOf(env), ['500x480+0+0', '300x400+500+80']);
    await desktop.resize({ width: 800, height: 480 });
    assert.deepEqual(desktop.screens, []);
    assert.deepEqual(await monitorsOf(env), ['800x480+0+0']);
    // Too large for the display.
    const beyond = { ...RIGHT, width: 5000 };
    assert.deepEqual(await desktop.resize({ width: 5500, height: 480, screens: [LEFT, beyond] }), {
      width: 1600,
      height: 480,
    });
    assert.deepEqual(await monitorsOf(env), ['1600x480+0+0']);
  } finally {
    await desktop.close();
  }
});

test('a window manager learns of the monitors, also if the size stays', async () => {
  const { desktop, env } = await bareDesktop({ width: 800, height: 480, run: underOpenbox('sleep 1000') });
  /** Width of a window that is opened maximised. */
  const maximised = async (): Promise<number> => {
    const terminal = spawn('xterm', ['-maximized', '-class', 'Probe'], { env, stdio: 'ignore' });
    try {
      await visibleWindow(env, 'Probe');
      const [window] = (await x(env, 'xdotool', 'search', '--onlyvisible', '--class', 'Probe')).split('\n');
      return Number(/Width: (\d+)/.exec(await x(env, 'xwininfo', '-id', window!))![1]);
    } finally {
      terminal.kill();
      await once(terminal, 'exit');
    }
  };
  try {
    await x(env, 'sh', '-c', 'until xprop -root _NET_SUPPORTING_WM_CHECK | grep -q 0x; do sleep 0.05; done');
    const screens = [LEFT, { ...RIGHT, height: 480 }];
    await desktop.resize({ width: 800, height: 480, screens });
    await until(async () => (await maximised()) <= LEFT.width, 'a window as wide as a monitor');
    await desktop.resize({ width: 800, height: 480 });
    await until(async () => (await maximised()) > LEFT.width, 'a window as wide as the desktop');
  } finally {
    await desktop.close();
  }
});

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
