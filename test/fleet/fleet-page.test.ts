// The pages of a real fleet in Chromium: the list of desktops, one login for all of them, and desktops that do not run.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { HIDDEN_PAGE, setHidden } from '../client/page-visibility.ts';
import { says, showsDesktop } from '../page/open-page.ts';
import { ADMIN, FleetProcess } from '../support/fleet-process.ts';
import { HttpsClient } from '../support/https-client.ts';
import type { TestLogin } from '../support/login-headers.ts';
import { waitFor } from '../support/wait-for.ts';

const PUPIL: TestLogin = { name: 'pupil', password: 'pupil-secret' };
const SLOW = { timeoutMs: 90_000 };
const CAPACITY = 3;
/** Longest wait for what a page shows, in ms: longer than the start of a desktop on a loaded machine. */
const PATIENCE_MS = 90_000;

let fleet: FleetProcess;
let admin: HttpsClient;
let browser: Browser;
let context: BrowserContext;

before(async () => {
  [fleet, browser] = await Promise.all([
    FleetProcess.start(undefined, ['--capacity', String(CAPACITY)]),
    launchChromium(),
  ]);
  admin = fleet.client();
  const desktop = { name: 'lab-1', size: '640x480', command: 'exec xterm -maximized' };
  const made = await admin.post('/api/desktops?wait=60', desktop, SLOW);
  assert.equal(made.json().state, 'running', made.text());
  const grants = [{ right: 'read', desktop: 'lab-1' }];
  const template = { size: '800x600', command: 'exec sleep 100000', restart: 'here' };
  assert.equal((await admin.send('/api/templates/class', { method: 'PUT', body: template })).status, 200);
  await admin.post('/api/users', [{ user: PUPIL.name, password: PUPIL.password, grants }]);
});

after(async () => {
  await browser?.close();
  admin?.close();
  await fleet?.removeAll();
});

async function logIn(user: TestLogin): Promise<Page> {
  context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en' });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await page.addInitScript(HIDDEN_PAGE);
  await page.goto(fleet.url);
  await page.fill('#user', user.name);
  await page.fill('#password', user.password);
  await page.click('#submit');
  await page.locator('.desktop').first().waitFor();
  return page;
}

const card = (page: Page, name: string): Locator =>
  page.locator('.desktop').filter({ has: page.getByRole('link', { name, exact: true }) });

/** Presses a button of a desktop. Those behind `Actions` are shown first. */
async function press(page: Page, what: string, name: string): Promise<void> {
  const actions = page.getByRole('button', { name: `Actions: ${name}`, exact: true });
  if ((await actions.getAttribute('aria-expanded')) === 'false') await actions.click();
  await page.getByRole('button', { name: `${what}: ${name}`, exact: true }).click();
}

/** Answers the question of a box. */
const answer = (page: Page, button: string): Promise<void> =>
  page.locator('dialog').getByRole('button', { name: button, exact: true }).click();

const hasPicture = (page: Page): Promise<boolean> =>
  waitFor('a picture of the desktop', () =>
    page.evaluate<boolean>(`document.querySelector('.desktop img').naturalWidth === 320`),
  );

