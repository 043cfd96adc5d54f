import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { HttpsClient } from '../support/https-client.ts';
import { stablePort } from '../support/stable-port.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';

// A portal on another site shows the desktop in a frame, where browsers show no dialog and keep no usual cookies.

const DESK = 'desk.example';
const PORTAL = 'portal.test';
const STRANGER = 'stranger.test';

let server: RunningDeskwire;
/** Answers all hosts but that of the desktop, with `html`. */
let portal: Server;
let portalPort: number;
let html = '';
let browser: Browser;
let context: BrowserContext;

before(async () => {
  portalPort = await stablePort();
  [server, browser] = await Promise.all([
    startDeskwire({
      flags: [
        '--size',
        '640x480',
        '--run',
        'exec xterm',
        '--allow-origin',
        `https://${PORTAL}:${portalPort}`,
      ],
    }),
    launchChromium([
      `--host-resolver-rules=${[DESK, PORTAL, STRANGER].map((name) => `MAP ${name} 127.0.0.1`).join(',')}`,
    ]),
  ]);
  const key = readFileSync(join(server.data, 'key.pem'));
  portal = createServer({ key, cert: server.ca }, (_request, response) => {
    response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>portal</title>${html}`);
  });
  portal.listen(portalPort, '127.0.0.1');
  await once(portal, 'listening');
  assert.equal((portal.address() as AddressInfo).port, portalPort);
});

after(async () => {
  await browser?.close();
  portal?.closeAllConnections();
  portal?.close();
  await server?.stop();
});

const desk = (): string => `https://${DESK}:${server.port}`;

async function open(host: string): Promise<Page> {
  context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(`https://${host}:${portalPort}/`);
  return page;
}

async function showsDesktop(frame: FrameLocator): Promise<void> {
  await frame.locator('#screen').waitFor({ state: 'attached' });
  await frame.locator('#overlay').waitFor({ state: 'hidden' });
}

test('a frame of an allowed site has a login form, and stays logged in by a cookie for that site', async () => {
  html = `<iframe src="${desk()}/" width="640" height="480"></iframe>`;
  const page = await open(PORTAL);
  const frame = page.frameLocator('iframe');
  const { name, password } = server.owner;
  await frame.locator('#user').fill(name);
  await frame.locator('#password').fill('wrong');
  await frame.locator('#submit').click();
  await frame.locator('#message', { hasText: 'The name or the password is wrong.' }).waitFor();
  await frame.locator('#password').fill(password);
  await frame.locator('#submit').click();
  await showsDesktop(frame);

  const [cookie, ...others] = (await context.cookies()).filter(({ name }) => name.includes('deskwire-'));
  assert.equal(others.length, 0);
  assert.deepEqual([cookie?.sameSite, cookie?.secure], ['None', true]);
  await page.reload();
  await showsDesktop(page.frameLocator('iframe'));
  // In a frame of another site, and on a page of its own, this browser has no cookie.
  const own = await context.newPage();
  await own.goto(`${desk()}/`);
  await own.locator('#user').waitFor();
  await context.close();
});

/** Has the owner make a ticket, as a portal does it, and returns its URL at the host that browsers know. */
async function ticketUrl(uses: number): Promise<string> {
  const api = new HttpsClient(server.url, server.ca, server.owner);
  const answer = await api.post('/api/tickets', { guest: 'Anna', uses });
  api.close();
  assert.equal(answer.status, 200, answer.text());
  return `${desk()}${answer.json().path}`;
}

test('a link with a ticket logs a frame of an allowed site in, and later loads need no ticket', async () => {
  html = `<iframe src="${await ticketUrl(1)}" width="640" height="480"></iframe>`;
  const page = await open(PORTAL);
  await showsDesktop(page.frameLocator('iframe'));
  const inside = page.frames().find((frame) => frame !== page.mainFrame())!;
  assert.equal(inside.url(), `${desk()}/`);
  html = `<iframe src="${desk()}/" width="640" height="480"></iframe>`;
  await page.reload();
  await showsDesktop(page.frameLocator('iframe'));
  await context.close();
});

test('a link with a ticket opens the desktop in a tab, leaves the address bar, and works once', async () => {
  html = '';
  const page = await open(PORTAL);
  const url = await ticketUrl(1);
  const seen: string[] = [];
  page.on('framenavigated', (frame) => seen.push(frame.url()));
  page.on('request', (request) => assert.ok(!request.url().replace(/#.*/, '').includes('dwk_')));
  await page.goto(url);
  await page.locator('#screen').waitFor({ state: 'attached' });
  await page.locator('#overlay').waitFor({ state: 'hidden' });
  assert.equal(page.url(), `${desk()}/`);
  assert.ok(seen.length > 1 && seen.slice(1).every((address) => !address.includes('ticket')), seen.join());
  await page.goBack();
  assert.ok(!page.url().includes('ticket'), 'the history has no ticket');
  await context.close();

  const late = await open(PORTAL);
  await late.goto(url);
  await late.locator('#message', { hasText: 'This link is no longer valid.' }).waitFor();
  assert.ok(!late.url().includes('ticket'));
  const { stdout, stderr } = server.output();
  assert.ok(!`${stdout}${stderr}`.includes('dwk_'), 'no log has a ticket');
  await context.close();
});

test('a site that is not allowed shows no desktop, and gets neither ticket nor viewer', async () => {
  html = `<iframe src="${desk()}/" width="640" height="480"></iframe>`;
  const page = await open(STRANGER);
  const asked = await page.evaluate(openViewer, { desk: desk(), login: login() });
  assert.equal(asked, 'refused');
  assert.equal(await page.frameLocator('iframe').locator('#user').count(), 0);
  await context.close();
});

test('a page of an allowed site logs in by a ticket’s request, and opens its own viewer by the cookie alone', async () => {
  html = '';
  const page = await open(PORTAL);
  assert.equal(await page.evaluate(openViewer, { desk: desk(), login: login() }), 'RFB 003.008\n');
  await context.close();
});

const login = (): string => Buffer.from(`${server.owner.name}:${server.owner.password}`).toString('base64');

/** Runs in the page, which logs in by a ticket's request and opens a WebSocket without the ticket. */
async function openViewer({ desk, login }: { desk: string; login: string }): Promise<string> {
  try {
    const headers = { Authorization: `Basic ${login}` };
    await fetch(`${desk}/ticket`, { method: 'POST', credentials: 'include', headers });
  } catch {
    return 'refused';
  }
  const socket = new WebSocket(`${desk.replace('https', 'wss')}/websockify`, 'binary');
  return new Promise<string>((resolve) => {
    socket.onmessage = async ({ data }) => resolve(await (data as Blob).text());
    socket.onerror = () => resolve('no WebSocket');
  });
}
