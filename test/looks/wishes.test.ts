// What users have told their system: less motion, more contrast, colours of their own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { PageServer, type PageViewer } from '../client/page-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchForLooks } from './open-look.ts';

let browser: Browser;
let pages: PageServer;

before(async () => {
  [browser, pages] = await Promise.all([
    launchForLooks(),
    PageServer.start({ width: 800, height: 560, name: 'Wishes' }),
  ]);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

type Wishes = Parameters<Page['emulateMedia']>[0];

/** Opens the page for a user with these wishes. It does not show the desktop yet. */
async function open(wishes: Wishes): Promise<{ page: Page; viewer: PageViewer }> {
  const context = await browser.newContext({ viewport: { width: 800, height: 560 } });
  const page = await context.newPage();
  await page.emulateMedia(wishes);
  await page.goto(pages.url);
  return { page, viewer: await pages.nextViewer() };
}

/** What moves now, by what it is. */
const moving = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`document.getAnimations().map((animation) =>
    (animation.transitionProperty ?? animation.animationName) + ' of ' + animation.effect.target.className)`);

/** Brings the page through states that move for others. Resolves with what has moved in any of them. */
async function movedIn({ page, viewer }: { page: Page; viewer: PageViewer }): Promise<Set<string>> {
  const moved = new Set<string>();
  const look = async (): Promise<void> => {
    for (const what of await moving(page)) moved.add(what);
  };
  // The card that says that the page connects comes a moment later.
  await page.locator('.card').waitFor();
  await look();
  await viewer.showDesktop();
  await page.locator('#overlay').waitFor({ state: 'hidden' });
  await look();
  await page.keyboard.press('Control+Alt+Shift+M');
  await look();
  for (const id of ['keys-panel', 'picture-panel', 'help']) {
    await page.locator(`#${id}`).click();
    await page.locator('.panel').waitFor();
    await look();
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('Escape');
  await look();
  viewer.socket.terminate();
  await page.locator('#overlay').waitFor();
  await look();
  return moved;
}

test('for users who want less motion nothing in the page moves, and for others the wait for the server does', async () => {
  const calm = await open({ reducedMotion: 'reduce' });
  assert.deepEqual([...(await movedIn(calm))], []);
  await calm.page.context().close();
  const usual = await open({ reducedMotion: 'no-preference' });
  assert.ok((await movedIn(usual)).has('turn of mark'));
  await usual.page.context().close();
});

/** The pixels of an element. */
async function pixelsOf(page: Page, selector: string): Promise<PNG> {
  return PNG.sync.read(await page.locator(selector).first().screenshot());
}

/** Share of the pixels of two pictures that differ clearly. */
function difference(a: PNG, b: PNG): number {
  let count = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    const distance = Math.max(
      ...[0, 1, 2].map((channel) => Math.abs(a.data[at + channel]! - b.data[at + channel]!)),
    );
    if (distance > 64) count++;
  }
  return count / (a.data.length / 4);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`with ${colorScheme} colours of the system, what is pressed and what has the focus can be told from the rest`, async () => {
    const { page, viewer } = await open({ forcedColors: 'active', colorScheme, reducedMotion: 'reduce' });
    await viewer.showDesktop();
    await page.locator('#overlay').waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+Alt+Shift+M');
    await page.mouse.move(400, 500);
    const dot = await pixelsOf(page, '#dot');
    const tool = await pixelsOf(page, '#keys-panel');
    await page.locator('#keys-panel').click();
    await page.mouse.move(400, 500);
    assert.ok(difference(tool, await pixelsOf(page, '#keys-panel')) > 0.3, 'the button of an open panel');
    const held = '.key[aria-pressed]';
    const key = await pixelsOf(page, held);
    await page.locator(held).first().press('Enter');
    assert.ok(difference(key, await pixelsOf(page, held)) > 0.3, 'a key that is held');
    const closed = await pixelsOf(page, '.panel-head');
    await page.locator('.panel-head .tool').focus();
    assert.ok(difference(closed, await pixelsOf(page, '.panel-head')) > 0.001, 'a button with the focus');
    pages.refuseWith = 503;
    viewer.socket.terminate();
    await page.locator('#overlay').filter({ hasText: 'not available' }).waitFor();
    pages.refuseWith = undefined;
    assert.ok(difference(dot, await pixelsOf(page, '#dot')) > 0.3, 'the state of the connection');
    await page.context().close();
  });
}

test('with colours of the system, the toolbar’s handle is seen on a dark desktop and on a light one', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, viewer } = await open({ forcedColors: 'active', colorScheme, reducedMotion: 'reduce' });
    await viewer.showDesktop();
    await page.locator('#overlay').waitFor({ state: 'hidden' });
    await page.keyboard.press('Control+Alt+Shift+M');
    await page.keyboard.press('Escape');
    await page.mouse.move(400, 500);
    await waitFor('the closed toolbar', async () => {
      return (await page.locator('#bar').getAttribute('data-open')) === 'false';
    });
    for (const colour of ['#000', '#fff']) {
      await page.evaluate(`(() => {
        const canvas = document.querySelector('canvas');
        const context = canvas.getContext('2d');
        context.fillStyle = '${colour}';
        context.fillRect(0, 0, canvas.width, canvas.height);
      })()`);
      const { data } = await pixelsOf(page, '#handle');
      const ground = colour === '#000' ? 0 : 255;
      const seen = data.filter((shade, at) => at % 4 === 0 && Math.abs(shade - ground) > 96).length;
      assert.ok(seen > 40, `${seen} pixels of the handle are seen on ${colour} with ${colorScheme} colours`);
    }
    await page.context().close();
  }
});

test('with more contrast, lines and soft texts have the colour of the text', async () => {
  const { page } = await open({ contrast: 'more' });
  const [line, soft, text] = await page.evaluate<string[]>(`(() => {
    const probe = document.createElement('p');
    document.body.append(probe);
    return ['--line', '--text-soft', '--text'].map((name) => {
      probe.style.color = 'var(' + name + ')';
      return getComputedStyle(probe).color;
    });
  })()`);
  assert.deepEqual([line, soft], [text, text]);
  await page.context().close();
});
