import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { createPhoto } from '../../bench/painter/photo.ts';
import { createRandom } from '../../bench/painter/random.ts';
import { connectTo, x } from '../desktop/support.ts';
import { HttpsClient } from '../support/https-client.ts';
import { KasmPage } from '../support/kasm-page.ts';
import { KASM_PRESETS, type KasmPageSettings } from '../support/kasm-page-settings.ts';
import { RandomPainting } from '../support/random-painting.ts';
import { exactDifference } from '../support/same-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { paintTestCard } from '../support/test-card.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { XPainter } from '../support/x-painter.ts';
import { readScreen } from '../support/xwd.ts';

const SIZE = { width: 800, height: 600 };
const CONNECTS = 4;
/** Time in which the viewers have the final picture without loss. */
const EXACT_LIMIT_MS = 20_000;
/** Frames of a film, which takes two seconds at most on a machine that is not busy. */
const FILM_FRAMES = 100;
const RETURN = 0xff0d;
/** Keysyms by which the page sends 😀 of an input method: one for each unit of UTF-16. */
const EMOJI_HALVES = [0x0100_d83d, 0x0100_de00];
/** Distance of one step of the wheel in messages of the page. */
const WHEEL_STEP = 120;
const BUTTON_PRESS = 4;
const BUTTON_PRESS_MASK = 1 << 2;
/** Frames during which the page asks questions. More find a lost place in the stream with more certainty. */
const ASKING_FRAMES = 30;
/** Of a user's own quality, without loss in the end. */
const EXACT_ENCODINGS = [...STANDARD_ENCODINGS.filter((encoding) => encoding > -23 || encoding < -32)];

/** A PNG of one pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
  'base64',
);

let folder: string;
let server: RunningDeskwire;
let painter: XPainter;
const pages: KasmPage[] = [];
const viewers: Viewer[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-kasm-'));
  const run = `exec xterm -u8 -fa 'DejaVu Sans Mono' -fs 10 -geometry 40x4+360+0 -e 'cat > ${folder}/typed'`;
  server = await startDeskwire({ flags: ['--size', '800x600', '--max-size', '1280x960', '--run', run] });
  painter = await XPainter.open(server.xEnvironment(), createPhoto(SIZE.width, SIZE.height));
});
afterEach(async () => {
  await Promise.all(pages.splice(0).map((page) => page.close()));
  await Promise.all(viewers.splice(0).map((viewer) => viewer.close()));
});
after(async () => {
  await painter?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const target = (user = server.owner) => ({ url: server.url, ca: server.ca, user });

async function openPage(settings?: KasmPageSettings, user = server.owner): Promise<KasmPage> {
  const page = await KasmPage.connect(target(user), settings);
  pages.push(page);
  return page;
}

/** A standard viewer, in the same session as the page. */
async function openViewer(): Promise<Viewer> {
  const viewer = await Viewer.connectWebSocket(target(), { encodings: EXACT_ENCODINGS });
  viewers.push(viewer);
  return viewer;
}

/** Resolves once all of them show what X shows, pixel for pixel. */
async function areExact(...shown: readonly (KasmPage | Viewer)[]): Promise<void> {
  let wrong: string | undefined;
  const probe = async (): Promise<boolean> => {
    const screen = await readScreen(server.display, server.xEnvironment());
    const differences = shown.map((one) =>
      exactDifference('shown' in one ? one.shown : one.framebuffer, screen),
    );
    wrong = differences.find((difference) => difference !== undefined);
    return wrong === undefined;
  };
  await waitFor('the exact picture', probe, EXACT_LIMIT_MS).catch((error) => {
    throw new Error(wrong ?? 'no difference', { cause: error });
  });
}

/** Adds a user by the API. */
async function addUser(name: string, rights: string): Promise<{ name: string; password: string }> {
  const owner = new HttpsClient(server.url, server.ca, server.owner);
  await owner.get(`/api/create_user?name=${name}&password=long+enough&${rights}`);
  owner.close();
  return { name, password: 'long enough' };
}

async function call(path: string): Promise<void> {
  const owner = new HttpsClient(server.url, server.ca, server.owner);
  assert.equal((await owner.get(path)).status, 200, path);
  owner.close();
}

