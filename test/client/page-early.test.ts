// What the page's document does while its scripts are still on their way.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './browser.ts';
import { PageServer } from './page-server.ts';

let browser: Browser;
let pages: PageServer;
let page: Page;
/** Lets the page's script come. */
let release: () => void;
/** Addresses of the WebSockets that the page has opened. */
let sockets: string[];
let requests: string[];
/** WebSockets that have brought something, and that have closed. */
let used: number;
let closed: number;

/** Script that says whether all files have come that the document names beside its script. */
const HAS_FILES = `document.querySelectorAll('link:is([rel=modulepreload], [rel=stylesheet])').length <=
  performance.getEntriesByType('resource').filter(({ name }) => /chunk|style/.test(name)).length`;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 100, height: 80, name: 'Desk' }),
  ]);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

beforeEach(async () => {
  const held = Promise.withResolvers<void>();
  release = held.resolve;
  sockets = [];
  requests = [];
  page = await (await browser.newContext()).newPage();
  used = 0;
  closed = 0;
  page.on('websocket', (socket) => {
    sockets.push(socket.url());
    socket.once('framereceived', () => used++);
    socket.once('close', () => closed++);
  });
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await page.route('**/main-*.js', async (route) => {
    await held.promise;
    await route.continue();
  });
});

afterEach(() => page.context().close());

async function showsDesktop(): Promise<void> {
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  await page.locator('#overlay').waitFor({ state: 'hidden' });
}

test('the document begins to connect, and the script goes on with that connection', async () => {
  await page.goto(pages.url, { waitUntil: 'commit' });
  await waitFor('what the server sends first', () => used > 0);
  release();
  await showsDesktop();
  assert.equal(sockets.length, 1);
  assert.equal(requests.filter((path) => path === '/ticket').length, 1);
});

test('a connection that has ended before the script came is opened anew', async () => {
  await page.goto(pages.url, { waitUntil: 'commit' });
  await waitFor('what the server sends first', () => used > 0);
  await waitFor('the other files', () => page.evaluate<boolean>(HAS_FILES));
  await pages.vanish();
  await waitFor('the end of the connection', () => closed > 0);
  await pages.listen();
  release();
  await showsDesktop();
  assert.equal(sockets.length, 2);
});

test('the document connects no page that waits for its user', async () => {
  await page.goto(`${pages.url}?autoconnect=0`, { waitUntil: 'commit' });
  release();
  await page.locator('#overlay-action').waitFor();
  assert.deepEqual([sockets, requests.filter((path) => path === '/ticket')], [[], []]);
  await page.click('#overlay-action');
  await showsDesktop();
});

test('a page whose document may run no script of its own connects by its files', async (t) => {
  pages.allowsDocumentScripts = false;
  t.after(() => {
    pages.allowsDocumentScripts = true;
  });
  release();
  await page.goto(pages.url);
  await showsDesktop();
  assert.equal(sockets.length, 1);
});