async function complaints(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<axe.AxeResults>(
    `(async () => { ${axe.source}; return axe.run({ resultTypes: ['violations'] }); })()`,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}

test('one login is for the list and for all desktops, and logging out of one ends it for all', async () => {
  const list = await logIn(ADMIN);
  await hasPicture(list);
  const page = await context.newPage();
  await page.goto(`${fleet.url}d/lab-1/`);
  await showsDesktop(page);
  // The panel of people calls the desktop's API with the key of the session. The toolbar may be closed by now.
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.locator('#people-panel').press('Enter');
  await page.locator('#panel, .panel').filter({ hasText: ADMIN.name }).first().waitFor();
  // Owners see the names.
  await card(list, 'lab-1').locator('.viewers li').filter({ hasText: ADMIN.name }).waitFor();
  await list.getByRole('button', { name: `Sign out (${ADMIN.name})` }).click();
  await list.locator('#login').waitFor();
  await says(page, /Sign in|Signed out/);
  await context.close();
});

test('a desktop opens by keyboard, has its own name as title, and leads back to the list', async () => {
  const list = await logIn(ADMIN);
  await waitFor('the link by the key Tab', async () => {
    await list.keyboard.press('Tab');
    return list.evaluate<boolean>(`document.activeElement.textContent === 'lab-1'`);
  });
  await list.keyboard.press('Enter');
  await showsDesktop(list);
  assert.equal(await list.title(), 'lab-1');
  await list.keyboard.press('Control+Alt+Shift+M');
  assert.equal(await list.locator('#name').textContent(), 'lab-1');
  await list.getByRole('button', { name: 'All desktops' }).press('Enter');
  await list.locator('.desktop').first().waitFor();
  await context.close();
});

test('the page of a desktop that is paused says so, and goes on by itself', async () => {
  const list = await logIn(ADMIN);
  const page = await context.newPage();
  await page.goto(`${fleet.url}d/lab-1/`);
  await showsDesktop(page);
  await press(list, 'Pause', 'lab-1');
  await says(page, /The desktop is paused.*Paused since .*It appears here as soon as it runs/);
  // It says so once, and not again with each look.
  await page.evaluate(`globalThis.changes = 0;
    new MutationObserver((all) => { globalThis.changes += all.length; })
      .observe(document.querySelector('#overlay'), { subtree: true, childList: true, characterData: true })`);
  const asked = page.waitForRequest((request) => request.url().endsWith('/ticket'));
  await asked;
  await (await page.waitForRequest((request) => request.url().endsWith('/ticket'))).response();
  assert.equal(await page.evaluate('globalThis.changes'), 0);
  await card(list, 'lab-1').filter({ hasText: 'Paused since' }).waitFor();
  await list.getByRole('button', { name: 'Resume: lab-1' }).click();
  await showsDesktop(page);
  await context.close();
});

test('an admin makes a desktop from a template, restarts it, and removes it after a question', async () => {
  const list = await logIn(ADMIN);
  await list.getByRole('button', { name: 'New desktop' }).click();
  await list.getByLabel('Name').fill('lab-2');
  await list.getByLabel('Template').selectOption('class');
  await list.getByRole('button', { name: 'Create' }).click();
  await card(list, 'lab-2').filter({ hasText: 'Running' }).waitFor();
  await list.getByRole('status').filter({ hasText: 'lab-2: Running' }).waitFor();
  const made = (await admin.get('/api/desktops/lab-2')).json();
  assert.deepEqual([made.template, made.size], ['class', '800x600']);
  const page = await context.newPage();
  await page.goto(`${fleet.url}d/lab-2/`);
  await showsDesktop(page);

  await press(list, 'Restart', 'lab-2');
  await answer(list, 'Cancel');
  await press(list, 'Restart', 'lab-2');
  await answer(list, 'Restart');
  await card(list, 'lab-2').filter({ hasText: 'Starting' }).waitFor();
  await says(page, /The desktop is starting/);
  await card(list, 'lab-2').filter({ hasText: 'Running' }).waitFor();
  await showsDesktop(page);

  await press(list, 'Remove', 'lab-2');
  await list.locator('dialog').filter({ hasText: 'deleted' }).waitFor();
  await list.keyboard.press('Escape');
  assert.equal((await admin.get('/api/desktops/lab-2')).json().wanted, 'running');
  await press(list, 'Remove', 'lab-2');
  await answer(list, 'Remove');
  await card(list, 'lab-2').waitFor({ state: 'detached' });
  await says(page, /The desktop was removed/);
  await page.getByRole('link', { name: 'All desktops' }).click();
  await card(page, 'lab-1').waitFor();
  await context.close();
});

test('a name that cannot be, one that is taken, and a full fleet are explained in the box', async () => {
  const list = await logIn(ADMIN);
  await admin.post('/api/desktops?wait=60', { name: 'lab-3', template: 'class' }, SLOW);
  await admin.post('/api/desktops?wait=60', { name: 'lab-4', template: 'class' }, SLOW);
  await card(list, 'lab-4').waitFor();
  await list.getByRole('button', { name: 'New desktop' }).click();
  const refusal = list.locator('dialog').getByRole('alert');
  for (const [name, sentence] of [
    ['Lab 5', /no name for a desktop/],
    ['', /no name for a desktop/],
    ['lab-1', /a desktop named lab-1 already/],
    ['lab-5', /As many desktops run/],
  ] as const) {
    await list.getByLabel('Name').fill(name);
    await list.getByRole('button', { name: 'Create' }).click();
    await refusal.filter({ hasText: sentence }).waitFor();
  }
  assert.deepEqual(await complaints(list), []);
  await list.keyboard.press('Escape');
  await list.locator('dialog').waitFor({ state: 'detached' });
  for (const name of ['lab-3', 'lab-4'])
    await admin.send(`/api/desktops/${name}?wait=60`, { method: 'DELETE', ...SLOW });
  await card(list, 'lab-4').waitFor({ state: 'detached' });
  await context.close();
});

test('a user who may only see a desktop gets its picture and the number of viewers, and no buttons', async () => {
  const list = await logIn(PUPIL);
  await hasPicture(list);
  const page = await context.newPage();
  await page.goto(`${fleet.url}d/lab-1/`);
  await showsDesktop(page);
  await card(list, 'lab-1').filter({ hasText: 'Viewers: 1' }).waitFor();
  assert.equal(await card(list, 'lab-1').getByRole('button').count(), 0);
  assert.equal(await list.getByRole('button', { name: 'New desktop' }).isVisible(), false);
  assert.deepEqual(await complaints(list), []);
  await list.setViewportSize({ width: 320, height: 560 });
  assert.equal(await list.evaluate('document.documentElement.scrollWidth'), 320);
  await context.close();
});

test('a list that nobody sees asks the server for nothing, and goes on when it is seen', async () => {
  const list = await logIn(PUPIL);
  await hasPicture(list);
  await setHidden(list, true);
  let asked = 0;
  list.on('request', () => asked++);
  // Another page of the same browser goes on meanwhile, as the measure of time.
  const other = await context.newPage();
  let others = 0;
  other.on('request', (request) => {
    if (request.url().endsWith('/api/thumbnails')) others++;
  });
  await other.goto(fleet.url);
  await waitFor('three looks of another page', () => others >= 3);
  assert.equal(asked, 0);
  await setHidden(list, false);
  await waitFor('a look of the page', () => asked > 0);
  await context.close();
});

test('the list logs in by the browser’s own dialog, as desktops do, if its address asks for that', async () => {
  context = await browser.newContext({
    ...{ ignoreHTTPSErrors: true, locale: 'en' },
    httpCredentials: { username: PUPIL.name, password: PUPIL.password },
  });
  const list = await context.newPage();
  await list.goto(`${fleet.url}?login=basic`);
  await list.locator('.desktop').first().waitFor();
  await context.close();
  const stranger = new HttpsClient(fleet.url, fleet.ca);
  const { status, headers } = await stranger.get('/?login=basic');
  stranger.close();
  assert.equal(status, 401);
  assert.match(headers['www-authenticate'] ?? '', /^Basic /);
});
