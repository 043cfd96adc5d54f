// The form for name and password, with a server whose answers the tests choose.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from './browser.ts';
import { PageServer } from './page-server.ts';

let browser: Browser;
let pages: PageServer;
let page: Page;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 100, height: 80, name: 'Desk' }),
  ]);
});

beforeEach(() => {
  pages.refuseWith = undefined;
  pages.needsLogin = true;
  pages.refuseLogin = undefined;
  pages.logins.length = 0;
});

afterEach(async () => {
  await page?.context().close();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

async function open(options: BrowserContextOptions = {}, path = ''): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 900, height: 600 }, ...options });
  page = await context.newPage();
  await page.goto(`${pages.url}${path}`);
}

const message = (text: RegExp) => page.locator('#message').filter({ hasText: text }).waitFor();
const card = (text: RegExp) => page.locator('#overlay').filter({ hasText: text }).waitFor();

async function send(name = 'ada', password = 'secret'): Promise<void> {
  await page.fill('#user', name);
  await page.fill('#password', password);
  await page.click('#submit');
}

async function showsDesktop(): Promise<void> {
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  await page.locator('#overlay').waitFor({ state: 'hidden' });
}

test('the form is used by keyboard alone, and its fields tell password managers what they are', async () => {
  await open();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const form = page.getByRole('form', { name: 'Sign in' });
  const name = form.getByLabel('Name');
  const password = form.getByLabel('Password');
  assert.equal(await name.getAttribute('autocomplete'), 'username');
  assert.equal(await password.getAttribute('autocomplete'), 'current-password');
  assert.equal(await password.getAttribute('type'), 'password');
  assert.equal(await page.evaluate('document.activeElement.id'), 'user');
  assert.equal(await page.locator('#bar').isVisible(), false, 'the toolbar covers nothing');
  await page.keyboard.type('jürgen');
  await page.keyboard.press('Tab');
  await page.keyboard.type('pässwört:1');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  assert.equal(await form.getByLabel(/Stay signed in/).isChecked(), true);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await showsDesktop();
  assert.equal(await page.locator('#bar').isVisible(), true);
  assert.deepEqual(pages.logins, [
    {
      method: 'POST',
      url: '/session?stay=',
      authorization: `Basic ${Buffer.from('jürgen:pässwört:1').toString('base64')}`,
    },
  ]);
  // Its end tells a password manager that the login has worked.
  assert.equal(await page.locator('#password').count(), 0);
});

test('a wrong password keeps the name, and selects the password for the next try', async () => {
  await open();
  pages.refuseLogin = { status: 401, code: 'HTTP_LOGIN_NEEDED' };
  await send();
  await message(/The name or the password is wrong\./);
  assert.equal(await page.getByRole('alert').textContent(), 'The name or the password is wrong.');
  assert.equal(await page.inputValue('#user'), 'ada');
  assert.equal(await page.evaluate('document.activeElement.id'), 'password');
  pages.refuseLogin = undefined;
  await page.keyboard.type('right');
  await page.keyboard.press('Enter');
  await showsDesktop();
  assert.match(pages.logins[1]!.authorization, new RegExp(Buffer.from('ada:right').toString('base64')));
});

test('a user who has to wait sees for how long, second by second, and when the wait is over', async () => {
  await open();
  await page.locator('#message').waitFor({ state: 'attached' });
  pages.refuseLogin = { status: 401, code: 'HTTP_TOO_MANY_LOGINS', retryAfterS: 3 };
  await page.evaluate(`(() => {
    window.said = [];
    const message = document.querySelector('#message');
    new MutationObserver(() => said.push(message.textContent)).observe(message, { childList: true });
  })()`);
  await send();
  await message(/You can try again now\./);
  const said = (await page.evaluate<string[]>('said')).filter((sentence) => sentence !== '');
  assert.equal(said[0], 'Too many wrong passwords. You can try again in 3 s.');
  // A busy machine may leave one out.
  const seconds = said.slice(0, -1).map((sentence) => Number(/in (\d) s\.$/.exec(sentence)?.[1]));
  assert.ok(seconds.length > 1, said.join());
  assert.deepEqual(
    seconds,
    [...new Set(seconds)].sort((a, b) => b - a),
  );
});

