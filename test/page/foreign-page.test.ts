import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { ADA, ContractServer } from '../api/contract-server.ts';
import { launchChromium } from '../client/browser.ts';
import { waitFor } from '../support/wait-for.ts';

// A browser that remembers an owner's password opens a page on another port of the same host.

let server: ContractServer;
/** The other service on the host. Answers each request with `html`. */
let stranger: Server;
let strangerUrl: string;
let html = '';
let browser: Browser;
let context: BrowserContext;
let desk: Page;

before(async () => {
  [server, browser] = await Promise.all([
    ContractServer.start(),
    launchChromium(['--ignore-certificate-errors']),
  ]);
  const key = readFileSync(join(server.folder, 'key.pem'));
  stranger = createServer({ key, cert: server.ca }, (_request, response) => {
    response.setHeader('Content-Type', 'text/html').end(html);
  });
  stranger.listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  strangerUrl = `https://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
  context = await browser.newContext({ ignoreHTTPSErrors: true });
  desk = await context.newPage();
  const url = new URL(server.url);
  url.username = ADA.name;
  url.password = ADA.password;
  url.search = '?login=basic';
  assert.equal((await desk.goto(url.href))?.status(), 200);
});

after(async () => {
  await browser?.close();
  stranger?.closeAllConnections();
  stranger?.close();
  await server?.close();
});

/** The statuses of the answers to `create_user` so far. */
const statuses = (): number[] =>
  server.logged
    .split('\n')
    .filter((line) => line.includes('"/api/create_user"'))
    .map((line) => JSON.parse(line).status);

const attack = (name: string): string =>
  new URL(`/api/create_user?name=${name}&password=x&owner=true`, server.url).href;

test('a script of the desktop’s own page may create a user with the password that the browser remembers', async () => {
  const { status } = await desk.evaluate(async (url) => {
    const answer = await fetch(url);
    return { status: answer.status };
  }, attack('friend'));
  assert.equal(status, 200);
  assert.ok(server.accounts.get('friend')?.owner);
});

const link = (name: string): string => `<a id="go" href="${attack(name)}" rel="noreferrer">go</a>`;
const speculation = (kind: string, name: string): string =>
  `<script type="speculationrules">${JSON.stringify({
    [kind]: [{ source: 'list', urls: [attack(name)], eagerness: 'immediate' }],
  })}</script>`;

const ATTACKS: Readonly<Record<string, (name: string) => string>> = {
  'an image': (name) => `<img referrerpolicy="no-referrer" src="${attack(name)}">`,
  'a script': (name) =>
    `<script>fetch(${JSON.stringify(attack(name))}, { mode: 'no-cors', credentials: 'include' })</script>`,
  'a form': (name) => `
    <form method="post" enctype="text/plain" action="${attack(name).replace(/\?.*/, '')}">
      <input name='[{"user":"${name}","password":"x","owner":true,"ignored":"' value='"}]'>
    </form>
    <script>document.forms[0].submit()</script>`,
  'a link': link,
  'a new window': (name) => `<script>open(${JSON.stringify(attack(name))}, '_blank', 'noreferrer')</script>
    <button id="go" onclick="open('${attack(name)}', '_blank', 'noreferrer')">go</button>`,
  'a frame': (name) => `<iframe src="${attack(name)}"></iframe>`,
  'a prefetching link': (name) => `<link rel="prefetch" href="${attack(name)}">`,
  'a rule for prefetches': (name) => speculation('prefetch', name),
  'a rule for prerendered pages': (name) => speculation('prerender', name),
};

for (const [index, [what, body]] of Object.entries(ATTACKS).entries()) {
  test(`${what} on another port of the host cannot create a user`, async () => {
    const name = `mallory${index}`;
    html = `<!doctype html><title>stranger</title>${body(name)}`;
    const before = statuses().length;
    const page = await context.newPage();
    await page.goto(strangerUrl);
    const go = page.locator('#go');
    if ((await go.count()) > 0) await go.click();
    await waitFor('the request', () => statuses().length > before);
    await page.close();
    assert.deepEqual([...new Set(statuses().slice(before))], [403]);
    assert.equal(server.accounts.get(name), undefined);
  });
}

test('a link on another site and the address bar open the page of a user whose password the browser knows', async () => {
  html = `<!doctype html><a id="go" href="${server.url}">go</a>`;
  const page = await context.newPage();
  await page.goto(strangerUrl);
  await page.locator('#go').click();
  await page.waitForURL(server.url);
  assert.equal(await page.title(), 'desk');
  assert.equal((await page.goto(server.url))?.status(), 200);
  await page.close();
});
