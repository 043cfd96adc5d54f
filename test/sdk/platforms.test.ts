import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { ADA, ContractServer } from '../api/contract-server.ts';
import { launchChromium } from '../client/browser.ts';
import { withSlack } from '../support/limits.ts';
import { HAS_OTHER_NODES, otherNode } from '../support/other-node.ts';
import { stablePort } from '../support/stable-port.ts';
import { BuiltSdk } from './built-sdk.ts';

const run = promisify(execFile);
const LIMIT_MS = 20_000;

/** What the scenario reports on every platform. */
const expected = (prefix: string) => ({
  first: 'hello',
  listed: 2,
  added: [`${prefix}-1`, `${prefix}-ü`],
  picture: [...Buffer.from('PNG')],
  refusal: [true, 'ACCOUNTS_USER_EXISTS', 400, true],
  abort: 'enough',
  clipboard: 'Grüße',
  ticket: true,
});

let server: ContractServer;
let sdk: BuiltSdk;
let token: string;
/** A site of others, whose pages call the API. */
let portal: Server;
let portalUrl: string;
before(async () => {
  const port = await stablePort();
  portalUrl = `http://127.0.0.1:${port}`;
  [server, sdk] = await Promise.all([ContractServer.start({ allowOrigin: [portalUrl] }), BuiltSdk.build()]);
  for (const file of ['scenario.js', 'run-in-node.js'])
    copyFileSync(join(import.meta.dirname, file), join(sdk.folder, file));
  // As every project with modules has it.
  writeFileSync(join(sdk.folder, 'package.json'), '{ "type": "module" }');
  const body = { name: 'sdk', scopes: ['admin'], expires_s: 600 };
  token = (await server.client(ADA).post('/api/tokens', body)).json().token;
  portal = createServer((request, response) => {
    const name = basename(request.url ?? '');
    if (!name.endsWith('.js')) {
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>portal</title>');
      return;
    }
    const folder = name === 'scenario.js' ? sdk.folder : sdk.modules;
    response.setHeader('Content-Type', 'text/javascript').end(readFileSync(join(folder, name)));
  });
  await once(portal.listen(port, '127.0.0.1'), 'listening');
});
after(async () => {
  portal?.closeAllConnections();
  portal?.close();
  await server?.close();
  sdk?.remove();
});

for (const major of [20, 22, 24] as const) {
  const skip = major !== 24 && !HAS_OTHER_NODES && 'npm has older versions only for x64';
  test(`the client library does the same in Node.js ${major}`, { skip }, async () => {
    const node = major === 24 ? process.execPath : otherNode(major);
    const args = [join(sdk.folder, 'run-in-node.js'), server.url, token, server.certificatePath];
    const { stdout } = await run(node, args, { cwd: sdk.folder, timeout: withSlack(LIMIT_MS) });
    const { version, result } = JSON.parse(stdout);
    assert.equal(Number.parseInt(version, 10), major);
    assert.deepEqual(result, expected(`node-${version}`));
  });
}

test('the client library does the same in Chromium, in a page of an allowed site', async () => {
  const browser: Browser = await launchChromium();
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(portalUrl);
    const result = await page.evaluate(
      async ([url, token]) => {
        const load = (name: string) => import(name);
        const [sdk, { scenario }] = await Promise.all([load('/sdk/index.js'), load('/scenario.js')]);
        return scenario(sdk, { url, token }, 'chromium');
      },
      [server.url, token] as const,
    );
    assert.deepEqual(result, expected('chromium'));
  } finally {
    await browser.close();
  }
});
