// The page of docs/embedding.md with two desktops, as it stands there.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { buildClient } from '../../scripts/build-client.ts';
import { launchChromium } from '../client/browser.ts';
import { x } from '../desktop/support.ts';
import { BuiltSdk } from '../sdk/built-sdk.ts';
import { HttpsClient } from '../support/https-client.ts';
import { stablePort } from '../support/stable-port.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { waitFor } from '../support/wait-for.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/embedding.md'), 'utf8');
const COLOURS = ['#204060', '#804020'] as const;

/** The example that begins with the name of its file. */
function exampleOf(name: string): string {
  const found = [...PAGE.matchAll(/^```(?:js|html)\n(.*?)^```$/gms)].find(([, code]) =>
    code!.split('\n', 1)[0]!.includes(name),
  );
  assert.ok(found, name);
  return found[1]!;
}

let sdk: BuiltSdk;
let servers: RunningDeskwire[] = [];
let site: ChildProcess;
let browser: Browser;
let page: Page;

before(async () => {
  const sitePort = await stablePort();
  const start = (colour: string): Promise<RunningDeskwire> =>
    startDeskwire({
      flags: [
        ...['--size', '320x240', '--allow-origin', `http://127.0.0.1:${sitePort}`],
        ...['--run', `xsetroot -solid '${colour}'; exec sleep 1000`],
      ],
    });
  [sdk, browser, ...servers] = await Promise.all([BuiltSdk.build(), launchChromium(), ...COLOURS.map(start)]);
  await buildClient(join(sdk.folder, 'node_modules/deskwire/dist/client'));
  const tokens: string[] = [];
  for (const [i, { url, ca, owner, data }] of servers.entries()) {
    const client = new HttpsClient(url, ca, owner);
    tokens.push((await client.post('/api/tokens', { name: 'site', scopes: ['admin'] })).json().token);
    client.close();
    const folder = join(sdk.folder, `desk-${i + 1}`);
    mkdirSync(folder);
    cpSync(join(data, 'cert.pem'), join(folder, 'cert.pem'));
  }
  const program = exampleOf('site.mjs')
    .replace(':8443/', `:${servers[0]!.port}/`)
    .replace(':9443/', `:${servers[1]!.port}/`)
    .replace('listen(8000', `listen(${sitePort}`);
  writeFileSync(
    join(sdk.folder, 'site.mjs'),
    `${program}site.on('listening', () => console.log('ready'));\n`,
  );
  writeFileSync(join(sdk.folder, 'desks.html'), exampleOf('desks.html'));
  const [TOKEN_1, TOKEN_2] = tokens;
  site = spawn(process.execPath, ['site.mjs'], {
    cwd: sdk.folder,
    env: { PATH: process.env.PATH, HOME: sdk.folder, TOKEN_1, TOKEN_2 },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(site.stdout!, 'data');
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: { width: 900, height: 600 },
  });
  page = await context.newPage();
  await page.goto(`http://127.0.0.1:${sitePort}/`);
});

after(async () => {
  await browser?.close();
  site?.kill('SIGKILL');
  await Promise.all(servers.map((server) => server.stop()));
  sdk?.remove();
});

const colourOf = (i: number): Promise<string> =>
  page.evaluate(`(() => {
    const canvas = document.querySelectorAll('deskwire-view')[${i}]?.shadowRoot?.querySelector('canvas');
    if (!canvas) return '';
    const [red, green, blue] = canvas.getContext('2d').getImageData(5, 5, 1, 1).data;
    return '#' + [red, green, blue].map((one) => one.toString(16).padStart(2, '0')).join('');
  })()`);

test('the example of docs/embedding.md shows two desktops beside each other', async () => {
  for (const [i, colour] of COLOURS.entries())
    await waitFor(`desktop ${i + 1}`, async () => (await colourOf(i)) === colour);
  assert.match((await page.locator('[role=status]').textContent())!, /is shown\.$/);
});

test('the example tells the frames a second of each desktop', async () => {
  const titles = (): Promise<string[]> =>
    page.evaluate(`[...document.querySelectorAll('deskwire-view')].map(({ title }) => title)`);
  await waitFor('the statistics', async () => {
    const found = await titles();
    return found.length === 2 && found.every((title) => /^\d+ frames a second$/.test(title));
  });
});

test('in the example, what one desktop copies can be pasted on the other', async () => {
  const [first, second] = servers.map((server) => server.xEnvironment());
  await x(
    first!,
    'sh',
    '-c',
    `printf 'from desk 1: ß 日本' | xclip -i -selection clipboard > /dev/null 2>&1`,
  );
  await waitFor('the text on the other desktop', async () => {
    const text = await x(second!, 'xclip', '-o', '-selection', 'clipboard').catch(() => '');
    return text === 'from desk 1: ß 日本';
  });
});

test('the example says why a desktop is gone', async () => {
  await servers[1]!.stop();
  await waitFor('the reason', async () => {
    const said = await page.locator('[role=status]').textContent();
    return /server|connection/i.test(said!) && !/is shown/.test(said!);
  });
});
