import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { buildClient } from '../../scripts/build-client.ts';
import { ADA, ContractServer, type Login } from '../api/contract-server.ts';
import { launchChromium } from '../client/browser.ts';
import { openPage } from './open-page.ts';

/** A viewport in which a panel fits beside the toolbar. */
const VIEWPORT = { width: 900, height: 700 };

/** A server with real accounts and HTTPS on a synthetic desktop, which serves the built page, and a browser. */
export class PageDesk {
  readonly server: ContractServer;
  readonly browser: Browser;
  readonly #folder: string;

  private constructor(server: ContractServer, browser: Browser, folder: string) {
    this.server = server;
    this.browser = browser;
    this.#folder = folder;
  }

  static async start(): Promise<PageDesk> {
    const folder = await mkdtemp(join(tmpdir(), 'deskwire-built-page-'));
    await buildClient(folder);
    const [server, browser] = await Promise.all([
      ContractServer.start({ pageFolder: folder }),
      launchChromium(),
    ]);
    return new PageDesk(server, browser, folder);
  }

  /** Opens the page of a user, by default of an owner. */
  open(
    user: Login = ADA,
    options: {
      readonly language?: string;
      readonly viewport?: { readonly width: number; readonly height: number };
    } = {},
  ): Promise<Page> {
    const place = { url: this.server.url, owner: ADA, size: VIEWPORT };
    return openPage(this.browser, place, { user, ...options });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Opens a panel of the toolbar by its button. */
export async function openPanel(page: Page, id: string): Promise<void> {
  // Also if it is open: it would close by itself in a moment.
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.locator(`#${id}`).click();
  await page.locator('.panel').waitFor();
}

/** Closes the panel and the toolbar. */
export async function closePanel(page: Page): Promise<void> {
  await page.locator('.panel').getByRole('button', { name: 'Close', exact: true }).click();
  await page.locator('.panel').waitFor({ state: 'detached' });
}
