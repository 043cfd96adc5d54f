import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { x } from '../desktop/support.ts';
import { pictureInX } from '../page/open-page.ts';
import { difference, type PictureBytes } from '../support/compare-pictures.ts';
import { startForeignXServer } from '../support/foreign-x-server.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { PHOTO_AT_X, paintTestCard } from '../support/test-card.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { parseXwd } from '../support/xwd.ts';
import { TcpBridge } from './tcp-bridge.ts';

/** What the test types. */
const LINE = 'Grüße, TigerVNC! 5 €\n';
/**
 * Keycodes that have no symbols, and the keysyms of LINE that the default layout lacks. xdotool would bind one keycode
 * to one of them after the other, and the viewer may look a key up when its keycode has the next one already.
 */
const EXTRA_KEYS = { 248: 'udiaeresis', 249: 'ssharp', 250: 'EuroSign' };
/** Longest time from the viewer's start to its window, in ms. */
const WINDOW_LIMIT_MS = 30_000;
/** Longest time in ms for a picture. At first the viewer shows a hint for some seconds. */
const PICTURE_LIMIT_MS = 30_000;

/** Mean error allowed at JPEG 77 with 4:2:2, which quality level 5 means. */
const MEAN_JPEG_ERROR = 8;

let folder: string;
let server: RunningDeskwire;
let bridge: TcpBridge;
/** The X server on which the viewer has its window. */
let glass: { readonly display: string; readonly child: ChildProcess };
let viewer: ChildProcess;
let viewerEnv: NodeJS.ProcessEnv;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-tigervnc-'));
  const run = `exec xterm -u8 -fa 'DejaVu Sans Mono' -fs 10 -geometry 40x4+400+0 -e 'cat > ${folder}/typed'`;
  [server, glass] = await Promise.all([
    startDeskwire({ flags: ['--size', '800x600', '--max-size', '1000x700', '--run', run] }),
    startForeignXServer({ width: 1280, height: 960 }),
  ]);
  bridge = await TcpBridge.start(server);
  viewerEnv = { ...process.env, DISPLAY: glass.display, HOME: folder, LANG: 'C.UTF-8' };
  const bindings = Object.entries(EXTRA_KEYS).map(([keycode, keysym]) => `keycode ${keycode} = ${keysym}`);
  await x(viewerEnv, 'xmodmap', ...bindings.flatMap((binding) => ['-e', binding]));
  viewer = spawn(
    'xtigervncviewer',
    [`127.0.0.1::${bridge.port}`, '-AutoSelect=0', '-QualityLevel=5', '-RemoteResize=0', '-Shared'],
    { env: viewerEnv, stdio: 'ignore' },
  );
  await waitFor('the viewer’s window', pictureInViewer, WINDOW_LIMIT_MS);
});

after(async () => {
  viewer?.kill();
  glass?.child.kill();
  await bridge?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Returns what the viewer's window shows, or undefined while there is no window. */
async function pictureInViewer(): Promise<PictureBytes | undefined> {
  const dump = await promisify(execFile)('xwd', ['-silent', '-name', windowName()], {
    encoding: 'buffer',
    env: viewerEnv,
    maxBuffer: 16 << 20,
  }).catch(() => undefined);
  if (!dump) return undefined;
  const { width, height, pixels } = parseXwd(dump.stdout);
  return { width, height, bytes: pixels, order: 'bgrx' };
}

const windowName = () => `Deskwire ${server.display} - TigerVNC`;

async function showsTheCard(): Promise<void> {
  await paintTestCard(server.xEnvironment(), await pictureInX(server));
  const isShown = async (): Promise<boolean> => {
    const real = await pictureInX(server);
    const shown = await pictureInViewer();
    if (shown?.width !== real.width || shown.height !== real.height) return false;
    return (
      difference(shown, real, 0, PHOTO_AT_X).worst === 0 &&
      difference(shown, real, PHOTO_AT_X).mean <= MEAN_JPEG_ERROR
    );
  };
  await waitFor('the card in the viewer', isShown, PICTURE_LIMIT_MS);
}

test('TigerVNC shows flat colours exactly and a photo within JPEG’s error', () => showsTheCard());

test('TigerVNC follows a resize', async () => {
  await x(server.xEnvironment(), 'xrandr', '--size', '1000x700');
  await waitFor('1000x700', async () => (await pictureInX(server)).width === 1000);
  await showsTheCard();
});

test('a program in a terminal reads what was typed in TigerVNC', async () => {
  await waitFor('cat', () => existing() !== undefined);
  await visibleWindow(server.xEnvironment(), 'xterm');
  const [window] = (await x(viewerEnv, 'xdotool', 'search', '--name', windowName())).trim().split('\n');
  // There is no window manager to give the viewer the keyboard.
  await x(viewerEnv, 'xdotool', 'windowfocus', '--sync', window!);
  await x(viewerEnv, 'xdotool', 'mousemove', '--window', window!, '500', '30', 'click', '1');
  await x(viewerEnv, 'xdotool', 'type', '--delay', '30', LINE);
  const line = await waitFor('the line', () => existing()?.endsWith('\n') && existing());
  assert.equal(line, LINE);
});

function existing(): string | undefined {
  try {
    return readFileSync(join(folder, 'typed'), 'utf8');
  } catch {
    return undefined;
  }
}
