// The states of the page that lists the desktops of a fleet, and of a desktop's page that the fleet refuses.
import { PNG } from 'pngjs';
import { formData } from '../../src/fleet/api/form-data.ts';
import type { CallAnswer } from '../client/page-server.ts';
import type { Look, LookState } from './open-look.ts';

const SINCE = '2026-01-31T10:42:00.000Z';
const OWNER = { read: true, write: true, owner: true };
const READER = { read: true, write: false, owner: false };

/** Names from right to left, with what confuses a text around them, and long. */
const ARABIC = 'سارة المنصوري';
const HEBREW = 'שלום (1)';
const LONG = 'maximilian.von-der-hohen-tanne@verwaltung.schule-am-wald.example';

const desktop = (name: string, state: string, more: object = {}): object => ({
  ...{ name, wanted: 'running', state, reason: '', since: SINCE, viewers: 0, rights: OWNER },
  ...more,
});

const DESKTOPS = [
  desktop('lab-1', 'running'),
  desktop('lab-2', 'paused', { wanted: 'paused', reason: 'It had no viewer for 600 s.' }),
  desktop('lab-3', 'lost', { reason: 'Its host does not answer.' }),
  desktop('lab-4', 'running', { rights: READER }),
  desktop('lab-5', 'ended', { reason: 'It has ended by itself.' }),
  desktop('lab-6', 'running', { wanted: 'gone' }),
  desktop('lab-7', 'running'),
  desktop('lab-10', 'starting', { reason: 'It has ended by itself, and is started again.' }),
  desktop('the-desktop-with-the-longest-name-there-is', 'running'),
];

const fine = (user: string): object => ({ user, cpu: 10, network: 10 });

const VIEWERS = {
  'lab-1': {
    count: 9,
    named: [
      { user: ARABIC, cpu: 10, network: 2.1 },
      { user: HEBREW, cpu: 3.4, network: 10 },
      ...['ada', LONG, 'bob', 'c', 'd', 'e', 'f'].map(fine),
    ],
  },
  'lab-4': { count: 2 },
  'lab-7': { count: 0, named: [] },
  'the-desktop-with-the-longest-name-there-is': { count: 1, named: [fine('ada')] },
};

/** A picture with a window of this colour. */
function picture(colour: readonly [number, number, number]): Uint8Array {
  const png = new PNG({ width: 320, height: 200 });
  for (let y = 0; y < png.height; y++) {
    for (let x = 0; x < png.width; x++) {
      const isWindow = x > 40 && x < 240 && y > 30 && y < 160;
      png.data.set([...(isWindow ? colour : ([48, 72, 96] as const)), 255], (y * png.width + x) * 4);
    }
  }
  return PNG.sync.write(png);
}

const PICTURES = { 'lab-1': [236, 236, 232], 'lab-4': [200, 226, 200], 'lab-7': [30, 30, 34] } as const;

const json = (body: object, status = 200): CallAnswer => ({ status, body });

function thumbnails(): CallAnswer {
  const facts = Buffer.from(JSON.stringify({ version: 1, viewers: VIEWERS }));
  const { type, body } = formData([
    { name: 'fleet.json', type: 'application/json', bytes: facts },
    ...Object.entries(PICTURES).map(([name, colour]) => ({
      ...{ name, type: 'image/png', file: name, bytes: picture(colour) },
    })),
  ]);
  return { status: 200, body, type };
}

const answersOf = (desktops: readonly object[], admin: boolean): ReadonlyMap<string, CallAnswer> =>
  new Map([
    ['GET /api/me', json({ user: 'ada', admin, grants: [] })],
    ['GET /api/desktops', json(desktops)],
    ['POST /api/thumbnails', thumbnails()],
    ['GET /api/templates', json([{ name: 'class' }, { name: 'office' }])],
    [
      'POST /api/desktops',
      json({ code: 'FLEET_CAPACITY', detail: 'There may be 9 desktops at a time.' }, 503),
    ],
    ['POST /api/desktops/lab-1/pause', json({ code: 'FLEET_STORE_UNAVAILABLE', detail: 'x' }, 503)],
  ]);

const LOGGED_OUT = new Map([['POST /api/thumbnails', json({ code: 'HTTP_LOGIN_NEEDED' }, 401)]]);

const list = { begins: 'in the list', path: 'fleet.html', answers: answersOf(DESKTOPS, true) } as const;

