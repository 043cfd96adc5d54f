// The states that the page can be in. Each is shown to axe, and compared with its stored pictures.
import * as server from '../../src/protocol/server-messages.ts';
import { FLEET_STATES } from './fleet-states.ts';
import type { Look, LookState } from './open-look.ts';

const ARABIC_NAME = 'مكتب سارة (الطابق 3)';
const NOTE = 'What the desktop has copied.\nאת זה העתיק שולחן העבודה.';

const bar = ({ page }: Look): Promise<void> => page.keyboard.press('Control+Alt+Shift+M');
const panel =
  (name: string, then: (look: Look) => Promise<unknown> = async () => undefined) =>
  async (look: Look): Promise<void> => {
    await bar(look);
    await look.page.locator(`button#${name}-panel, button#${name}`).press('Enter');
    await then(look);
  };
/** A panel of owners. */
const ownerPanel =
  (name: string, then: (look: Look) => Promise<unknown>) =>
  async (look: Look): Promise<void> => {
    await look.owner();
    await panel(name, then)(look);
  };
/** Resolves when the panel shows its lists. */
const listed = ({ page }: Look): Promise<void> => page.locator('.panel .row').nth(3).waitFor();
/** Ends the connection, and refuses the next one. */
const refused =
  (status: number) =>
  async ({ pages, viewer }: Look): Promise<void> => {
    pages.refuseWith = status;
    viewer!.socket.terminate();
  };