test(`KasmVNC’s page shows the desktop in each of ${CONNECTS} connects, and what is drawn later`, async () => {
  await paintTestCard(server.xEnvironment(), SIZE);
  const viewer = await openViewer();
  for (let i = 0; i < CONNECTS; i++) {
    const page = await openPage();
    await areExact(page, viewer);
    painter.fill(0x102030 * (i + 1), { x: 10 + i, y: 300, width: 9, height: 12 });
    await painter.settled();
    await areExact(page, viewer);
    await page.close();
  }
});

test('KasmVNC’s page and a standard viewer show each small change at once, and all of many at rest', async () => {
  const [page, viewer] = [await openPage(), await openViewer()];
  await areExact(page, viewer);
  for (let i = 1; i <= 5; i++) {
    painter.fill(0x0a0b0c * i, { x: 40 * i, y: 320, width: 10, height: 18 });
    await painter.settled();
    await page.until('the change', () => page.shown.pixelAt(40 * i + 5, 325) === 0x0a0b0c * i);
  }
  const painting = new RandomPainting(painter, createRandom(7), SIZE, createPhoto(SIZE.width, SIZE.height));
  for (let step = 0; step < 150; step++) {
    painting.step();
    if (step % 3 === 0) await painter.settled();
  }
  await areExact(page, viewer);
});

