import type { Browser, Page } from 'playwright-core';
import { readScreen, type ScriptedPage } from '../client/browser.ts';
import type { PictureBytes } from '../support/compare-pictures.ts';
import type { RunningDeskwire } from '../support/start-deskwire.ts';
import { readScreen as readX } from '../support/xwd.ts';

export interface OpenOptions {
  /** Default: the owner. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Default: the desktop's size, so that a pixel of the page is one of the desktop. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Default: the browser's. */
  readonly language?: string;
}

/** Opens the page of a real server in a new browser, logged in. Resolves when it shows the desktop. */
export async function openPage(
  browser: Browser,
  server: Pick<RunningDeskwire, 'url' | 'owner' | 'size'>,
  { user = server.owner, viewport = server.size, language }: OpenOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    httpCredentials: { username: user.name, password: user.password },
    ignoreHTTPSErrors: true,
    viewport: { ...viewport },
    ...(language && { locale: language }),
  });
  const page = await context.newPage();
  await page.goto(server.url);
  await showsDesktop(page);
  return page;
}

/** Resolves when no card covers the picture. */
export async function showsDesktop(page: Page): Promise<void> {
  // A page without the card, such as that of a server without a built page, would pass for one that shows the desktop.
  await page.locator('#screen').waitFor({ state: 'attached' });
  await page.locator('#overlay').waitFor({ state: 'hidden' });
}

/** Resolves when the card over the picture shows matching text. */
export const says = (page: Page, text: RegExp): Promise<void> =>
  page.locator('#overlay').filter({ hasText: text }).waitFor();

/** Returns what the page's canvas shows. */
export async function pictureOf(page: ScriptedPage): Promise<PictureBytes> {
  const { width, height, rgba } = await readScreen(page);
  return { width, height, bytes: rgba, order: 'rgbx' };
}

/** Returns what X shows, read from X itself. */
export async function pictureInX(server: RunningDeskwire): Promise<PictureBytes> {
  const { width, height, pixels } = await readX(server.display, server.xEnvironment());
  return { width, height, bytes: pixels, order: 'bgrx' };
}
