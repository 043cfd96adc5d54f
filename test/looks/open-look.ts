import type { Browser, CDPSession, Page } from 'playwright-core';
import * as server from '../../src/protocol/server-messages.ts';
import { encodeUtf8 } from '../../src/protocol/text.ts';
import { launchChromium } from '../client/browser.ts';
import { type CallAnswer, PageServer, type PageViewer } from '../client/page-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { OWNER_ANSWERS } from './owner-answers.ts';

/** A state of the page, by the name that its pictures have. */
export interface LookState {
  readonly name: string;
  /** How far the page comes first. Default: it shows the desktop. */
  readonly begins?: 'logged out' | 'without a picture' | 'with the desktop' | 'in the list';
  /** What the API answers. Default: nothing. */
  readonly answers?: ReadonlyMap<string, CallAnswer>;
  /** Path of the page. Default: that of a desktop without a fleet. */
  readonly path?: string;
  /** What the browser keeps from an earlier visit, by its name. */
  readonly preferences?: Readonly<Record<string, string>>;
  /** Brings the page into the state. */
  readonly enter?: (look: Look) => Promise<unknown>;
  /** What the card in the middle says then. */
  readonly says?: string;
}

/** The desktop of all states, as large as the window of the first variant. */
const DESKTOP = { width: 800, height: 560, name: 'Office of Ada' };

/** A window in which a state is looked at. */
export interface Variant {
  readonly name: string;
  readonly colours: 'light' | 'dark';
  /** Size in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Device pixels per CSS pixel. */
  readonly ratio: number;
  /** Whether the system's few colours replace those of the page, for users who need high contrast. */
  readonly forcedColours?: boolean;
}

export const VARIANTS: readonly Variant[] = [
  { name: 'light', colours: 'light', width: 800, height: 560, ratio: 1 },
  { name: 'dark', colours: 'dark', width: 800, height: 560, ratio: 1 },
  { name: 'forced', colours: 'dark', width: 800, height: 560, ratio: 1, forcedColours: true },
  { name: 'narrow', colours: 'light', width: 320, height: 568, ratio: 1 },
  // A window of 800x560 after the user has chosen 200 %.
  { name: 'zoomed', colours: 'light', width: 400, height: 280, ratio: 2 },
];

/**
 * A font that setup installs, whatever fonts the machine has besides. Nothing moves and nothing blinks: a picture is of a
 * moment. Shadows, which are most of a picture's bytes and differ from browser to browser, are left out. So are
 * the columns of the chart of statistics, which move with the time since their frames.
 */
const STILL = `:root { font-family: "DejaVu Sans" !important }
  * { animation: none !important; transition: none !important; caret-color: transparent !important;
    box-shadow: none !important }
  .chart-plot rect { visibility: hidden !important }`;

/** Fonts are drawn without hints and in shades of grey, so that the machine's settings for them do not matter. */
export const launchForLooks = (): Promise<Browser> =>
  launchChromium(['--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb']);

export const startForLooks = (): Promise<PageServer> => PageServer.start(DESKTOP);

/** A page in one of its states. */
export class Look {
  readonly page: Page;
  readonly pages: PageServer;
  readonly #devTools: CDPSession;
  /** Undefined for a page that is not connected. */
  viewer: PageViewer | undefined;

  private constructor(page: Page, pages: PageServer, devTools: CDPSession) {
    this.page = page;
    this.pages = pages;
    this.#devTools = devTools;
  }

