import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { x } from '../desktop/support.ts';
import { pictureInX } from '../page/open-page.ts';
import { difference } from '../support/compare-pictures.ts';
import { type ForeignXServer, startForeignXServer } from '../support/foreign-x-server.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { PHOTO_AT_X, paintTestCard } from '../support/test-card.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { NativeViewer, rfbPortOf } from './native-viewer.ts';

/** What the test types. */
const LINE = 'Grüße, TigerVNC! 5 €\n';
/**
 * Keycodes that have no symbols, and the keysyms of LINE that the default layout lacks. xdotool would bind one keycode
 * to one of them after the other, and the viewer may look a key up when its keycode has the next one already.
 */
const EXTRA_KEYS = { 248: 'udiaeresis', 249: 'ssharp', 250: 'EuroSign' };
/** Longest time in ms for a picture. At first the viewer shows a hint for some seconds. */
const PICTURE_LIMIT_MS = 30_000;

/** Mean error allowed at JPEG 77 with 4:2:2, which quality level 5 means. */
const MEAN_JPEG_ERROR = 8;
/** Largest error of a channel that has 3, 3 and 2 bits: half a step of 255 / 3, and the rounding. */
const WORST_OF_8_BITS = 43;
/** Place of the window that takes clicks. */
const CLICKS_AT = { x: 450, y: 400 };

let folder: string;
let server: RunningDeskwire;
/** The X server on which the viewers have their windows. */
let glass: ForeignXServer;
let viewer: NativeViewer;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-tigervnc-'));
  const run =
    `stdbuf -oL xev -geometry 100x100+${CLICKS_AT.x - 50}+${CLICKS_AT.y - 50} -event button > ${folder}/buttons & ` +
    `exec xterm -u8 -fa 'DejaVu Sans Mono' -fs 10 -geometry 40x4+400+0 -e 'cat > ${folder}/typed'`;
  const size = ['--size', '800x600', '--max-size', '1000x700'];
  [server, glass] = await Promise.all([
    startDeskwire({
      flags: [...size, '--rfb-port', '0', '--rfb-socket', join(folder, 'rfb.sock'), '--run', run],
    }),
    startForeignXServer({ width: 1280, height: 960 }),
  ]);
  viewer = startViewer('-AutoSelect=0', '-QualityLevel=5');
  const bindings = Object.entries(EXTRA_KEYS).map(([keycode, keysym]) => `keycode ${keycode} = ${keysym}`);
  await x(viewer.env, 'xmodmap', ...bindings.flatMap((binding) => ['-e', binding]));
  await viewer.shown();
});