export const STATES: readonly LookState[] = [
  { name: 'login', begins: 'logged out', says: 'Sign in' },
  {
    name: 'login-refused',
    begins: 'logged out',
    enter: async ({ page, pages }) => {
      pages.refuseLogin = { status: 401, code: 'HTTP_LOGIN_NEEDED' };
      await page.fill('#user', 'سارة');
      await page.fill('#password', 'wrong');
      await page.press('#password', 'Enter');
    },
    says: 'wrong',
  },
  { name: 'connecting', begins: 'without a picture', says: 'Connecting' },
  { name: 'connected', enter: async (look) => bar(look).then(() => look.page.keyboard.press('Escape')) },
  { name: 'bar', enter: bar },
  { name: 'bar-left', preferences: { dock: 'left 50' }, enter: bar },
  { name: 'bar-right', preferences: { dock: 'right 50' }, enter: bar },
  { name: 'bar-view-only', enter: async (look) => look.rights(true, false).then(() => bar(look)) },
  { name: 'bar-owner', enter: async (look) => look.owner().then(() => bar(look)) },
  { name: 'bar-rtl-name', enter: async (look) => look.named(ARABIC_NAME).then(() => bar(look)) },
  { name: 'view', enter: async (look) => look.resizable().then(() => panel('view')(look)) },
  { name: 'picture', enter: panel('picture') },
  { name: 'picture-more', enter: panel('picture', ({ page }) => page.press('summary', 'Enter')) },
  { name: 'keys', enter: panel('keys', ({ page }) => page.locator('.key').first().press('Enter')) },
  { name: 'keys-left', preferences: { dock: 'left 50' }, enter: panel('keys') },
  { name: 'clipboard', enter: async (look) => look.copied(NOTE).then(() => panel('clipboard')(look)) },
  {
    name: 'statistics',
    enter: panel('statistics', async (look) => {
      await look.measured();
      await look.page.locator('.verdict').waitFor();
    }),
  },
  {
    name: 'statistics-owner',
    enter: ownerPanel('statistics', ({ page }) => page.locator('.viewers tbody tr').nth(2).waitFor()),
  },
  {
    name: 'statistics-table',
    enter: ownerPanel('statistics', async ({ page }) => {
      await page.locator('.viewers tbody tr').nth(2).waitFor();
      await page.locator('.chart summary').press('Enter');
      await page.locator('.chart table').scrollIntoViewIfNeeded();
    }),
  },
  { name: 'people', enter: ownerPanel('people', listed) },
  {
    name: 'people-disconnect',
    enter: ownerPanel('people', async (look) => {
      await listed(look);
      await look.page.getByRole('button', { name: 'Disconnect' }).nth(1).press('Enter');
      await look.page.locator('.row form').waitFor();
    }),
  },
  {
    name: 'people-password',
    enter: ownerPanel('people', async (look) => {
      await listed(look);
      await look.page.getByRole('button', { name: 'New password' }).nth(1).press('Enter');
      await look.page.locator('.row form').waitFor();
    }),
  },
  {
    name: 'people-remove',
    enter: ownerPanel('people', async (look) => {
      await listed(look);
      await look.page.getByRole('button', { name: 'Remove' }).nth(2).press('Enter');
      await look.page.locator('.row form').waitFor();
    }),
  },
  {
    name: 'people-message',
    enter: ownerPanel('people', async (look) => {
      await listed(look);
      await look.page.getByLabel('One line').fill('الغداء الساعة 12:30 (الكافتيريا)');
      await look.page.getByLabel('One line').press('Enter');
      await look.page.getByRole('status').filter({ hasText: '3' }).waitFor();
    }),
  },
  {
    name: 'people-add',
    enter: ownerPanel('people', async (look) => {
      await listed(look);
      await look.page.getByText('Add a user').press('Enter');
      await look.page.getByLabel('Name', { exact: true }).fill('سارة المنصوري');
      await look.page.getByLabel('Password', { exact: true }).fill('secret');
      await look.page.getByLabel('Password', { exact: true }).press('Enter');
      await look.page.locator('.refused').filter({ hasText: 'already' }).waitFor();
    }),
  },
  {
    name: 'people-add-many',
    enter: ownerPanel('people', async (look) => {
      await listed(look);
      await look.page.getByText('Add several users').press('Enter');
      await look.page.locator('.panel textarea').focus();
    }),
  },
  { name: 'access', enter: ownerPanel('access', listed) },
  {
    name: 'access-link',
    enter: ownerPanel('access', async (look) => {
      await listed(look);
      await look.page.getByLabel('Name of the guest').fill('ضيف');
      await look.page.getByLabel('Name of the guest').press('Enter');
      await look.page.locator('.shown-once:visible').waitFor();
    }),
  },
  {
    name: 'access-token',
    enter: ownerPanel('access', async (look) => {
      await listed(look);
      await look.page.getByLabel('Name of the token').fill('backup');
      await look.page.getByLabel('Take screenshots').press('Space');
      await look.page.getByRole('button', { name: 'Make a token' }).press('Enter');
      await look.page.locator('.shown-once:visible').waitFor();
    }),
  },
  {
    name: 'access-revoke',
    enter: ownerPanel('access', async (look) => {
      await listed(look);
      await look.page.getByRole('button', { name: 'Revoke' }).last().press('Enter');
      await look.page.locator('.row form').waitFor();
    }),
  },
  { name: 'help', enter: panel('help', ({ page }) => page.locator('.help').waitFor()) },
  {
    name: 'notice',
    enter: async (look) => {
      await look.rights(true, false);
      await look.page.keyboard.press('a');
      await look.page.locator('#notice').waitFor();
    },
  },
  {
    name: 'message',
    enter: async ({ page, viewer }) => {
      viewer!.send(server.notice('الغداء الساعة 12:30 (الكافتيريا)'));
      await page.locator('#notice').waitFor();
    },
  },
  { name: 'no-right-to-read', enter: (look) => look.rights(false, false), says: 'may not see' },
  { name: 'signed-out', enter: refused(401), says: 'signed out' },
  { name: 'refused', enter: refused(403), says: 'No access' },
  { name: 'too-many', enter: refused(429), says: 'Too many' },
  { name: 'not-available', enter: refused(503), says: 'not available' },
  {
    name: 'ended',
    enter: async ({ viewer }) => {
      viewer!.send(server.disconnect(true, 'انتهى الدرس – Lunch break'));
      viewer!.socket.close();
    },
    says: 'disconnected',
  },
  {
    name: 'offline',
    enter: async ({ page, viewer }) => {
      await page.context().setOffline(true);
      await page.evaluate(`Object.defineProperty(navigator, 'onLine', { value: false })`);
      viewer!.socket.terminate();
    },
    says: 'offline',
  },
  ...FLEET_STATES,
];
