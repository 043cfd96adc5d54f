import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { x } from '../desktop/support.ts';
import { pictureInX, pictureOf } from '../page/open-page.ts';
import { difference } from '../support/compare-pictures.ts';
import { HttpsClient } from '../support/https-client.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { PHOTO_AT_X, paintTestCard } from '../support/test-card.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { Embedder } from './embedder.ts';

/** Mean error allowed at JPEG 79 with full chroma, which noVNC's default quality level 6 means. */
const MEAN_JPEG_ERROR = 6;
/** Place of the window that takes clicks. */
const CLICKS_AT = { x: 450, y: 400 };
/** Keysyms of ü and €, and of 😀 as noVNC's page sends it: one for each unit of UTF-16. */
const OTHER_KEYS = [0xfc, 0x0100_20ac, 0x0100_d83d, 0x0100_de00];

let folder: string;
let server: RunningDeskwire;
let embedder: Embedder;
let browser: Browser;
let page: Page;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-novnc-'));
  // The terminal lies on the photo's side.
  const clicks = `stdbuf -oL xev -geometry 100x100+${CLICKS_AT.x - 50}+${CLICKS_AT.y - 50} -event button > ${folder}/buttons`;
  const run = `${clicks} & exec xterm -u8 -fa 'DejaVu Sans Mono' -fs 10 -geometry 40x4+400+0 -e 'cat > ${folder}/typed'`;
  [server, browser] = await Promise.all([
    startDeskwire({
      flags: ['--size', '800x600', '--max-size', '1280x960', '--trust-proxy', '127.0.0.1', '--run', run],
    }),
    launchChromium(),
  ]);
  embedder = await Embedder.start(server);
  page = await browser.newPage({ viewport: { width: 900, height: 700 } });
  page.on('console', (message) => {
    if (message.type() === 'error') console.error(message.text());
  });
  await page.goto(embedder.url);
  await page.locator('body[data-state=connected]').waitFor();
});

after(async () => {
  await browser?.close();
  await embedder?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Resolves once the page shows what X shows: flat colours exactly, the photo within JPEG's error. */
async function showsTheCard(): Promise<void> {
  const env = server.xEnvironment();
  await paintTestCard(env, await pictureInX(server));
  await waitFor('the card in noVNC', async () => {
    const [shown, real] = [await pictureOf(page), await pictureInX(server)];
    if (shown.width !== real.width || shown.height !== real.height) return false;
    return (
      difference(shown, real, 0, PHOTO_AT_X).worst === 0 &&
      difference(shown, real, PHOTO_AT_X).mean <= MEAN_JPEG_ERROR
    );
  });
}

test('noVNC connects through a proxy, under its caller’s address, and shows the desktop’s name', async () => {
  assert.equal(await page.title(), `Deskwire ${server.display}`);
  const owner = new HttpsClient(server.url, server.ca, server.owner);
  const stats = (await owner.get('/api/get_bottleneck_stats')).json();
  assert.match(Object.keys(stats.ada)[0]!, /^192\.0\.2\.7_\d+\.\d+::websocket$/);
  owner.close();
});

test('noVNC shows flat colours exactly and a photo within JPEG’s error', () => showsTheCard());

test('noVNC follows a resize by a program, and resizes the desktop itself', async () => {
  await x(server.xEnvironment(), 'xrandr', '--size', '1280x960');
  await waitFor('1280x960', async () => (await pictureOf(page)).width === 1280);
  await showsTheCard();
  await page.evaluate('rfb.resizeSession = true');
  await waitFor('900x700', async () => (await pictureInX(server)).width === 900);
  await waitFor('900x700 in noVNC', async () => (await pictureOf(page)).width === 900);
  await showsTheCard();
});

test('a program in a terminal reads what was typed in noVNC', async () => {
  await waitFor('cat', () => existing() !== undefined);
  await visibleWindow(server.xEnvironment(), 'xterm');
  await page.mouse.click(500, 30);
  await page.keyboard.type('Hello, noVNC! ');
  await page.evaluate((keysyms) => {
    // biome-ignore lint/suspicious/noExplicitAny: noVNC has no types.
    const { rfb } = globalThis as any;
    for (const keysym of keysyms) rfb.sendKey(keysym, '');
  }, OTHER_KEYS);
  await page.keyboard.press('Enter');
  const line = await waitFor('the line', () => existing()?.endsWith('\n') && existing());
  assert.equal(line, 'Hello, noVNC! ü€😀\n');
});

test('a program gets the back and forward buttons of noVNC', async () => {
  await visibleWindow(server.xEnvironment(), 'Event Tester');
  const devtools = await page.context().newCDPSession(page);
  for (const [button, buttons] of [
    ['back', 8],
    ['forward', 16],
  ] as const) {
    const at = { ...CLICKS_AT, button, clickCount: 1 };
    await devtools.send('Input.dispatchMouseEvent', { type: 'mousePressed', buttons, ...at });
    await devtools.send('Input.dispatchMouseEvent', { type: 'mouseReleased', buttons: 0, ...at });
  }
  const events = await waitFor('the buttons', () => {
    const found = [...contentOf('buttons').matchAll(/Button(Press|Release) event.*?button (\d+)/gs)];
    return found.length === 4 && found.map(([, kind, button]) => `${kind} ${button}`);
  });
  assert.deepEqual(events, ['Press 8', 'Release 8', 'Press 9', 'Release 9']);
});

test('noVNC’s clipboard sends and receives text', async () => {
  const env = server.xEnvironment();
  await page.evaluate('rfb.clipboardPasteFrom("from noVNC: ü € 😀")');
  await waitFor('the text in X', async () => {
    const text = await x(env, 'xclip', '-o', '-selection', 'clipboard').catch(() => '');
    return text === 'from noVNC: ü € 😀';
  });
  // xclip stays in the background: it owns the selection until another program does.
  await x(env, 'sh', '-c', `printf 'from X: ß 日本' | xclip -i -selection clipboard > /dev/null 2>&1`);
  await page.locator('body[data-clipboard="from X: ß 日本"]').waitFor();
});

function existing(): string | undefined {
  try {
    return readFileSync(join(folder, 'typed'), 'utf8');
  } catch {
    return undefined;
  }
}

function contentOf(name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}