test('KasmVNC’s page reads on when it asks for relays and codecs while updates are sent', async () => {
  const [page, viewer] = [await openPage(), await openViewer()];
  await areExact(page, viewer);
  const photo = { x: 320, y: 0, width: 320, height: 600 };
  for (let i = 0; i < ASKING_FRAMES; i++) {
    painter.photo(i * 8, 0, photo);
    await painter.settled();
    for (let asked = 0; asked < 10; asked++) {
      page.send({ type: 'subscribeRelay', name: 'printer' });
      page.send({ type: 'videoCodecs', codecs: [] });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  await areExact(page, viewer);
});

test('the wheel of KasmVNC’s page scrolls in the desktop', async () => {
  const page = await openPage();
  await areExact(page);
  const watcher = await connectTo(server.xEnvironment());
  const pressed: number[] = [];
  watcher.onEvent(({ type, keycode }) => {
    if (type === BUTTON_PRESS) pressed.push(Number(keycode));
  });
  const window = watcher.client.AllocID();
  const place = [0, 450, 200, 100] as const;
  watcher.client.CreateWindow(window, watcher.root, ...place, 0, 0, 0, 0, {
    eventMask: BUTTON_PRESS_MASK,
    overrideRedirect: 1,
  });
  watcher.client.MapWindow(window);
  await watcher.sync();
  page.pointer(50, 500);
  for (const distance of [WHEEL_STEP, -2 * WHEEL_STEP]) page.pointer(50, 500, 0, distance);
  await waitFor('three steps', () => pressed.length >= 3);
  await watcher.close();
  assert.equal(pressed.filter((button) => button === pressed[0]).length, 1, `${pressed}`);
  assert.deepEqual(pressed.toSorted(), pressed[0] === 4 ? [4, 5, 5] : [4, 4, 5]);
});

test('a program in a terminal reads what was typed in KasmVNC’s page, whose user sees it', async () => {
  const [page, viewer] = [await openPage(), await openViewer()];
  const env = server.xEnvironment();
  await waitFor('cat', () => typed() !== undefined);
  await visibleWindow(env, 'xterm');
  page.pointer(500, 30);
  page.pointer(500, 30, 1);
  page.pointer(500, 30);
  for (const letter of 'Hello, KasmVNC! ') page.key(letter.codePointAt(0)!);
  page.key(0xfc);
  for (const half of EMOJI_HALVES) page.key(half);
  page.key(RETURN);
  await waitFor('the line', () => typed() === 'Hello, KasmVNC! ü😀\n');
  await areExact(page, viewer);
});

test('KasmVNC’s page puts text and a PNG on the desktop’s clipboard, and gets both from it', async () => {
  const [page, viewer] = [await openPage(), await openViewer()];
  await areExact(page, viewer);
  const env = server.xEnvironment();
  const text = 'from the page: ü € 😀 日本';
  page.send({ type: 'binaryClipboard', items: [{ mime: 'text/plain', data: Buffer.from(text) }] });
  const clipboard = (): Promise<string> => x(env, 'xclip', '-o', '-selection', 'clipboard').catch(() => '');
  await waitFor('the text in X', async () => (await clipboard()) === text);
  page.send({ type: 'binaryClipboard', items: [{ mime: 'image/png', data: PNG }] });
  const png = `${folder}/out.png`;
  const paste = `xclip -o -selection clipboard -t image/png > ${png}`;
  await waitFor('the PNG in X', async () => {
    await x(env, 'sh', '-c', paste).catch(() => '');
    return readFileSync(png).equals(PNG);
  });
  // xclip stays in the background: it owns the selection until another program does.
  await x(env, 'sh', '-c', `printf 'from X: ß 日本' | xclip -i -selection clipboard > /dev/null 2>&1`);
  await page.until('the text', () => received(page, 'text/plain')?.toString() === 'from X: ß 日本');
  writeFileSync(png, PNG);
  await x(env, 'sh', '-c', `xclip -i -selection clipboard -t image/png ${png} > /dev/null 2>&1`);
  await page.until('the PNG', () => received(page, 'image/png')?.equals(PNG) === true);
  await areExact(page, viewer);
});

/** What the page was sent last of that type. */
function received(page: KasmPage, type: string): Buffer | undefined {
  const items = page.messagesOf('binaryClipboard').flatMap(({ items: all }) => all);
  const last = items.findLast(({ mime }) => mime === type);
  return last && Buffer.from(last.data);
}

test('KasmVNC’s page and a standard viewer resize the desktop, and both follow', async () => {
  const [page, viewer] = [await openPage(), await openViewer()];
  await areExact(page, viewer);
  page.resize({ width: 1000, height: 700 });
  await page.until('the size', () => page.size.width === 1000 && page.size.height === 700);
  await areExact(page, viewer);
  viewer.requestSize(SIZE);
  await page.until('the old size', () => page.size.width === SIZE.width && page.size.height === SIZE.height);
  await areExact(page, viewer);
});

test('KasmVNC’s page on two screens gets a desktop of two monitors, and one again for one screen', async () => {
  const [page, viewer] = [await openPage(), await openViewer()];
  await areExact(page, viewer);
  const screens = [
    { id: 0, x: 0, y: 0, width: 600, height: 600, flags: 0 },
    { id: 1, x: 600, y: 0, width: 400, height: 500, flags: 0 },
  ];
  const monitors = async (): Promise<string[]> => {
    const listed = await x(server.xEnvironment(), 'xrandr', '--listmonitors');
    return [...listed.matchAll(/(\d+)\/\d+x(\d+)\/\d+(\+\d+\+\d+)/g)].map(([, w, h, at]) => `${w}x${h}${at}`);
  };
  page.send({ type: 'setDesktopSize', width: 1000, height: 600, screens });
  await page.until('the size', () => page.size.width === 1000);
  const { body } = page.rects.findLast((rect) => rect.body.kind === 'extendedDesktopSize')!;
  assert.deepEqual(body.kind === 'extendedDesktopSize' && body.screens, screens);
  assert.deepEqual(await monitors(), ['600x600+0+0', '400x500+600+0']);
  await areExact(page, viewer);
  page.resize(SIZE);
  await page.until('the old size', () => page.size.width === SIZE.width);
  assert.deepEqual(await monitors(), ['800x600+0+0']);
  await areExact(page, viewer);
});

test('the preset Lossless of KasmVNC’s page gets no JPEG and no WebP, and sharpens what it had before', async () => {
  await paintTestCard(server.xEnvironment(), SIZE);
  const page = await openPage(KASM_PRESETS.low);
  await page.until('a picture with loss', () => lossyRects(page).length > 0);
  page.choose(KASM_PRESETS.lossless);
  await areExact(page);
  page.rects.length = 0;
  const photo = { x: 320, y: 0, width: 320, height: 600 };
  for (let i = 0; i < 20; i++) {
    painter.photo(i * 8, 0, photo);
    await painter.settled();
    await page.until('the change', () => page.rects.length > i);
  }
  await areExact(page);
  assert.deepEqual(lossyRects(page), []);
});

const lossyRects = (page: KasmPage): string[] =>
  page.rects.map(({ body }) => body.kind).filter((kind) => kind === 'tightJpeg' || kind === 'tightWebp');

test('KasmVNC’s page gets no more updates a second than its user set, beside a standard viewer that gets all', async () => {
  const frameRate = 10;
  const [page, viewer] = [await openPage({ ...KASM_PRESETS.medium, frameRate }), await openViewer()];
  await areExact(page, viewer);
  let ofViewer = 0;
  viewer.on('update', () => ofViewer++);
  page.updatedAtMs.length = 0;
  const sinceMs = performance.now();
  await waitFor('a film', async () => {
    painter.fill(0x010101 * (ofViewer % 250), { x: 5, y: 400, width: 30, height: 30 });
    await painter.settled();
    return ofViewer >= FILM_FRAMES;
  });
  const seconds = (performance.now() - sinceMs) / 1000;
  const ofPage = page.updatedAtMs.length;
  assert.ok(ofPage > 0 && ofPage <= frameRate * seconds + 2, `${ofPage} updates in ${seconds.toFixed(1)} s`);
  await areExact(page, viewer);
});

test('KasmVNC’s page is told its statistics', async () => {
  const page = await openPage();
  await areExact(page);
  page.send({ type: 'requestBottleneckStats' });
  await page.until('the statistics', () => page.messagesOf('bottleneckStats').length === 1);
  assert.match(page.messagesOf('bottleneckStats')[0]!.text, /^\[ \d+\.\d, \d+\.\d, \d+\.\d, \d+\.\d ]$/);
});

test('KasmVNC’s page is told who joins and leaves, and a standard viewer is not disturbed', async () => {
  const [page, viewer] = [await openPage(), await openViewer()];
  const bob = await addUser('bob', 'read=true');
  await areExact(page, viewer);
  const first = await openPage(undefined, bob);
  const second = await openPage(undefined, bob);
  await page.until('bob', () => page.messagesOf('userJoined').length > 0);
  await areExact(first, second);
  await first.close();
  await second.close();
  await page.until('the end of bob', () => page.messagesOf('userLeft').length > 0);
  assert.deepEqual(
    page.messages.filter(({ type }) => type === 'userJoined' || type === 'userLeft'),
    [
      { type: 'userJoined', name: 'bob' },
      { type: 'userLeft', name: 'bob' },
    ],
  );
  assert.deepEqual(first.messagesOf('userJoined'), [], 'nobody is told of oneself');
  await areExact(page, viewer);
  await call('/api/remove_user?name=bob');
});

test('a user of KasmVNC’s page who may only look sees everything and changes nothing', async () => {
  const carol = await addUser('carol', 'read=true');
  const page = await openPage(undefined, carol);
  await areExact(page);
  const before = typed();
  for (const letter of 'nothing') page.key(letter.codePointAt(0)!);
  page.key(RETURN);
  page.resize({ width: 900, height: 700 });
  await page.until('a refusal', () =>
    page.rects.some(({ body }) => body.kind === 'extendedDesktopSize' && body.status !== 0),
  );
  await x(server.xEnvironment(), 'true');
  assert.equal(typed(), before);
  assert.deepEqual(page.size, SIZE);
  await call('/api/remove_user?name=carol');
  assert.match(await page.waitForClose(), /removed/);
  assert.equal(page.wouldReconnect, false, 'a removed user is not let in again');
  assert.match(page.messagesOf('disconnect')[0]!.reason, /removed/);
});

test('KasmVNC’s page comes back by itself after the server was stopped and after it crashed', async () => {
  const flags = ['--size', '400x300', '--run', 'true'];
  const data = await mkdtemp(join(tmpdir(), 'deskwire-kasm-'));
  try {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const own = await startDeskwire({ flags, data });
      const page = await KasmPage.connect({ url: own.url, ca: own.ca, user: own.owner });
      await page.until('a picture', () => page.updatedAtMs.length > 0);
      await own.stop(signal);
      await page.waitForClose();
      assert.equal(page.wouldReconnect, true, signal);
      const notices = page.messagesOf('disconnect').map(({ graceful }) => graceful);
      assert.deepEqual(notices, signal === 'SIGTERM' ? [false] : []);
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

function typed(): string | undefined {
  try {
    return readFileSync(join(folder, 'typed'), 'utf8');
  } catch {
    return undefined;
  }
}
