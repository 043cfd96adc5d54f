// The pages of a real fleet in Chromium: the list of desktops, one login for all of them, and a desktop that is paused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { says, showsDesktop } from '../page/open-page.ts';
import { ADMIN, FleetProcess } from '../support/fleet-process.ts';
import type { HttpsClient } from '../support/https-client.ts';
import type { TestLogin } from '../support/login-headers.ts';
import { waitFor } from '../support/wait-for.ts';

const PUPIL: TestLogin = { name: 'pupil', password: 'pupil-secret' };
const SLOW = { timeoutMs: 90_000 };

let fleet: FleetProcess;
let admin: HttpsClient;
let browser: Browser;
let context: BrowserContext;

before(async () => {
  [fleet, browser] = await Promise.all([FleetProcess.start(), launchChromium()]);
  admin = fleet.client();
  const desktop = { name: 'lab-1', size: '640x480', command: 'exec xterm -maximized' };
  const made = await admin.post('/api/desktops?wait=60', desktop, SLOW);
  assert.equal(made.json().state, 'running', made.text());
  const grants = [{ right: 'read', desktop: 'lab-1' }];
  await admin.post('/api/users', [{ user: PUPIL.name, password: PUPIL.password, grants }]);
});

after(async () => {
  await browser?.close();
  admin?.close();
  await fleet?.removeAll();
});

async function logIn(user: TestLogin): Promise<Page> {
  context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en' });
  const page = await context.newPage();
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(fleet.url);
  await page.fill('#user', user.name);
  await page.fill('#password', user.password);
  await page.click('#submit');
  await page.locator('.desktop').first().waitFor();
  return page;
}

const card = (page: Page, name: string) => page.locator('.desktop').filter({ hasText: name });

test('one login is for the list and for all desktops, and logging out of one ends it for all', async () => {
  const list = await logIn(ADMIN);
  await waitFor('a picture of the desktop', () =>
    list.evaluate<boolean>(`document.querySelector('.desktop img').naturalWidth === 320`),
  );
  const page = await context.newPage();
  await page.goto(`${fleet.url}d/lab-1/`);
  await showsDesktop(page);
  // The panel of people calls the desktop's API with the key of the session.
  await page.click('#people-panel');
  await page.locator('#panel, .panel').filter({ hasText: ADMIN.name }).first().waitFor();
  await card(list, 'lab-1').filter({ hasText: 'Viewers: 1' }).waitFor();
  await list.locator('header button').click();
  await list.locator('#login').waitFor();
  await says(page, /Sign in|Signed out/);
  await context.close();
});

test('the page of a desktop that is paused says so, and goes on by itself', async () => {
  const list = await logIn(ADMIN);
  const page = await context.newPage();
  await page.goto(`${fleet.url}d/lab-1/`);
  await showsDesktop(page);
  await card(list, 'lab-1').getByRole('button', { name: 'Pause' }).click();
  await says(page, /The desktop is paused/);
  await card(list, 'lab-1').getByRole('button', { name: 'Resume' }).click();
  await showsDesktop(page);
  await context.close();
});

test('an admin makes, restarts and removes desktops in the list', async () => {
  const list = await logIn(ADMIN);
  await list.fill('#new', 'lab-2');
  await list.getByRole('button', { name: 'Create' }).click();
  await card(list, 'lab-2').filter({ hasText: 'running' }).waitFor();
  await card(list, 'lab-2').getByRole('button', { name: 'Restart' }).click();
  await card(list, 'lab-2').filter({ hasText: 'starting' }).waitFor();
  await card(list, 'lab-2').filter({ hasText: 'running' }).waitFor();
  await card(list, 'lab-2').getByRole('button', { name: 'Remove' }).click();
  await card(list, 'lab-2').waitFor({ state: 'detached' });
  await context.close();
});

test('a user who may only see a desktop gets its picture, and no buttons', async () => {
  const list = await logIn(PUPIL);
  await waitFor('a picture of the desktop', () =>
    list.evaluate<boolean>(`document.querySelector('.desktop img').naturalWidth === 320`),
  );
  assert.equal(await card(list, 'lab-1').getByRole('button').count(), 0);
  assert.equal(await list.locator('#new').isVisible(), false);
  const { violations } = await list.evaluate<axe.AxeResults>(
    `(async () => { ${axe.source}; return axe.run({ resultTypes: ['violations'] }); })()`,
  );
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`),
    [],
  );
  await context.close();
});
