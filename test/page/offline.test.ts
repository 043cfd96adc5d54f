// A real server that goes away, below a path: what the browser has kept of its page.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { stablePort } from '../support/stable-port.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { openPage, says, showsDesktop } from './open-page.ts';

let data: string;
let server: RunningDeskwire;
let browser: Browser;
let page: Page;

const start = async (port: number): Promise<RunningDeskwire> => {
  const flags = ['--size', '320x240', '--base-path', '/desk', '--run', 'exec sleep 1000'];
  const running = await startDeskwire({ data, port, flags });
  return { ...running, url: `${new URL(running.url).origin}/desk/` };
};

before(async () => {
  data = await mkdtemp(join(tmpdir(), 'deskwire-data-'));
  // As for a certificate that the browser trusts.
  [server, browser] = await Promise.all([
    start(await stablePort()),
    launchChromium(['--ignore-certificate-errors']),
  ]);
  page = await openPage(browser, server);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(data, { recursive: true, force: true });
});

test('the page below a path opens while its server is away, and shows the desktop when that is back', async () => {
  const scope = await page.evaluate<string>('navigator.serviceWorker.ready.then(({ scope }) => scope)');
  assert.equal(scope, server.url);
  await server.stop();
  await page.goto(server.url);
  await says(page, /The server can’t be reached/);
  server = await start(server.port);
  await showsDesktop(page);
});

test('a kept page has the content policy of the server, and keeps nothing from outside the path', async () => {
  const kept = await page.evaluate<[string, string][]>(`(async () => {
    const files = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) {
        const response = await caches.match(request);
        files.push([new URL(request.url).pathname, response.headers.get('content-security-policy') ?? '']);
      }
    }
    return files;
  })()`);
  assert.ok(kept.length > 3);
  for (const [path, policy] of kept) {
    assert.match(path!, /^\/desk\/[\w.-]*$/);
    assert.match(policy!, /default-src 'none'/);
  }
});
