// The page's own login in Chromium, with a real server: the form, sessions, logging out, and what stays possible by Basic.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { HttpsClient } from '../support/https-client.ts';
import { least } from '../support/limits.ts';
import { stablePort } from '../support/stable-port.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { says, showsDesktop } from './open-page.ts';

/** Longest time from the form to the first picture, on loopback: the promised second, doubled for a busy machine. */
const FIRST_PICTURE_MS = 2 * 1000;

let data: string;
let server: RunningDeskwire;
let browser: Browser;

const start = (port: number, ...flags: string[]): Promise<RunningDeskwire> =>
  startDeskwire({ data, port, flags: ['--size', '640x480', '--run', 'exec sleep 1000', ...flags] });

before(async () => {
  data = await mkdtemp(join(tmpdir(), 'deskwire-data-'));
  [server, browser] = await Promise.all([start(await stablePort()), launchChromium()]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(data, { recursive: true, force: true });
});

async function newBrowser(t: TestContext, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  t.after(() => context.close());
  return context;
}

async function openIn(context: BrowserContext, url = server.url): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

async function logIn(page: Page, { name, password } = server.owner): Promise<void> {
  await page.fill('#user', name);
  await page.fill('#password', password);
  await page.click('#submit');
}

async function logOut(page: Page): Promise<void> {
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#sign-out');
  await says(page, /You are signed out/);
}

/** The status of a call that a script of the page sends, with the page's key or without. */
const call = (page: Page, path: string, hasKey: boolean): Promise<number> =>
  page.evaluate(
    async ({ path, hasKey }) => {
      const key = localStorage.getItem('deskwire / session') ?? 'none';
      return (await fetch(path, { headers: hasKey ? { 'Deskwire-Session': key } : {} })).status;
    },
    { path, hasKey },
  );

test('the page opens with a form in place of the browser’s dialog, and shows the desktop after it', async (t) => {
  const context = await newBrowser(t);
  const page = await openIn(context);
  await page.locator('#user').waitFor();
  await logIn(page, { name: server.owner.name, password: 'wrong' });
  await page.locator('#message').filter({ hasText: 'The name or the password is wrong.' }).waitFor();
  await logIn(page);
  await showsDesktop(page);
  const [cookie] = await context.cookies();
  assert.deepEqual(
    [cookie?.httpOnly, cookie?.secure, cookie?.sameSite, cookie?.expires],
    [true, true, 'Strict', -1],
  );
  await page.reload();
  await showsDesktop(page);
  await showsDesktop(await openIn(context));
  assert.equal(await call(page, '/api/get_users', true), 200);
  assert.equal(await call(page, '/api/get_users', false), 401, 'and no dialog');
});

test('the first picture is there within a second after the form was sent', async (t) => {
  await least(FIRST_PICTURE_MS, async () => {
    const page = await openIn(await newBrowser(t));
    await page.fill('#user', server.owner.name);
    await page.fill('#password', server.owner.password);
    const tookMs = await page.evaluate<number>(
      `new Promise((resolve) => {
        const begin = performance.now();
        const look = () => {
          const isShown = document.querySelector('#screen').dataset.empty === 'false';
          if (isShown) resolve(performance.now() - begin);
          else requestAnimationFrame(look);
        };
        document.querySelector('#submit').click();
        look();
      })`,
    );
    t.diagnostic(`${Math.round(tookMs)} ms`);
    return tookMs;
  });
});

test('logging out ends the session in each tab of the browser, and what it was good for', async (t) => {
  const context = await newBrowser(t);
  const page = await openIn(context);
  await logIn(page);
  await showsDesktop(page);
  const other = await openIn(context);
  await showsDesktop(other);
  const [cookie] = await context.cookies();
  const key = await page.evaluate<string>(`localStorage.getItem('deskwire / session')`);
  await logOut(page);
  await says(other, /You are signed out/);
  await says(other, /You have signed out\./);
  for (const tab of [page, other]) assert.equal(await tab.locator('#screen').isVisible(), false);
  assert.deepEqual(await context.cookies(), []);
  const thief = new HttpsClient(server.url, server.ca);
  const headers = { cookie: `${cookie!.name}=${cookie!.value}`, 'deskwire-session': key };
  assert.equal((await thief.get('/api/get_users', { headers })).status, 401);
  assert.equal((await thief.post('/ticket', undefined, { headers })).status, 401);
  thief.close();
  await page.reload();
  await page.locator('#user').waitFor();
  await logIn(page);
  await showsDesktop(page);
  await showsDesktop(other);
});

test('a page that stays logged in outlives a restart of the server without the form, and so does a new tab', async (t) => {
  const context = await newBrowser(t);
  const page = await openIn(context);
  await page.check('#stay');
  await logIn(page);
  await showsDesktop(page);
  const [cookie] = await context.cookies();
  assert.ok(cookie!.expires > Date.now() / 1000 + 29 * 24 * 60 * 60);
  await server.stop('SIGKILL');
  await says(page, /Connection lost/);
  server = await start(server.port);
  await showsDesktop(page);
  await showsDesktop(await openIn(context));
  assert.equal(await call(page, '/api/get_users', true), 200);
});

test('a name and a password in the address, and the browser’s own dialog, open the page without the form', async (t) => {
  const { name, password } = server.owner;
  const url = new URL(server.url);
  url.username = name;
  url.password = password;
  await showsDesktop(await openIn(await newBrowser(t), url.href));
  url.search = '?login=basic';
  await showsDesktop(await openIn(await newBrowser(t), url.href));
});

test('a program that drives the browser logs in by the credentials that it gives it, and without them sees the form', async (t) => {
  const httpCredentials = { username: server.owner.name, password: server.owner.password };
  await showsDesktop(await openIn(await newBrowser(t, { httpCredentials })));
  const wrong = { ...httpCredentials, password: 'wrong' };
  const page = await openIn(await newBrowser(t, { httpCredentials: wrong }));
  await page.locator('#user').waitFor();
});

test('a user who loses the right to see, or the password, learns what to do', async (t) => {
  const owner = new HttpsClient(server.url, server.ca, server.owner);
  t.after(() => owner.close());
  await owner.get('/api/create_user?name=guest&password=looks-only&read=true');
  const page = await openIn(await newBrowser(t));
  const guest = { name: 'guest', password: 'looks-only' };
  await logIn(page, guest);
  await showsDesktop(page);
  await owner.get('/api/update_user?name=guest&read=false');
  await says(page, /You may not see this desktop/);
  await page.reload();
  await says(page, /No access to this desktop/);
  await owner.get('/api/update_user?name=guest&read=true');
  await page.getByRole('button', { name: 'Try again' }).click();
  await showsDesktop(page);

  await owner.get('/api/update_user?name=guest&password=other-password');
  await says(page, /The password was changed\. Sign in with the new one\./);
  assert.equal(await page.inputValue('#user'), 'guest');
  await logIn(page, { name: 'guest', password: 'other-password' });
  await showsDesktop(page);
  await owner.get('/api/remove_user?name=guest');
  await says(page, /This user was removed\./);
});
