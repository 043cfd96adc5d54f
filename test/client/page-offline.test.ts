// What the browser keeps of the page: for times without the server, and as an installed application.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

let browser: Browser;
let pages: PageServer;
let context: BrowserContext;
let page: Page;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 100, height: 80, name: 'Kept' }),
  ]);
});

beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(pages.url);
  await shows();
  // The worker has kept the files once it is active.
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
});

afterEach(async () => {
  pages.refuseWith = undefined;
  await context.close();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Resolves when the page shows the desktop. */
async function shows(): Promise<PageViewer> {
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  await page.locator('#overlay').waitFor({ state: 'hidden' });
  return viewer;
}

const says = (text: RegExp): Promise<void> => page.locator('#overlay').filter({ hasText: text }).waitFor();

const script = (): Promise<string> =>
  page.evaluate<string>(`document.querySelector('script[type="module"]').src.split('/').at(-1)`);

const keptFiles = (): Promise<string[]> =>
  page.evaluate<string[]>(`(async () => {
    const files = [];
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys()) files.push(new URL(url).pathname.slice(1));
    return files.sort();
  })()`);

test('a page that is opened while the server is away says so, and connects once the server is back', async () => {
  await pages.vanish();
  try {
    await page.reload();
    await says(/The server can’t be reached/);
    // All of it was kept: its style, too.
    assert.equal(await page.evaluate('getComputedStyle(document.body).overflow'), 'hidden');
  } finally {
    await pages.listen();
  }
  await shows();
});

test('a page that is opened without a network says that the device is offline, and connects with the network', async () => {
  await context.setOffline(true);
  // Playwright forgets to tell a page that a worker serves.
  await page.addInitScript(`Object.defineProperty(navigator, 'onLine', { value: false })`);
  await page.reload();
  await says(/You are offline/);
  await context.setOffline(false);
  await shows();
});

test('only the page’s own files are kept, and no answer of the API, no ticket and no picture', async () => {
  await page.reload();
  await shows();
  await page.evaluate(`(async () => {
    for (const path of ['api/get_users', 'api/get_screenshot', 'view.js', 'favicon.svg?x', '']) await fetch(path);
    await fetch('ticket', { method: 'POST' });
  })()`);
  const own = (await pages.files()).filter(
    (name) => !/\.map$|^(view|service-worker|index|fleet)[.-]|^icon-|texts-(?!en)[a-z]{2}-/.test(name),
  );
  assert.deepEqual(await keptFiles(), ['', ...own].sort());
  assert.ok(own.includes(await script()));
});

test('a page in another language is kept with the texts of that language, and of no other', async () => {
  await context.close();
  context = await browser.newContext({ locale: 'de-AT' });
  page = await context.newPage();
  await page.goto(pages.url);
  await shows();
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
  const languages = (await keptFiles()).flatMap((name) => /^(\w+-)?texts-(\w\w)-/.exec(name)?.[2] ?? []);
  assert.deepEqual(languages, ['de', 'de', 'de']);
  await pages.vanish();
  try {
    await page.reload();
    await says(/Der Server ist nicht erreichbar/);
    assert.equal(await page.evaluate('document.documentElement.lang'), 'de');
  } finally {
    await pages.listen();
  }
  await shows();
});

test('a page whose texts cannot be loaded is in English, and says so to readers for blind users', async () => {
  await context.close();
  context = await browser.newContext({ locale: 'fr-FR' });
  await context.route('**/*texts-fr-*.js', (route) => route.abort());
  page = await context.newPage();
  await page.goto(pages.url);
  await shows();
  assert.equal(await page.evaluate('document.documentElement.lang'), 'en');
  assert.equal(await page.locator('#keys-panel').getAttribute('aria-label'), 'Keys');
});

test('an updated server shows its new page at once, and that page is the one that is kept', async () => {
  const old = await script();
  await pages.update();
  await page.reload();
  await shows();
  const updated = await script();
  assert.notEqual(updated, old);
  await waitFor('the new files', async () => (await keptFiles()).includes(updated));
  // An open page of the last version may still need its own.
  assert.ok((await keptFiles()).includes(old));
  await pages.vanish();
  try {
    await page.reload();
    await says(/The server can’t be reached/);
    assert.equal(await script(), updated);
  } finally {
    await pages.listen();
  }
});

test('files are kept of two versions at most', async () => {
  const scripts = [await script()];
  for (let i = 0; i < 2; i++) {
    await pages.update();
    await page.reload();
    await shows();
    scripts.push(await script());
    await waitFor('the new files', async () => (await keptFiles()).includes(scripts.at(-1)!));
  }
  await waitFor('two caches', () =>
    page.evaluate<boolean>('caches.keys().then((names) => names.length <= 2)'),
  );
  assert.ok((await keptFiles()).includes(scripts.at(-1)!));
});

/** Connects the page, which then loads another version. */
async function loadsAnew(old: string): Promise<void> {
  await pages.nextViewer();
  await waitFor('the new page', async () => (await script().catch(() => old)) !== old);
  await shows();
}

test('an open page is loaded anew when the server comes back with another one, and only then', async () => {
  const old = await script();
  await page.evaluate('window.isFirst = true');
  await pages.vanish();
  await pages.listen();
  await shows();
  assert.equal(await page.evaluate('window.isFirst'), true);
  await pages.vanish();
  await pages.update();
  await pages.listen();
  await loadsAnew(old);
});

test('a page that was kept from before an update is loaded anew once the server is back', async () => {
  const old = await script();
  await pages.vanish();
  await page.reload();
  await says(/The server can’t be reached/);
  await pages.update();
  await pages.listen();
  await loadsAnew(old);
});

test('behind a proxy whose server is away, the kept page shows instead of the proxy’s', async () => {
  pages.refuseWith = 502;
  await page.reload();
  await says(/The desktop is not available/);
  pages.refuseWith = undefined;
  await shows();
});

test('a page that needs a login is loaded by the browser itself, which has a dialog for that', async () => {
  pages.refuseWith = 401;
  const answer = await page.goto(pages.url);
  assert.equal(answer!.status(), 401);
  assert.equal(answer!.fromServiceWorker(), false);
  assert.equal(
    await page.evaluate('navigator.serviceWorker.getRegistrations().then((all) => all.length)'),
    0,
  );
});

test('a page in a frame keeps nothing in the browser', async () => {
  const framed = await browser.newContext();
  const outer = await framed.newPage();
  await outer.route('**/outer', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<iframe src="/"></iframe>' }),
  );
  await outer.goto(`${pages.url}outer`);
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  await outer.frameLocator('iframe').locator('#overlay').waitFor({ state: 'hidden' });
  await viewer.roundTrip();
  assert.equal(
    await outer.evaluate('navigator.serviceWorker.getRegistrations().then((all) => all.length)'),
    0,
  );
  await framed.close();
});

test('the page can be installed: Chromium finds no fault in its manifest, and each icon has the size that it says', async () => {
  const devTools = await context.newCDPSession(page);
  const { url, data, errors } = await devTools.send('Page.getAppManifest');
  assert.deepEqual(errors, []);
  assert.equal(url, `${pages.url}manifest.webmanifest`);
  const { icons } = JSON.parse(data!) as { icons: { src: string; sizes: string; purpose: string }[] };
  for (const { src, sizes } of icons.filter((icon) => icon.sizes !== 'any')) {
    const png = PNG.sync.read(Buffer.from(await (await fetch(new URL(src, url))).arrayBuffer()));
    assert.equal(`${png.width}x${png.height}`, sizes, src);
  }
  const { installabilityErrors } = await devTools.send('Page.getInstallabilityErrors');
  assert.deepEqual(
    // A window without its own profile never installs anything.
    installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito'),
    [],
  );
});

test('an icon that systems cut to shape has all of its drawing in the circle that they leave', async () => {
  const maskable = await (await fetch(new URL('icon-maskable-512.png', pages.url))).arrayBuffer();
  const { width, height, data } = PNG.sync.read(Buffer.from(maskable));
  const ground = data.subarray(0, 4);
  assert.equal(ground[3], 255);
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
    const isOutside = Math.hypot(x - width / 2, y - height / 2) > 0.4 * width;
    if (isOutside) assert.ok(data.subarray(at, at + 4).equals(ground), `${x},${y}`);
  }
});
