// The panel for people, by which an owner changes a real server.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { ADA, BOB, EVE } from '../api/contract-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { says } from './open-page.ts';
import { closePanel, openPanel, PageDesk } from './page-desk.ts';

let desk: PageDesk;
let page: Page;

before(async () => {
  desk = await PageDesk.start();
  page = await desk.open();
});
after(() => desk?.close());
beforeEach(async () => {
  if ((await page.locator('.panel').count()) > 0) await closePanel(page);
  await openPanel(page, 'people-panel');
});

const users = (): Locator => page.getByRole('list', { name: 'Users' });
const userRow = (name: string): Locator =>
  users()
    .getByRole('listitem')
    .filter({ has: page.locator('bdi').getByText(name, { exact: true }) });
const viewerRow = (name: string): Locator =>
  page.getByRole('list', { name: 'Connected' }).getByRole('listitem').filter({ hasText: name });

/** Resolves when the panel says that an action was done. */
const done = (text: string): Promise<void> => page.getByRole('status').filter({ hasText: text }).waitFor();
/** Resolves when the panel says that an action was refused. */
const refused = (text: string | RegExp): Promise<void> =>
  page.getByRole('alert').filter({ hasText: text }).waitFor();

/** The status of a call with this password: 401 for a wrong one. */
async function statusWith(name: string, password: string): Promise<number> {
  const client = desk.server.client({ name, password });
  const { status } = await client.get('/api/get_users');
  client.close();
  return status;
}

test('an owner adds a user in the page, gives rights and another password, and removes the user', async () => {
  const { accounts } = desk.server;
  await page.getByText('Add a user').click();
  const form = page.locator('details').filter({ hasText: 'Add a user' });
  await form.getByLabel('Name').fill('fred');
  await form.getByLabel('Password').fill('first-secret');
  await form.getByRole('button', { name: 'Add' }).click();
  await done('fred is added.');
  assert.deepEqual(accounts.get('fred'), { name: 'fred', read: true, write: false, owner: false });
  assert.equal(await form.getByLabel('Name').inputValue(), '');

  await userRow('fred').getByLabel('Control').check();
  await done('The rights of fred have changed.');
  assert.equal(accounts.get('fred')?.write, true);
  await userRow('fred').getByLabel('See').uncheck();
  await waitFor('the rights', () => accounts.get('fred')?.read === false);
  await waitFor(
    'the list, in which the right to control is gone with that to see',
    async () => !(await userRow('fred').getByLabel('Control').isChecked()),
  );

  await userRow('fred').getByRole('button', { name: 'New password of' }).click();
  await userRow('fred').locator('input[type=password]').fill('second-secret');
  await page.keyboard.press('Enter');
  await done('fred has a new password.');
  assert.equal(await statusWith('fred', 'second-secret'), 403);
  assert.equal(await statusWith('fred', 'first-secret'), 401);

  await userRow('fred').getByRole('button', { name: 'Remove', exact: false }).first().click();
  assert.ok(accounts.get('fred'), 'the page asks first');
  await userRow('fred').locator('form').getByRole('button', { name: 'Remove' }).click();
  await done('fred is removed.');
  assert.equal(accounts.get('fred'), undefined);
  await userRow('fred').waitFor({ state: 'detached' });
});

test('the last owner cannot be demoted, and the page says what to do instead', async () => {
  const { accounts } = desk.server;
  await userRow(BOB.name).getByLabel('Owner').uncheck();
  await done('The rights of bob have changed.');
  const own = userRow(ADA.name).getByLabel('Owner');
  await own.click();
  await refused('Make another user an owner first.');
  assert.equal(await own.isChecked(), true, 'as it is in the server');
  assert.equal(accounts.get(ADA.name)?.owner, true);
  await userRow(BOB.name).getByLabel('Owner').check();
  await done('The rights of bob have changed.');
  assert.equal(accounts.get(BOB.name)?.owner, true);
});

test('an owner adds several users by a pasted list, all or none', async () => {
  const { accounts } = desk.server;
  await page.getByText('Add several users').click();
  const form = page.locator('details').filter({ hasText: 'Add several users' });
  const lines = form.getByRole('textbox');
  const add = form.getByRole('button', { name: 'Add' });
  await lines.fill('gina gina-secret\nhugo');
  await add.click();
  await refused('Line 2 needs a name and a password');
  await lines.fill('gina\tgina-secret\teverything');
  await add.click();
  await refused('In line 1, the right is none of view, control and owner.');
  await lines.fill('gina gina-secret\neve eve-other\nbob bob-other');
  await add.click();
  await refused(/These users are there already: \u2068eve\u2069, \u2068bob\u2069/);
  assert.equal(accounts.get('gina'), undefined);
  assert.equal(await statusWith(EVE.name, EVE.password), 403);
  await lines.fill('gina\tgina-secret\nhugo\thugo secret\tcontrol');
  await add.click();
  await done('Users added: 2.');
  assert.deepEqual(
    ['gina', 'hugo'].map((name) => accounts.get(name)?.write),
    [false, true],
  );
  assert.equal(await statusWith('hugo', 'hugo secret'), 403);
  await desk.server.client(ADA).post('/api/remove_user', [{ user: 'gina' }, { user: 'hugo' }]);
});