/** Resolves when the list shows the pictures of the desktops that can be seen, and who is connected. */
const shown = async (look: Look): Promise<void> => {
  await look.page.locator('.viewers li').nth(4).waitFor();
  await look.page.locator('.screen img:not([hidden])').nth(1).waitFor();
  await decoded(look);
};

/** Resolves when the end of the list, which it scrolls to, shows the same. */
const endShown = async (look: Look): Promise<void> => {
  const { page } = look;
  await page.locator('.desktop').last().scrollIntoViewIfNeeded();
  await page.locator('.desktop').last().locator('.viewers li').waitFor();
  // Where the window is small, lab-7 is out of sight, and has no picture.
  await page.waitForFunction(`(() => {
    const card = document.querySelectorAll('.desktop')[6];
    return card.getBoundingClientRect().bottom <= 0 || !card.querySelector('.screen img').hidden;
  })()`);
  await decoded(look);
};

const decoded = async ({ page }: Look): Promise<void> => {
  await page.evaluate(
    `Promise.all([...document.querySelectorAll('.screen img:not([hidden])')].map((img) => img.decode()))`,
  );
};

const actions = async (look: Look): Promise<void> => {
  await shown(look);
  await look.page.getByRole('button', { name: 'Actions: lab-1', exact: true }).press('Enter');
};

/** Has the fleet refuse the page of a desktop that it showed before. */
const refused =
  (status: number, headers: Readonly<Record<string, string>>) =>
  async ({ pages, viewer }: Look): Promise<void> => {
    pages.refuseHeaders = headers;
    pages.hasFiles = true;
    pages.refuseWith = status;
    viewer!.socket.terminate();
  };

export const FLEET_STATES: readonly LookState[] = [
  {
    ...{ name: 'list-login', begins: 'in the list', path: 'fleet.html', answers: LOGGED_OUT },
    enter: ({ page }) => page.locator('#login').waitFor(),
  },
  { name: 'list-empty', ...list, answers: answersOf([], true), says: 'no desktop yet' },
  { name: 'list-none', ...list, answers: answersOf([], false), says: 'may see' },
  { name: 'list', ...list, enter: shown, says: 'lab-10' },
  { name: 'list-actions', ...list, enter: actions, says: 'Restart' },
  {
    name: 'list-refused',
    ...list,
    enter: async (look) => {
      await actions(look);
      await look.page.getByRole('button', { name: 'Pause: lab-1', exact: true }).press('Enter');
      await look.page.locator('.message').filter({ hasText: 'at the moment' }).waitFor();
    },
    says: 'at the moment',
  },
  {
    name: 'list-states',
    ...list,
    enter: async (look) => {
      await shown(look);
      await endShown(look);
    },
  },
  {
    ...{ name: 'list-away', begins: 'in the list', path: 'fleet.html', answers: new Map() },
    says: 'not running',
  },
  {
    name: 'list-new',
    ...list,
    enter: async (look) => {
      await shown(look);
      await look.page.getByRole('button', { name: 'New desktop' }).press('Enter');
      await look.page.getByLabel('Name', { exact: true }).fill('lab-11');
      await look.page.getByLabel('Template', { exact: true }).selectOption('class');
      await look.page.getByLabel('Name', { exact: true }).press('Enter');
      await look.page.locator('.refusal').filter({ hasText: 'at a time' }).waitFor();
    },
  },
  {
    name: 'list-remove',
    ...list,
    enter: async (look) => {
      await actions(look);
      await look.page.getByRole('button', { name: 'Remove: lab-1', exact: true }).press('Enter');
      await look.page.locator('dialog').waitFor();
    },
  },
  {
    name: 'fleet-paused',
    path: 'd/lab-1/',
    enter: refused(503, {
      ...{ 'deskwire-code': 'FLEET_DESKTOP_NOT_RUNNING', 'retry-after': '3' },
      ...{ 'deskwire-state': 'paused', 'deskwire-since': SINCE },
      'deskwire-reason': encodeURIComponent('The desktop is paused. It had no viewer for 600 s.'),
    }),
    says: 'paused',
  },
  {
    name: 'fleet-removed',
    path: 'd/lab-1/',
    enter: refused(404, {
      ...{ 'deskwire-code': 'FLEET_NO_SUCH_DESKTOP' },
      'deskwire-reason': encodeURIComponent('The desktop is being removed.'),
    }),
    says: 'was removed',
  },
  {
    name: 'fleet-bar',
    path: 'd/lab-1/',
    enter: ({ page }) => page.keyboard.press('Control+Alt+Shift+M'),
  },
];
