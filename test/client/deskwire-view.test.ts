// The element with which other pages show a desktop.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { ENCODING_TIGHT } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import { cutText, updateHeader } from '../../src/protocol/server-messages.ts';
import { tightFill } from '../../src/protocol/tight.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

const SIZE = { width: 64, height: 48 };

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewers: PageViewer[];

before(async () => {
  [browser, pages] = await Promise.all([launchChromium(), PageServer.start({ ...SIZE, name: 'Embedded' })]);
  page = await browser.newPage({ viewport: { width: 800, height: 600 } });
  // A page of the server's own origin that is not the server's page.
  await page.goto(`${pages.url}empty.html`);
  await page.evaluate(`(async () => {
    document.body.innerHTML = '';
    window.told = [];
    for (const [i, scale] of ['fit', 'actual'].entries()) {
      const view = document.createElement('deskwire-view');
      view.id = 'v' + i;
      view.setAttribute('src', '/');
      view.setAttribute('scale', scale);
      view.style.cssText = 'width: 300px; height: 300px';
      for (const type of ['connected', 'disconnected', 'resized', 'clipboard', 'rights'])
        view.addEventListener(type, ({ detail }) => told.push([view.id, type, detail]));
      document.body.append(view);
    }
    await import('/view.js');
  })()`);
  viewers = [await pages.nextViewer(), await pages.nextViewer()];
  for (const viewer of viewers) {
    await viewer.show(
      updateHeader(1),
      rectHeader(0, 0, SIZE.width, SIZE.height, ENCODING_TIGHT),
      tightFill(Uint8Array.of(200, 30, 30)),
    );
  }
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

const told = () => page.evaluate<[string, string, Record<string, unknown>][]>('told');

test('each element tells that its desktop is shown, with its name and size', async () => {
  for (const id of ['v0', 'v1']) {
    await waitFor(`${id}`, async () =>
      (await told()).some(([from, type]) => from === id && type === 'connected'),
    );
    const events = (await told()).filter(([from]) => from === id);
    assert.deepEqual(events.find(([, type]) => type === 'connected')![2], { name: 'Embedded' });
    assert.deepEqual(events.find(([, type]) => type === 'resized')![2], SIZE);
  }
});

test('an element shows the desktop fitted into itself, or pixel by pixel', async () => {
  const widths = `[...document.querySelectorAll('deskwire-view')].map(
    (view) => view.shadowRoot.querySelector('canvas').getBoundingClientRect().width)`;
  assert.deepEqual(await page.evaluate(widths), [300, SIZE.width]);
});

test('clicks, keys and pastes go to the desktop of their element alone', async () => {
  for (const viewer of viewers) viewer.received.length = 0;
  const [, second] = await page.$$('deskwire-view');
  await second!.click();
  await page.keyboard.type('a');
  await page.evaluate(`document.querySelector('#v1').paste('pasted')`);
  await page.evaluate(`document.querySelector('#v1').sendKeys({ key: 'F5', code: 'F5', location: 0 })`);
  const [mine, other] = [1, 0].map((i) => viewers.find((_, at) => at === i)!);
  const both = await Promise.all(
    [mine!, other!].map(async (viewer) => {
      await viewer.roundTrip();
      return viewer
        .of('key')
        .filter(({ down }) => down)
        .map(({ keysym }) => keysym);
    }),
  );
  assert.deepEqual(
    both.find((keys) => keys.length > 0),
    [0x61, 0xffc2],
  );
  assert.equal(both.filter((keys) => keys.length > 0).length, 1);
  const pasted = viewers.flatMap((viewer) => viewer.of('clientCutText').map(({ text }) => text));
  assert.deepEqual(pasted, ['pasted']);
});

test('what the desktop copies is told', async () => {
  viewers[0]!.send(cutText('copied'));
  await waitFor('the copy', async () =>
    (await told()).some(([, type, detail]) => type === 'clipboard' && detail.text === 'copied'),
  );
});

test('an element asks for a size with a scale, or without one', async () => {
  for (const viewer of viewers) viewer.received.length = 0;
  await page.evaluate(`document.querySelector('#v1').resize(640, 480)`);
  await page.evaluate(`document.querySelector('#v1').resize(640, 480, 200)`);
  await waitFor('the requests', () => viewers.some((viewer) => viewer.count('setDesktopSize') === 2));
  const asked = viewers.flatMap((viewer) => viewer.of('setDesktopSize'));
  assert.deepEqual(
    asked.map(({ width, height, screens }) => [width, height, screens[0]!.flags]),
    [
      [640, 480, 0],
      [640, 480, 200],
    ],
  );
});

test('an element measures its connection once something listens, and only then', async () => {
  // A server that sends fences answers them.
  for (const viewer of viewers) await viewer.roundTrip();
  await page.evaluate(`document.querySelector('#v0').addEventListener('stats', ({ detail, target }) =>
    told.push([target.id, 'stats', detail]))`);
  const isMeasured = ([id, type, detail]: [string, string, Record<string, unknown>]): boolean =>
    id === 'v0' && type === 'stats' && (detail.latencyMs as number) >= 0;
  await waitFor('the latency', async () => (await told()).some(isMeasured));
  const all = (await told()).filter(([, type]) => type === 'stats');
  for (const [id, , detail] of all) {
    assert.equal(id, 'v0');
    const { framesPerSecond, bytesPerSecond, renderMs } = detail as Record<string, number>;
    assert.ok(framesPerSecond! >= 0 && bytesPerSecond! >= 0 && renderMs! >= 0, JSON.stringify(detail));
  }
  const bytes = all.at(-1)![2].bytesPerSecond as number;
  // A question of 10 bytes, its answer, and nothing else.
  assert.ok(bytes < 1000, `${bytes} bytes a second`);
});

test('an element that leaves the document ends its connection, and no other', async () => {
  const isOpen = () => viewers.map(({ socket }) => socket.readyState === socket.OPEN);
  await page.evaluate(`document.querySelector('#v0').remove()`);
  await waitFor('the end of one connection', () => isOpen().filter(Boolean).length === 1);
  await page.evaluate(`document.querySelector('#v1').setAttribute('src', '/other/')`);
  await waitFor('the end of the other', () => isOpen().filter(Boolean).length === 0);
});