test('each other refusal of a login says what is wrong and what to do', async () => {
  await open();
  for (const [refusal, text] of [
    [{ status: 403, code: 'HTTP_NO_READ' }, /Ask the owner of the desktop for the right to read/],
    [{ status: 503, code: 'HTTP_LOGIN_TIMED_OUT' }, /The server is busy\. Try again in a moment\./],
    [
      { status: 403, code: 'HTTP_FOREIGN_PAGE', detail: 'The page is of https://a.example.' },
      /whoever runs the server.*The page is of https:\/\/a\.example\./,
    ],
  ] as const) {
    pages.refuseLogin = refusal;
    await send();
    await message(text);
  }
  pages.refuseLogin = undefined;
  await pages.vanish();
  await send();
  await message(/The network is down, or the server is not running\./);
  await pages.listen();
  await send();
  await showsDesktop();
});

test('a link with a ticket opens the desktop without the form, and one that is used up says so in the form', async () => {
  await open({}, 'login.html?scale=actual#ticket=dwk_abc');
  await showsDesktop();
  assert.equal(page.url(), `${pages.url}?scale=actual`);
  assert.deepEqual(pages.logins, [{ method: 'POST', url: '/session', authorization: 'Bearer dwk_abc' }]);
  await page.context().close();

  pages.needsLogin = true;
  pages.refuseLogin = { status: 401, code: 'HTTP_TICKET_INVALID' };
  await open({}, '#ticket=dwk_abc');
  await message(/This link is no longer valid\. Ask for a new one, or sign in/);
  assert.equal(page.url(), pages.url);
});

test('a page whose user is not let in can be used by somebody else', async () => {
  pages.needsLogin = false;
  await open();
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  pages.refuseWith = 403;
  viewer.socket.terminate();
  await card(/No access to this desktop/);
  pages.refuseWith = undefined;
  await page.getByRole('button', { name: 'Sign in as someone else' }).click();
  await send('bob');
  await showsDesktop();
});

test('the form fits into 320 pixels and a low window, in dark and light, and speaks the browser’s language', async () => {
  for (const [locale, colorScheme, title, label] of [
    ['de-DE', 'dark', 'Anmelden', 'Passwort'],
    ['ja-JP', 'light', 'ログイン', 'パスワード'],
  ] as const) {
    await open({ locale, colorScheme, viewport: { width: 320, height: 300 } });
    await page.getByRole('heading', { name: title }).waitFor();
    await page.getByLabel(label).waitFor();
    pages.refuseLogin = { status: 401, code: 'HTTP_LOGIN_NEEDED' };
    await send();
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    const overflow = await page.evaluate<number>(
      `(() => {
        const overlay = document.querySelector('#overlay');
        document.querySelector('#submit').scrollIntoView();
        const { bottom, right } = document.querySelector('#submit').getBoundingClientRect();
        return Math.max(overlay.scrollWidth - innerWidth, bottom - innerHeight, right - innerWidth);
      })()`,
    );
    assert.ok(overflow <= 0, `${overflow} px`);
    await page.context().close();
  }
});

test('logging out leads to the form, which stays after a reload and does not use what the browser remembers', async () => {
  await open();
  await send();
  await showsDesktop();
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.getByRole('button', { name: 'Sign out (ada)' }).click();
  await card(/You are signed out/);
  await card(/You have signed out\. Programs on the desktop keep running\./);
  assert.equal(await page.locator('canvas').isVisible(), false);
  assert.equal(pages.logins.at(-1)?.method, 'DELETE');
  // As if the browser had a password of its own.
  pages.needsLogin = false;
  await page.reload();
  await page.locator('#user').waitFor();
  await send();
  await showsDesktop();
  await page.reload();
  await showsDesktop();
});
