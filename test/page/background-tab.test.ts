// A tab in the background beside a film, on a real desktop.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { HIDDEN_PAGE, setHidden } from '../client/page-visibility.ts';
import { x } from '../desktop/support.ts';
import { least, withSlack } from '../support/limits.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { showsDesktop } from './open-page.ts';

/** Longest time from the tab's return to the picture of now, in ms. */
const BACK_WITHIN_MS = 300;
/** Updates that another viewer gets while the tab is in the background. */
const UPDATES_MEANWHILE = 15;

let server: RunningDeskwire;
let browser: Browser;
let page: Page;
let other: Viewer;

/** Counts WebSocket messages with more than a few bytes, which only updates have, and pictures that are decoded. */
const COUNT = `(() => {
  globalThis.costs = { updates: 0, decoded: 0 };
  const Real = globalThis.WebSocket;
  globalThis.WebSocket = class extends Real {
    constructor(...options) {
      super(...options);
      this.addEventListener('message', ({ data }) => { if (data.byteLength > 100) costs.updates++; });
    }
  };
  for (const name of ['createImageBitmap', 'ImageDecoder']) {
    const real = globalThis[name];
    globalThis[name] = new Proxy(real, {
      apply(target, self, options) { costs.decoded++; return Reflect.apply(target, self, options); },
      construct(target, options) { costs.decoded++; return Reflect.construct(target, options); },
    });
  }
})()`;

before(async () => {
  [server, browser] = await Promise.all([
    startDeskwire({ flags: ['--size', '640x480', '--run', 'exec sleep 1000'] }),
    launchChromium(),
  ]);
  const context = await browser.newContext({
    httpCredentials: { username: server.owner.name, password: server.owner.password },
    ignoreHTTPSErrors: true,
    viewport: { ...server.size },
  });
  page = await context.newPage();
  await page.addInitScript(HIDDEN_PAGE);
  await page.addInitScript(COUNT);
  await page.goto(`${server.url}?login=basic`);
  await showsDesktop(page);
  const { url, ca, owner: user } = server;
  other = await Viewer.connectWebSocket({ url, ca, user });
});

after(async () => {
  await other?.close();
  await browser?.close();
  await server?.stop();
});

interface Costs {
  readonly updates: number;
  readonly decoded: number;
}
const costs = (): Promise<Costs> => page.evaluate('({ ...costs })');

/** Resolves when the other viewer has had so many updates more. */
async function othersUpdates(count: number): Promise<void> {
  let left = count;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onUpdate = (): void => {
    left--;
    if (left <= 0) resolve();
  };
  other.on('update', onUpdate);
  await promise;
  other.off('update', onUpdate);
}

test('a tab in the background beside a film is sent no frame, and decodes none', async () => {
  const film = await MovingPicture.start(server, 20, 'video');
  try {
    await waitFor('the film', async () => (await costs()).updates > 10);
    await setHidden(page, true);
    // Those on their way arrive before the other viewer has had as many.
    await othersUpdates(UPDATES_MEANWHILE);
    const before = await costs();
    await othersUpdates(UPDATES_MEANWHILE);
    assert.deepEqual(await costs(), before);
  } finally {
    await film.close();
    await setHidden(page, false);
  }
});

test('a tab that comes back shows the desktop of now in under 300 ms', () =>
  least(withSlack(BACK_WITHIN_MS), async (round) => {
    const level = 40 + 30 * round;
    await setHidden(page, true);
    await x(server.xEnvironment(), 'xsetroot', '-solid', `rgb:${level.toString(16)}/00/00`);
    await waitFor('the colour at the other viewer', () => other.framebuffer.pixels[2] === level);
    return page.evaluate<number>(`new Promise((resolve) => {
      const startMs = performance.now();
      const context = document.querySelector('#screen').getContext('2d');
      const look = () => {
        if (context.getImageData(0, 0, 1, 1).data[0] === ${level}) resolve(performance.now() - startMs);
        else requestAnimationFrame(look);
      };
      globalThis.isPageHidden = false;
      document.dispatchEvent(new Event('visibilitychange'));
      look();
    })`);
  }));