after(async () => {
  await viewer?.close();
  await glass?.end();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a viewer that logs in by VeNCrypt over TLS. */
function startViewer(...flags: readonly string[]): NativeViewer {
  return start(
    [
      `127.0.0.1::${rfbPortOf(server)}`,
      `-X509CA=${join(server.data, 'cert.pem')}`,
      '-RemoteResize=0',
      ...flags,
    ],
    server.owner.password,
  );
}

function start(args: readonly string[], password: string): NativeViewer {
  const environment = { HOME: folder, VNC_USERNAME: server.owner.name, VNC_PASSWORD: password };
  const name = `Deskwire ${server.display} - TigerVNC`;
  return NativeViewer.start(glass, name, ['xtigervncviewer', '-Shared', ...args], environment);
}

/** Waits until a viewer shows the card: the photo within an error, the rest exactly, or within another error. */
async function showsTheCard(one: NativeViewer, meanError = MEAN_JPEG_ERROR, worstError = 0): Promise<void> {
  await paintTestCard(server.xEnvironment(), await pictureInX(server));
  const isShown = async (): Promise<boolean> => {
    const real = await pictureInX(server);
    const shown = await one.picture();
    if (shown?.width !== real.width || shown.height !== real.height) return false;
    return (
      difference(shown, real, 0, PHOTO_AT_X).worst <= worstError &&
      difference(shown, real, PHOTO_AT_X).mean <= meanError
    );
  };
  await waitFor('the card in the viewer', isShown, PICTURE_LIMIT_MS);
}

test('TigerVNC shows flat colours exactly and a photo within JPEG’s error', () => showsTheCard(viewer));

test('TigerVNC follows a resize', async () => {
  await x(server.xEnvironment(), 'xrandr', '--size', '1000x700');
  await waitFor('1000x700', async () => (await pictureInX(server)).width === 1000);
  await showsTheCard(viewer);
});

test('a program in a terminal reads what was typed in TigerVNC', async () => {
  await waitFor('cat', () => contentOf('typed') !== undefined);
  await visibleWindow(server.xEnvironment(), 'xterm');
  await viewer.focus();
  await viewer.click(500, 30);
  await viewer.type(LINE);
  const line = await waitFor('the line', () => contentOf('typed')?.endsWith('\n') && contentOf('typed'));
  assert.equal(line, LINE);
});

test('a program gets the clicks and the wheel of TigerVNC', async () => {
  await visibleWindow(server.xEnvironment(), 'Event Tester');
  for (const button of [1, 2, 3, 4, 5]) await viewer.click(CLICKS_AT.x, CLICKS_AT.y, button);
  const pressed = (): number[] =>
    [...(contentOf('buttons') ?? '').matchAll(/ButtonPress event.*?button (\d+)/gs)].map(([, button]) =>
      Number(button),
    );
  await waitFor('the buttons', () => pressed().length === 5);
  assert.deepEqual(pressed(), [1, 2, 3, 4, 5]);
});

test('TigerVNC’s clipboard sends and receives text', async () => {
  const env = server.xEnvironment();
  const put = `printf '%s' "$1" | xclip -i -selection clipboard > /dev/null 2>&1`;
  await x(env, 'sh', '-c', put, 'sh', 'from X: ß 日本');
  await waitFor('the text at the viewer', async () => {
    const text = await x(viewer.env, 'xclip', '-o', '-selection', 'clipboard').catch(() => '');
    return text === 'from X: ß 日本';
  });
  await x(viewer.env, 'sh', '-c', put, 'sh', 'from TigerVNC: ü €');
  await viewer.focus();
  await waitFor('the text in X', async () => {
    const text = await x(env, 'xclip', '-o', '-selection', 'clipboard').catch(() => '');
    return text === 'from TigerVNC: ü €';
  });
});

for (const [encoding, flags, meanError, worstError] of [
  ['ZRLE', ['-AutoSelect=0', '-PreferredEncoding=ZRLE', '-NoJPEG'], 0, 0],
  ['Hextile', ['-AutoSelect=0', '-PreferredEncoding=Hextile', '-NoJPEG'], 0, 0],
  [
    'ZRLE of 8 bits',
    ['-AutoSelect=0', '-PreferredEncoding=ZRLE', '-FullColor=0', '-LowColorLevel=2'],
    30,
    43,
  ],
  [
    'Hextile of 8 bits',
    ['-AutoSelect=0', '-PreferredEncoding=Hextile', '-FullColor=0', '-LowColorLevel=2'],
    30,
    43,
  ],
] as const) {
  test(`TigerVNC shows the desktop by ${encoding}`, async () => {
    assert.ok(worstError <= WORST_OF_8_BITS);
    // The windows of two viewers have the same name.
    await viewer.close();
    const other = startViewer(...flags);
    try {
      await showsTheCard(other, meanError, worstError);
    } finally {
      await other.close();
    }
  });
}

test('TigerVNC connects by the Unix socket, with a name and a password', async () => {
  const other = start(
    [join(folder, 'rfb.sock'), '-SecurityTypes=Plain', '-RemoteResize=0'],
    server.owner.password,
  );
  try {
    await showsTheCard(other);
  } finally {
    await other.close();
  }
});

test('TigerVNC resizes the desktop with its window', async () => {
  const other = startViewer('-RemoteResize=1', '-DesktopSize=640x480');
  try {
    const size = () => x(server.xEnvironment(), 'xdotool', 'getdisplaygeometry');
    await waitFor('640x480', async () => (await size()).trim() === '640 480');
  } finally {
    await other.close();
  }
});

test('TigerVNC is told that its password is wrong', async () => {
  const at = `127.0.0.1::${rfbPortOf(server)}`;
  const other = start([at, `-X509CA=${join(server.data, 'cert.pem')}`, '-AlertOnFatalError=0'], 'wrong');
  try {
    await waitFor('the reason', () => /name or the password is wrong/.test(other.said));
  } finally {
    await other.close();
  }
});

function contentOf(name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
}
