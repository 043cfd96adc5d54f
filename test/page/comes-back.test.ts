import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { x } from '../desktop/support.ts';
import { difference } from '../support/compare-pictures.ts';
import { HttpsClient } from '../support/https-client.ts';
import { stablePort } from '../support/stable-port.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { waitFor } from '../support/wait-for.ts';
import { xServerPid } from '../support/x-server-pid.ts';
import { openPage, pictureInX, pictureOf, says, showsDesktop } from './open-page.ts';

let data: string;
let server: RunningDeskwire;
let browser: Browser;
let page: Page;

const start = (colour: string, port: number): Promise<RunningDeskwire> =>
  startDeskwire({
    data,
    port,
    flags: ['--size', '640x480', '--run', `xsetroot -solid '${colour}'; exec sleep 1000`],
  });

before(async () => {
  data = await mkdtemp(join(tmpdir(), 'deskwire-data-'));
  [server, browser] = await Promise.all([start('#204060', await stablePort()), launchChromium()]);
  page = await openPage(browser, server);
  await showsColour('32,64,96');
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(data, { recursive: true, force: true });
});

/** Resolves when both the page and X show that colour everywhere. */
async function showsColour(colour: string): Promise<void> {
  await waitFor(`the colour ${colour}`, async () => {
    const shown = await pictureOf(page);
    const [red, green, blue] = shown.bytes;
    if (`${red},${green},${blue}` !== colour) return false;
    return difference(shown, await pictureInX(server)).worst === 0;
  });
}

test('an X server that dies comes back in the page, with its programs, on the same connection', async () => {
  await x(server.xEnvironment(), 'xsetroot', '-solid', '#aa5511');
  await showsColour('170,85,17');
  const client = new HttpsClient(server.url, server.ca, server.owner);
  const connections = async () => (await client.get('/api/get_bottleneck_stats')).text().match(/\w+::/g);
  const before = await connections();
  process.kill(xServerPid(server.pid)!, 'SIGKILL');
  await showsColour('32,64,96');
  await page.mouse.move(222, 111);
  await waitFor('the pointer', async () => {
    const said = await x(server.xEnvironment(), 'xdotool', 'getmouselocation').catch(() => '');
    return said.startsWith('x:222 y:111 ');
  });
  assert.deepEqual(await connections(), before);
  client.close();
});

test('the page reconnects by itself to a server that was killed and restarted', async () => {
  await server.stop('SIGKILL');
  await says(page, /Connection lost/);
  await says(page, /Trying again in \d+ second/);
  assert.equal(await page.locator('#screen').getAttribute('data-stale'), 'true');
  server = await start('#308050', server.port);
  await showsDesktop(page);
  await showsColour('48,128,80');
  await page.mouse.move(33, 44);
  await waitFor('the pointer', async () => {
    const said = await x(server.xEnvironment(), 'xdotool', 'getmouselocation');
    return said.startsWith('x:33 y:44 ');
  });
});

test('the page says that the server has stopped', async () => {
  await server.stop();
  await says(page, /The server is (shutting down|stopping)\./);
  server = await start('#604020', server.port);
  await showsDesktop(page);
  await showsColour('96,64,32');
});

test('the page follows its user’s rights: read taken, read given back, account removed', async () => {
  const owner = new HttpsClient(server.url, server.ca, server.owner);
  await owner.get('/api/create_user?name=guest&password=looks&read=true');
  const user = { name: 'guest', password: 'looks' };
  const guest = await openPage(browser, server, { user });

  await owner.get('/api/update_user?name=guest&read=false');
  await says(guest, /You may not see this desktop/);
  await waitFor('black', async () =>
    (await pictureOf(guest)).bytes.every((byte, i) => i % 4 === 3 || byte === 0),
  );
  await owner.get('/api/update_user?name=guest&read=true');
  await showsDesktop(guest);
  await waitFor(
    'the picture',
    async () => difference(await pictureOf(guest), await pictureInX(server)).worst === 0,
  );

  await owner.get('/api/update_user?name=guest&read=false');
  await guest.reload();
  await says(guest, /No access to this desktop/);
  await owner.get('/api/update_user?name=guest&read=true');
  await guest.reload();
  await showsDesktop(guest);

  await owner.get('/api/remove_user?name=guest');
  await says(guest, /You are signed out/);
  await says(guest, /This user was removed\./);
  owner.close();
});
