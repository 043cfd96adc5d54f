import type { Browser, CDPSession, Page } from 'playwright-core';
import { ENCODING_TIGHT } from '../../src/protocol/constants.ts';
import { rectHeader } from '../../src/protocol/rect-header.ts';
import {
  cutText,
  extendedDesktopSizeRect,
  rights,
  updateHeader,
} from '../../src/protocol/server-messages.ts';
import { tightFill } from '../../src/protocol/tight.ts';
import { launchChromium } from '../../test/client/browser.ts';
import { PageServer, type PageViewer } from '../../test/client/page-server.ts';
import { OWNER_ANSWERS } from '../../test/looks/owner-answers.ts';

/** Sizes of the desktop and of the window, in turn. */
const SIZES = [
  { width: 640, height: 400 },
  { width: 800, height: 500 },
  { width: 1024, height: 640 },
] as const;

/** What the page holds after garbage was collected. */
export interface PageHeap {
  readonly heapBytes: number;
  /** Elements, texts and documents that exist, in the page or out of it. */
  readonly nodes: number;
  readonly listeners: number;
}

/**
 * A page in Chromium that an owner uses again and again: it loses its server, is resized, and has all its panels
 * opened.
 */
export class PageUse {
  readonly #browser: Browser;
  readonly #pages: PageServer;
  readonly #page: Page;
  readonly #devtools: CDPSession;
  #viewer: PageViewer;
  #cycle = 0;

  private constructor(
    browser: Browser,
    pages: PageServer,
    page: Page,
    devtools: CDPSession,
    viewer: PageViewer,
  ) {
    this.#browser = browser;
    this.#pages = pages;
    this.#page = page;
    this.#devtools = devtools;
    this.#viewer = viewer;
  }

  /** `answers` are those of the API, by method and path. */
  static async start(answers = OWNER_ANSWERS): Promise<PageUse> {
    const [browser, pages] = await Promise.all([
      launchChromium(),
      PageServer.start({ ...SIZES[0], name: 'Used for long' }),
    ]);
    try {
      pages.answers = answers;
      const page = await browser.newPage({ viewport: { ...SIZES[0] } });
      await page.goto(pages.url);
      const devtools = await page.context().newCDPSession(page);
      return new PageUse(browser, pages, page, devtools, await pages.nextViewer());
    } catch (error) {
      await Promise.all([browser.close(), pages.close()]);
      throw error;
    }
  }

  /** Does everything once. */
  async cycle(): Promise<void> {
    const viewer = this.#viewer;
    const size = SIZES[this.#cycle++ % SIZES.length]!;
    await viewer.showDesktop();
    viewer.send(rights({ read: true, write: true, owner: true }));
    await viewer.roundTrip();
    await this.#page.setViewportSize(size);
    const screens = [{ id: 0, x: 0, y: 0, ...size, flags: 0 }];
    await viewer.show(
      updateHeader(2),
      extendedDesktopSizeRect(0, 0, size.width, size.height, screens),
      rectHeader(0, 0, size.width, size.height, ENCODING_TIGHT),
      tightFill(Uint8Array.of(this.#cycle & 255, 60, 80)),
    );
    viewer.send(cutText(`copied ${this.#cycle}`));
    await this.#page.keyboard.type('text');
    await this.#page.mouse.click(size.width / 2, size.height / 2);
    await this.#page.mouse.wheel(0, 200);
    await this.#openPanels();
    await viewer.roundTrip();
    viewer.socket.terminate();
    // The page connects again at once when the network is back.
    await this.#page.locator('#overlay').waitFor();
    const next = this.#pages.nextViewer();
    await this.#reconnect(next);
    this.#viewer = await next;
  }

  async #openPanels(): Promise<void> {
    await this.#page.keyboard.press('Control+Alt+Shift+M');
    const buttons = this.#page.locator('#bar .tool[aria-expanded]:visible');
    for (let i = 0; i < (await buttons.count()); i++) {
      await buttons.nth(i).click();
      await this.#page.locator('.panel').waitFor();
      await this.#page.keyboard.press('Escape');
    }
    await this.#page.keyboard.press('Escape');
  }

  async #reconnect(next: Promise<PageViewer>): Promise<void> {
    let isHere = false;
    void next.then(() => {
      isHere = true;
    });
    // Before the page has seen the end, there is nothing to hurry.
    while (!isHere) await this.#page.evaluate(`window.dispatchEvent(new Event('online'))`);
  }

  /** Collects garbage, and returns what is left. */
  async measure(): Promise<PageHeap> {
    const devtools = this.#devtools;
    // Finalizers of the first collection free what the second one finds.
    for (let i = 0; i < 2; i++) await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters');
    return { heapBytes: usedSize, nodes, listeners: jsEventListeners };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#pages.close();
  }
}
