// The page for people who use only the keyboard, other colours, little motion, large letters or a small window.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { Look, launchForLooks, startForLooks, type Variant } from '../looks/open-look.ts';
import { STATES } from '../looks/states.ts';
import type { PageServer } from './page-server.ts';

const CHORD = 'Control+Alt+Shift+M';
const CONNECTED = STATES.find(({ name }) => name === 'connected')!;

let browser: Browser;
let pages: PageServer;

before(async () => {
  [browser, pages] = await Promise.all([launchForLooks(), startForLooks()]);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Name of the element that has the focus, within frames and shadow trees. */
const focused = (page: Page): Promise<string> =>
  page.evaluate<string>(`(() => {
    let element = document.activeElement;
    for (let next = element; next; ) {
      element = next;
      next = element.shadowRoot?.activeElement ?? (element.contentDocument?.activeElement || undefined);
    }
    return element.id || element.tagName.toLowerCase();
  })()`);

test('the chord leads out of the desktop into the toolbar, and from there Tab reaches each of its buttons', async () => {
  const look = await Look.open(browser, pages, CONNECTED);
  const { page } = look;
  assert.equal(await focused(page), 'keys');
  // Tab belongs to the desktop.
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'keys');
  await page.keyboard.press(CHORD);
  const buttons = await page.evaluate<string[]>(
    `[...document.querySelectorAll('.bar-panel button')].filter((b) => b.checkVisibility()).map((b) => b.id)`,
  );
  assert.ok(buttons.length > 5);
  for (const button of buttons) {
    assert.equal(await focused(page), button);
    await page.keyboard.press('Tab');
  }
  assert.equal(await focused(page), 'handle');
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), 'keys');
  await look.close();
});

test('from a desktop in a frame, the chord and Tab lead on to what follows the frame', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const body = '<button id="before">1</button><iframe src="/"></iframe><button id="behind">2</button>';
  await page.route('**/outer', (route) => route.fulfill({ contentType: 'text/html', body }));
  await page.goto(`${pages.url}outer`);
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  const frame = page.frameLocator('iframe');
  await frame.locator('#overlay').waitFor({ state: 'hidden' });
  await frame.locator('#screen').click({ position: { x: 20, y: 60 } });
  assert.equal(await focused(page), 'keys');
  await page.keyboard.press(CHORD);
  for (let i = 0; i < 20 && (await focused(page)) !== 'behind'; i++) await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'behind');
  await context.close();
});

test('from the element, the chord and Tab lead on to what follows it', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${pages.url}empty.html`);
  await page.evaluate(`(async () => {
    document.body.innerHTML = '<deskwire-view src="/"></deskwire-view><button id="behind">2</button>';
    document.querySelector('deskwire-view').style.height = '300px';
    await import('/view.js');
  })()`);
  const viewer = await pages.nextViewer();
  await viewer.showDesktop();
  await page.click('deskwire-view');
  assert.equal(await focused(page), 'keys');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'keys');
  await page.keyboard.press(CHORD);
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'behind');
  await context.close();
});

test('the toolbar moves along the edges by arrow keys on its handle, and stays there after a reload', async () => {
  const look = await Look.open(browser, pages, CONNECTED);
  const { page } = look;
  await page.locator('#handle').focus();
  for (let i = 0; i < 9; i++) await page.keyboard.press('ArrowLeft');
  assert.equal(await page.locator('#bar').getAttribute('data-edge'), 'left');
  assert.equal(await focused(page), 'handle');
  await page.reload();
  assert.equal(await page.locator('#bar').getAttribute('data-edge'), 'left');
  await look.close();
});

/** Windows that are small: a phone of 320 px, and one of 1280x720 after the user has chosen 400 %. */
const SMALL: readonly Variant[] = [
  { name: '320 px wide', colours: 'light', width: 320, height: 568, ratio: 1 },
  { name: '1280x720 at 400 %', colours: 'light', width: 320, height: 180, ratio: 4 },
  { name: '800x560 at 200 %', colours: 'light', width: 400, height: 280, ratio: 2 },
];

/** Lists controls that are not in the window, and cannot be scrolled to. */
const OUTSIDE = `(() => {
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
  const lost = [];
  for (const element of document.querySelectorAll('button, input, textarea:not(#keys), summary')) {
    if (!isSeen(element)) continue;
    element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const box = element.getBoundingClientRect();
    const isInside = box.left >= -1 && box.top >= -1 && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
    // A text field that is higher than the window is seen in parts.
    const isHigh = box.height > innerHeight / 2;
    if (!isInside && !isHigh) lost.push((element.id || element.textContent || element.type) + JSON.stringify(box));
  }
  return lost;
})()`;

for (const state of STATES) {
  test(`in a small or enlarged window, every control can be reached in the state: ${state.name}`, async () => {
    const look = await Look.open(browser, pages, state);
    try {
      for (const variant of SMALL) {
        await look.show(variant);
        assert.deepEqual(await look.page.evaluate(OUTSIDE), [], variant.name);
        const widths = '[document.scrollingElement.scrollWidth, innerWidth]';
        const [content, window] = await look.page.evaluate<[number, number]>(widths);
        assert.ok(content! <= window!, `${variant.name}: ${content} px in ${window}`);
      }
    } finally {
      await look.close();
    }
  });
}
