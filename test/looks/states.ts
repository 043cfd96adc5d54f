// The states that the page can be in. Each is shown to axe, and compared with its stored pictures.
import * as server from '../../src/protocol/server-messages.ts';
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
  { name: 'bar-rtl-name', enter: async (look) => look.named(ARABIC_NAME).then(() => bar(look)) },
  { name: 'view', enter: async (look) => look.resizable().then(() => panel('view')(look)) },
  { name: 'picture', enter: panel('picture') },
  { name: 'picture-more', enter: panel('picture', ({ page }) => page.press('summary', 'Enter')) },
  { name: 'keys', enter: panel('keys', ({ page }) => page.locator('.key').first().press('Enter')) },
  { name: 'keys-left', preferences: { dock: 'left 50' }, enter: panel('keys') },
  { name: 'clipboard', enter: async (look) => look.copied(NOTE).then(() => panel('clipboard')(look)) },
  {
    name: 'statistics',
    isMoving: true,
    enter: panel('statistics', ({ page }) => page.locator('.statistics').waitFor()),
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
];