test('an owner sees who is connected and how fast, writes to everyone, and disconnects one with a reason', async () => {
  const eve = await desk.open(EVE);
  await viewerRow(EVE.name).waitFor();
  assert.match((await viewerRow(EVE.name).textContent())!, /127\.0\.0\.1.*fps.*Mbit\/s/);
  await page.getByLabel('One line, shown below the desktop').fill('Lunch at noon.');
  await page.keyboard.press('Enter');
  await done('Viewers that show it: 2.');
  await eve.getByText('Lunch at noon.').waitFor();

  await page.getByLabel('To', { exact: true }).selectOption({ label: '\u2068eve\u2069' });
  await page.getByLabel('One line, shown below the desktop').fill('Eve, please save.');
  await page.keyboard.press('Enter');
  await done('Viewers that show it: 1.');
  await eve.getByText('Eve, please save.').waitFor();

  const row = viewerRow(EVE.name);
  await row.getByRole('button', { name: 'Disconnect' }).click();
  await row.getByLabel('Reason').fill('The lesson is over.');
  await page.keyboard.press('Enter');
  await done('eve is disconnected.');
  await says(eve, /The lesson is over\./);
  await row.waitFor({ state: 'detached' });
  await eve.context().close();
});

test('a form below a row closes by Escape and leaves the panel open, with the focus where it was', async () => {
  const button = userRow(EVE.name).getByRole('button', { name: 'New password of' });
  await button.click();
  assert.equal(await button.getAttribute('aria-expanded'), 'true');
  await page.keyboard.type('half a pass');
  // The list is looked at again meanwhile.
  await page.waitForResponse((response) => response.url().endsWith('/api/get_users'));
  assert.equal(await userRow(EVE.name).locator('input[type=password]').inputValue(), 'half a pass');
  await page.keyboard.press('Escape');
  assert.equal(await button.getAttribute('aria-expanded'), 'false');
  assert.equal(await button.evaluate((element) => element === element.ownerDocument.activeElement), true);
  assert.equal(await page.locator('.panel').count(), 1);
  await page.keyboard.press('Escape');
  await page.locator('.panel').waitFor({ state: 'detached' });
});

test('names of people in another direction are isolated from the text around them', async () => {
  const name = 'שלום (1)';
  await desk.server.client(ADA).post('/api/create_user', [{ user: name, password: 'secret-of-shalom' }]);
  await userRow(name).getByRole('button', { name: 'Remove' }).first().click();
  const why = userRow(name).locator('.why');
  assert.ok((await why.textContent())!.startsWith(`\u2068${name}\u2069 is logged out`));
  await userRow(name).locator('form').getByRole('button', { name: 'Remove' }).click();
  await done(`${name} is removed.`);
  assert.equal(await page.locator('.outcome bdi').textContent(), name);
});

test('the panel asks for nothing while it is closed or its tab is hidden, and at once when that is shown again', async () => {
  const looks = (of: Page): { count: number } => {
    const seen = { count: 0 };
    of.on('request', (request) => {
      if (request.url().endsWith('/api/viewers')) seen.count++;
    });
    return seen;
  };
  const [closed, visible] = await Promise.all([desk.open(), desk.open(BOB)]);
  await openPanel(closed, 'people-panel');
  await closed.getByRole('list', { name: 'Users' }).waitFor();
  await closePanel(closed);
  await setVisibility(page, 'hidden');
  await openPanel(visible, 'people-panel');
  const seen = { closed: looks(closed), hidden: looks(page), visible: looks(visible) };
  await waitFor('two looks of a panel that is open and visible', () => seen.visible.count >= 2);
  assert.deepEqual([seen.closed.count, seen.hidden.count], [0, 0]);
  await setVisibility(page, 'visible');
  await waitFor('a look', () => seen.hidden.count > 0);
  await Promise.all([closed.context().close(), visible.context().close()]);
});

const setVisibility = (of: Page, state: 'hidden' | 'visible'): Promise<unknown> =>
  of.evaluate(`
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' });
    document.dispatchEvent(new Event('visibilitychange'));
  `);

test('only owners have the panels of owners, from the moment on at which they become one', async () => {
  const eve = await desk.open(EVE);
  await eve.keyboard.press('Control+Alt+Shift+M');
  const buttons = eve.locator('#people-panel, #access-panel');
  assert.deepEqual(await buttons.evaluateAll((all) => all.map((one) => one.checkVisibility())), [
    false,
    false,
  ]);
  await userRow(EVE.name).getByLabel('Owner').check();
  await eve.locator('#people-panel').click();
  await eve.getByRole('list', { name: 'Users' }).waitFor();
  await userRow(EVE.name).getByLabel('Owner').uncheck();
  await eve.locator('.panel').waitFor({ state: 'detached' });
  assert.deepEqual(await buttons.evaluateAll((all) => all.map((one) => one.checkVisibility())), [
    false,
    false,
  ]);
  await eve.context().close();
});

test('a panel says that the server does not answer, and is right again when it does', async () => {
  await page.route('**/api/**', (route) => route.abort());
  await refused('The server does not answer.');
  await page.unroute('**/api/**');
  await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor({ state: 'detached' });
});

test('a panel that cannot be loaded says so, and opens when it can', async () => {
  const other = await desk.open(BOB);
  await other.route('**/people-panel-*.js', (route) => route.abort());
  await other.keyboard.press('Control+Alt+Shift+M');
  await other.locator('#people-panel').click();
  await other.getByText('This panel could not be loaded.').waitFor();
  assert.equal(await other.locator('.panel').count(), 0);
  await other.context().close();
});

test('the panel speaks the language of the browser', async () => {
  const german = await desk.open(BOB, { language: 'de-AT' });
  await openPanel(german, 'people-panel');
  await german.getByRole('list', { name: 'Benutzer' }).waitFor();
  await german.getByText('Mehrere Benutzer hinzufügen').waitFor();
  await german.context().close();
});
