// The panel for links and tokens, by which an owner lets others into a real server.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { bearing } from '../api/bearers.ts';
import { ADA } from '../api/contract-server.ts';
import { showsDesktop } from './open-page.ts';
import { closePanel, openPanel, PageDesk } from './page-desk.ts';

let desk: PageDesk;
let page: Page;

before(async () => {
  desk = await PageDesk.start();
  page = await desk.open();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
});
after(() => desk?.close());
beforeEach(async () => {
  if ((await page.locator('.panel').count()) > 0) await closePanel(page);
  await openPanel(page, 'access-panel');
});

const done = (text: string): Promise<void> => page.getByRole('status').filter({ hasText: text }).waitFor();
const refused = (text: string): Promise<void> => page.getByRole('alert').filter({ hasText: text }).waitFor();
const linkRow = (name: string): Locator =>
  page.getByRole('list', { name: 'Links' }).getByRole('listitem').filter({ hasText: name });
const tokenRow = (name: string): Locator =>
  page.getByRole('list', { name: 'Tokens' }).getByRole('listitem').filter({ hasText: name });
const copied = (): Promise<string> => page.evaluate('navigator.clipboard.readText()');

test('a link that an owner makes and copies lets a guest in, and no more when it is revoked', async () => {
  await page.getByLabel('Name of the guest').fill('Anna');
  await page.getByLabel('The guest may').selectOption('see and control');
  await page.getByLabel('Opens for').selectOption('5 min');
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = page.getByLabel('The link', { exact: true });
  await link.waitFor();
  await page.locator('.shown-once').filter({ has: link }).getByRole('button', { name: 'Copy' }).click();
  await done('Copied.');
  const url = await copied();
  assert.match(url, /#ticket=dwk_/);
  assert.equal(await link.inputValue(), url);
  await linkRow('guest:Anna').filter({ hasText: 'logins left: 1' }).waitFor();

  const context = await desk.browser.newContext({ ignoreHTTPSErrors: true });
  const guest = await context.newPage();
  await guest.goto(url);
  await showsDesktop(guest);
  await linkRow('guest:Anna').filter({ hasText: 'opens no more' }).waitFor();

  await linkRow('guest:Anna').getByRole('button', { name: 'Revoke' }).click();
  await linkRow('guest:Anna').locator('form').getByRole('button', { name: 'Revoke' }).click();
  await done('Revoked.');
  await linkRow('guest:Anna').waitFor({ state: 'detached' });
  await guest.locator('#overlay[data-kind="form"]').waitFor();
  const viewers = (await desk.server.client(ADA).get('/api/viewers')).json().viewers;
  assert.deepEqual(
    viewers.map(({ user }: { user: string }) => user),
    ['ada'],
  );
  await context.close();

  await closePanel(page);
  await openPanel(page, 'access-panel');
  assert.equal(await link.isVisible(), false, 'it was shown once');
  assert.equal(await page.locator('.shown-once input').first().inputValue(), '');
});

test('a token that an owner makes is shown once, works for what was chosen, and not when it is revoked', async () => {
  await page.getByLabel('Name of the token').fill('dashboard');
  await page.getByRole('button', { name: 'Make a token' }).click();
  await refused('Choose at least one thing that the token may do.');
  await page.getByLabel('Read statistics and metrics').check();
  await page.getByRole('button', { name: 'Make a token' }).click();
  const field = page.getByLabel('The token', { exact: true });
  await field.waitFor();
  const token = await field.inputValue();
  const program = desk.server.client(bearing(token));
  assert.equal((await program.get('/api/get_bottleneck_stats')).status, 200);
  assert.equal((await program.get('/api/get_users')).status, 403);
  await tokenRow('dashboard').filter({ hasText: 'used' }).waitFor();
  assert.match((await tokenRow('dashboard').textContent())!, /stats/);
  const [made] = desk.server.tokens.list();
  assert.equal(Math.round((made!.expiresMs - made!.createdMs) / 86_400_000), 90);

  await tokenRow('dashboard').getByRole('button', { name: 'Revoke' }).click();
  await tokenRow('dashboard').locator('form').getByRole('button', { name: 'Revoke' }).click();
  await done('Revoked.');
  assert.equal((await program.get('/api/get_bottleneck_stats')).status, 401);
});

test('a link for a user needs no name of a guest', async () => {
  await page.getByLabel('For', { exact: true }).selectOption({ label: '\u2068eve\u2069' });
  assert.equal(await page.getByLabel('Name of the guest').isVisible(), false);
  await page.getByRole('button', { name: 'Make a link' }).click();
  await linkRow('eve').waitFor();
  assert.match(await page.getByLabel('The link', { exact: true }).inputValue(), /#ticket=/);
  const [ticket] = (await desk.server.client(ADA).get('/api/tickets')).json().reverse();
  assert.deepEqual([ticket.user, ticket.uses_left], ['eve', 1]);
});
