import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bareDesktop, x } from './support.ts';

test('a program in the desktop draws with OpenGL', async () => {
  const { desktop, env } = await bareDesktop({ gl: true });
  try {
    const said = await x(env, 'glxinfo', '-B');
    assert.match(said, /direct rendering: Yes/);
    assert.match(said, /OpenGL core profile version string: [4-9]\./);
  } finally {
    await desktop.close();
  }
});

test('a desktop without OpenGL has no GLX', async () => {
  const { desktop, env } = await bareDesktop({ gl: false });
  try {
    assert.doesNotMatch(await x(env, 'xdpyinfo', '-queryExtensions'), /GLX/);
  } finally {
    await desktop.close();
  }
});
