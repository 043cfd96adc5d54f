import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { x } from '../desktop/support.ts';
import { pictureInX } from '../page/open-page.ts';
import { difference, type PictureBytes } from '../support/compare-pictures.ts';
import { type ForeignXServer, startForeignXServer } from '../support/foreign-x-server.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { PHOTO_AT_X, paintTestCard } from '../support/test-card.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { NativeViewer, rfbPortOf } from './native-viewer.ts';

const LINE = 'Hello, gtk-vnc!\n';
/** Height of the viewer's menu bar, below which the picture begins. */
const MENU_PX = 25;
/** Mean error allowed for the photo: gtk-vnc asks for JPEG of quality level 5. */
const MEAN_JPEG_ERROR = 8;

// gtk-vnc reads the certificate that it trusts from the home folder in /etc/passwd. A mount of its own hides the real one.
const mayMount = process.getuid?.() === 0;

let folder: string;
let server: RunningDeskwire;
let glass: ForeignXServer;
let viewer: NativeViewer;

before(async () => {
  if (!mayMount) return;
  folder = await mkdtemp(join(tmpdir(), 'deskwire-gvncviewer-'));
  const run = `exec xterm -fa 'DejaVu Sans Mono' -fs 10 -geometry 40x4+400+0 -e 'cat > ${folder}/typed'`;
  [server, glass] = await Promise.all([
    startDeskwire({ flags: ['--size', '800x600', '--rfb-port', '0', '--run', run] }),
    startForeignXServer({ width: 1280, height: 960 }),
  ]);
  const script =
    'mount -t tmpfs none /root && mkdir -p /root/.pki/CA && cp "$0" /root/.pki/CA/cacert.pem && exec gvncviewer "$1"';
  // The program sees port 5900 + N as display N.
  const args = [join(server.data, 'cert.pem'), `127.0.0.1:${rfbPortOf(server) - 5900}`];
  viewer = NativeViewer.start(glass, 'GVncViewer', ['unshare', '-m', 'sh', '-c', script, ...args], {});
  await viewer.focus('Authentication required');
  await viewer.type(server.owner.name);
  await x(viewer.env, 'xdotool', 'key', 'Tab');
  await viewer.type(server.owner.password);
  await x(viewer.env, 'xdotool', 'key', 'Return');
  await viewer.shown();
});

after(async () => {
  await viewer?.close();
  await glass?.end();
  await server?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

async function shownDesktop(): Promise<PictureBytes | undefined> {
  const picture = await viewer.picture();
  if (!picture || picture.height <= MENU_PX) return undefined;
  const { width, height, bytes, order } = picture;
  return { width, height: height - MENU_PX, bytes: bytes.subarray(MENU_PX * width * 4), order };
}

test('gtk-vnc logs in over TLS, and shows flat colours exactly and a photo within JPEG’s error', {
  skip: !mayMount,
}, async () => {
  await visibleWindow(server.xEnvironment(), 'xterm');
  await paintTestCard(server.xEnvironment(), await pictureInX(server));
  await waitFor('the card in the viewer', async () => {
    const [shown, real] = [await shownDesktop(), await pictureInX(server)];
    if (shown?.width !== real.width || shown.height !== real.height) return false;
    return (
      difference(shown, real, 0, PHOTO_AT_X).worst === 0 &&
      difference(shown, real, PHOTO_AT_X).mean <= MEAN_JPEG_ERROR
    );
  });
});

test('a program in a terminal reads what was typed in gtk-vnc', { skip: !mayMount }, async () => {
  await viewer.focus();
  await viewer.click(500, 30 + MENU_PX);
  await viewer.type(LINE);
  const typed = await waitFor('the line', () => {
    const text = readFileSync(join(folder, 'typed'), 'utf8');
    return text.endsWith('\n') && text;
  });
  assert.equal(typed, LINE);
});
