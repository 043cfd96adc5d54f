import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DesktopUser, findDesktopUser } from '../../src/desktop/x11/server/desktop-user.ts';
import { startOwnDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { withSlack } from '../support/limits.ts';
import { xEnvironmentOf } from '../support/x-environment.ts';
import { bareDesktop, log, scratch, until, x } from './support.ts';

/** A terminal that is started while the window manager starts has no frame about every other time. */
const STARTS = 4;
/** Milliseconds from the start of the X server. The window manager and the terminal take 100 each. */
const FRAMED_MS = 500;

async function assertTerminal(user: DesktopUser | undefined, what: string): Promise<void> {
  const size = { width: 1024, height: 700 };
  const desktop = await startOwnDesktop({ size, maxSize: size, user, log });
  try {
    const env = { ...process.env, DISPLAY: desktop.display, ...xEnvironmentOf(process.pid) };
    const frame = await until(
      async () => {
        const said = await x(env, 'xprop', '-name', 'Terminal', '_NET_FRAME_EXTENTS').catch(() => '');
        return said.includes('=') && said;
      },
      `a frame around the terminal, ${what}`,
      withSlack(FRAMED_MS),
    );
    assert.match(frame, /= 1, 1, \d\d, \d/);
    // The window manager gives the focus after the frame. Until then no window may have it.
    await until(async () => {
      const name = await x(env, 'xdotool', 'getwindowfocus', 'getwindowname').catch(() => '');
      return name.startsWith('Terminal');
    }, `the focus in the terminal, ${what}`);
  } finally {
    await desktop.close();
  }
}

test('the terminal has a frame and the focus, however fast the window manager starts', async () => {
  for (let start = 0; start < STARTS; start++) await assertTerminal(undefined, `start ${start}`);
});

const skip = process.getuid?.() !== 0 && 'only root can run the desktop as another user';

test('the terminal of a desktop of another user has a frame and the focus', { skip }, async () => {
  const nobody = (await findDesktopUser('nobody'))!;
  await assertTerminal({ ...nobody, shell: '/bin/sh', isOurs: true }, 'as another user');
});

test('programs may have 1024 files open unless they raise that limit, however many the server may', async () => {
  const said = join(scratch(), 'limits');
  const { desktop } = await bareDesktop({
    run: `(ulimit -Sn; ulimit -Hn) >${said}.new; mv ${said}.new ${said}; exec sleep 1000`,
  });
  try {
    await until(() => existsSync(said), 'the limits');
    const most = execFileSync('/bin/sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
    const fewer = Number(most) < 1024 ? most : '1024';
    assert.deepEqual(readFileSync(said, 'utf8').trim().split('\n'), [fewer, most]);
  } finally {
    await desktop.close();
  }
});