  /** Opens a page and brings it into a state. */
  static async open(browser: Browser, pages: PageServer, state: LookState): Promise<Look> {
    const context = await browser.newContext({
      ...{ viewport: null, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' },
    });
    const page = await context.newPage();
    const look = new Look(page, pages, await context.newCDPSession(page));
    try {
      await look.#begin(state);
      return look;
    } catch (error) {
      await look.close();
      throw error;
    }
  }

  async #begin(state: LookState): Promise<void> {
    const { begins = 'with the desktop', preferences = {}, enter, says = '' } = state;
    const { page, pages } = this;
    const kept = Object.entries(preferences).map(([name, value]) => [`deskwire / ${name}`, value]);
    await page.addInitScript(`
      for (const [name, value] of ${JSON.stringify(kept)}) localStorage.setItem(name, value);
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(${JSON.stringify(STILL)});
      document.adoptedStyleSheets = [sheet];
    `);
    await this.show(VARIANTS[0]!);
    pages.needsLogin = begins === 'logged out';
    if (state.answers) pages.answers = state.answers;
    await page.goto(new URL(state.path ?? '', pages.url).href);
    const isList = begins === 'in the list';
    if (begins !== 'logged out' && !isList) this.viewer = await pages.nextViewer();
    if (begins === 'with the desktop') {
      await this.viewer!.showDesktop();
      await page.locator('#overlay').waitFor({ state: 'hidden' });
    }
    // It is loaded behind the first picture, or behind the card that says that the page connects.
    if (!isList) await page.locator('#bar').waitFor({ state: 'attached' });
    if (begins === 'with the desktop') {
      // Closes the toolbar, which else does so by itself some time later.
      await page.keyboard.press('Control+Alt+Shift+M');
      await page.keyboard.press('Escape');
    }
    await enter?.(this);
    // A page that waits for the server tries again and again. It is stopped while it waits.
    await waitFor(`a page that says: ${says}`, () =>
      page.evaluate<boolean>(`(() => {
        const last = setTimeout(() => {}, 0);
        for (let id = 1; id <= last; id++) clearTimeout(id);
        return (document.querySelector('#overlay') ?? document.querySelector('main')).textContent.includes(${JSON.stringify(says)});
      })()`),
    );
  }

  /** Shows the state in another window. */
  async show({ colours, width, height, ratio, forcedColours = false }: Variant): Promise<void> {
    await this.page.emulateMedia({
      colorScheme: colours,
      forcedColors: forcedColours ? 'active' : 'none',
    });
    const metrics = { width, height, deviceScaleFactor: ratio, mobile: false };
    await this.#devTools.send('Emulation.setDeviceMetricsOverride', metrics);
    await this.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
  }

  /** The window's pixels, as a PNG. */
  async picture(): Promise<Buffer> {
    // A countdown has another text each second. With the system's colours, a caret has one of those, and blinks.
    await this.page.evaluate(`
      document.querySelector('#overlay-countdown')?.style.setProperty('visibility', 'hidden');
      for (const field of document.querySelectorAll('input, textarea')) field.readOnly = true;
    `);
    const { data } = await this.#devTools.send('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }

  /** Tells the page the rights of its user. */
  async rights(read: boolean, write: boolean, owner = false): Promise<void> {
    this.viewer!.send(server.rights({ read, write, owner }));
    await this.viewer!.roundTrip();
  }

  /** Makes the page's user an owner, whose calls the server answers. */
  async owner(): Promise<void> {
    this.pages.answers = OWNER_ANSWERS;
    await this.rights(true, true, true);
  }

  /** Answers the page's next question about its own connection. */
  async measured(): Promise<void> {
    const viewer = this.viewer!;
    await viewer.until('the questions', () => viewer.count('networkStats') > 0);
    viewer.send(server.bottleneckStats('[ 8.8, 9.4, 3.2, 6.1 ]'), server.networkStats('[ 0, 210 ]'));
    await viewer.roundTrip();
  }

  /** Gives the desktop another name. */
  named(name: string): Promise<void> {
    return this.viewer!.show(server.updateHeader(1), server.desktopNameRect(name));
  }

  /** Tells the page that its user may resize the desktop. */
  async resizable(): Promise<void> {
    const { width, height } = DESKTOP;
    const screens = [{ id: 1, x: 0, y: 0, width, height, flags: 0 }];
    await this.viewer!.show(
      server.updateHeader(1),
      server.extendedDesktopSizeRect(0, 0, width, height, screens),
    );
  }

  /** Has the desktop copy a text. */
  async copied(text: string): Promise<void> {
    this.viewer!.send(server.binaryClipboard([{ id: 1, mime: 'text/plain', data: encodeUtf8(text) }]));
    await this.viewer!.roundTrip();
  }

  async close(): Promise<void> {
    this.pages.refuseWith = undefined;
    this.pages.refuseHeaders = {};
    this.pages.hasFiles = false;
    this.pages.refuseLogin = undefined;
    this.pages.needsLogin = false;
    this.pages.answers = new Map();
    await this.page.context().close();
  }
}
